import DNNL
import Measuring
import Profiling
import Topology

/// Whether LSTMs are split into products and functions of their own.
struct SplitSearch {
  let settings: SearchSettings

  private var options: PlanOptions { settings.options }

  /// Whether an LSTM is split into products, of which a search lists what it did not choose.
  ///
  /// `epilogue` is that of oneDNN's primitive.
  func splits(
    _ recurrent: Topology.Recurrent, _ index: Int, _ type: DataType, _ epilogue: inout Epilogue
  ) throws(DNNLError) -> Bool {
    let flow = settings.flow
    guard recurrent.cell == .lstm, !flow.program.instructions[index].hasStates,
      options.recurrence != .primitive
    else { return false }
    if options.recurrence != .automatic { return true }
    let shape = SplitLSTM(recurrent, source: flow.dims(flow.input(of: index)), type)
    guard let primitive = epilogue.tuned, let time = primitive.time else {
      return shape.isFasterSplit
    }
    let margin = 0.95
    guard let split = try candidate(index, type, best: time) else {
      return options.tuning == .auto && shape.isFasterSplit
    }
    if (split.time ?? .infinity) < margin * time {
      epilogue.alternatives.insert(primitive.alternative, at: 0)
      return true
    }
    epilogue.alternatives.append(split.alternative)
    return false
  }

  /// Times an LSTM split into products, beside its primitive, whose best time is `best`.
  func tries(_ site: FusionSite, best: Double?) throws(DNNLError) {
    let instruction = settings.flow.program.instructions[site.anchor]
    guard case .recurrent(let recurrent) = instruction.operation, recurrent.cell == .lstm,
      !instruction.hasStates, options.recurrence == .automatic, let best
    else { return }
    _ = try candidate(site.anchor, site.type, best: best)
  }

  /// A layer of its own, split and timed, or remembered from an earlier search.
  private func candidate(_ index: Int, _ type: DataType, best known: Double)
    throws(DNNLError) -> TunedImplementation?
  {
    let tunings = settings.tunings
    let program = settings.flow.program
    let instruction = program.instructions[index]
    let source = instruction.inputs[0]
    let key =
      "split \(instruction.operation) \(settings.flow.dims(source)) \(type) \(options.threads) threads"
      + settings.cacheState
    if let found = tunings.implementations(of: key) { return found.first }
    if settings.guesses { return nil }
    guard try tunings.tries() else { return nil }
    if let crashed = tunings.crashed[key] {
      tunings.remember(crashed, for: key)
      return crashed.first
    }
    var alone = ProgramBuilder(inputs: [program.values[source]])
    let output = alone.emit(
      instruction.operation, [0], weights: instruction.weights,
      type: program.values[instruction.output])
    var entry = TunedImplementation(
      variant: 0, implementation: "split", algorithm: RecurrentCell(.lstm).name,
      formats: ["", "", ""])
    tunings.journal(.begins(key: key, entry))
    do throws(ExecutionError) {
      let plan = try Plan(
        alone.program(outputs: [output]),
        options: PlanOptions(
          threads: options.threads, precision: Precision(type), seed: options.seed,
          recurrence: .split))
      let step = plan.steps.first { $0.kind == "rnn" }
      entry = TunedImplementation(
        variant: 0, implementation: step?.implementation ?? "split",
        algorithm: step?.algorithm,
        formats: ["src", "weights", "dst"].map { step?.formats[$0] ?? "" },
        time: try settings.timer.time(plan, best: known))
    } catch {
      switch error.reason {
      case .library(let cause): throw DNNLError(cause)
      case .plan(let fault): throw fault.thrown
      case .threads(let fault): throw PlanError("the team of threads changed: \(fault)").thrown
      }
    }
    tunings.remember([entry], for: key)
    return entry
  }
}

extension SplitLSTM {
  /// Whether a layer of this shape is split where it was not tried.
  ///
  /// Measured with 16 steps, as many input as hidden channels and 1 thread on Zen 4, as a share of the
  /// time of the primitive that would run: hidden 2048, 1024 and 512 take 0.87, 0.59 and 0.96 for one
  /// sequence, 0.72, 0.61 and 0.60 for two, 0.62, 0.82 and 0.94 for eight. Below 256 hidden channels,
  /// where the weights of the state fit the second-level cache, and from 16 sequences on there is no
  /// difference; a single step has no product of the state.
  ///
  /// In bf16, whose primitive multiplies all inputs at once for fewer than four sequences, hidden 2048,
  /// 1024, 512 and 256 take 0.76, 0.79, 0.87 and 0.98 for one sequence, 0.83, 0.74, 0.79 and 0.76 for
  /// two, and 0.93, 0.98, 0.97 and 0.90 for four; with 2 threads 0.71, 0.77, 0.93 and 1.23 for one.
  var isFasterSplit: Bool {
    guard steps > 1 else { return false }
    return type == .bf16 ? batch < 4 && hidden >= 512 : batch < 16 && hidden >= 256
  }
}

extension Instruction {
  /// Whether a recurrent layer is given first states or asked for the last ones.
  var hasStates: Bool { inputs.count > 1 || !states.isEmpty }
}
