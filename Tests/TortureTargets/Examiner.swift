import Execution
import Measuring
import TestSupport
import Topology
import TopologyXML

/// Runs cases every way they say, and compares.
public final class Examiner {
  private let engine: EngineOracle?
  private let trying: (Bool) -> Void

  /// Makes an examiner.
  ///
  /// - Parameters:
  ///   - engine: Runs exports; nil for none.
  ///   - trying: Told when a search begins to try an implementation, which may crash (the command has a
  ///     process of its own for that), and when it is done.
  public init(engine: EngineOracle? = nil, trying: @escaping (Bool) -> Void = { _ in }) {
    self.engine = engine
    self.trying = trying
  }

  /// How a case goes; a network that is none fails in nothing.
  public func examine(_ drawn: TortureCase) -> TortureOutcome {
    var outcome = TortureOutcome()
    guard let graph = try? drawn.network.graph() else { return outcome }
    outcome.elements = Set(
      graph.layers.flatMap(\.primitives).map { primitive in
        guard let kind = primitive.attributes?.string("kind"), primitive.element == "inlay" else {
          return primitive.element
        }
        return "inlay:\(kind)"
      }
    ).sorted()
    do {
      try examine(drawn, graph, &outcome)
    } catch let failure as Found {
      outcome.failure = failure.failure
      outcome.failing = drawn.alone(failure)
    } catch {
      outcome.failure = TortureFailure(.refused, "\(error)")
      outcome.failing = drawn
    }
    return outcome
  }

  /// A failure with the run that had it.
  fileprivate struct Found: Error {
    var failure: TortureFailure
    var setting: TortureCase.Setting?

    init(
      _ kind: TortureFailure.Kind, _ message: String, _ setting: TortureCase.Setting? = nil
    ) {
      failure = TortureFailure(kind, message)
      self.setting = setting
    }
  }

  private func examine(
    _ drawn: TortureCase, _ written: Graph, _ outcome: inout TortureOutcome
  ) throws {
    let graph = try reread(written, batch: drawn.batch)
    let program: Program
    do { program = try graph.program() } catch {
      // Fixed shapes need not go with another batch.
      if drawn.batch != nil { return }
      throw Found(.refused, "\(error)")
    }
    let seeded = SeededWeights(seed: 1)
    let inputs = (0..<program.inputCount).map { seeded.input($0, of: program) }
    let expected = ReferenceInterpreter.run(program, inputs: inputs) { instruction, slot in
      let index = program.instructions[instruction].weights.firstIndex(of: slot) ?? 0
      return seeded.values(instruction: instruction, slot: slot, index: index)
    }
    // What overflows says nothing: implementations may do as they like with it.
    guard expected.allSatisfy({ $0.allSatisfy { $0.isFinite && $0.magnitude < 1e12 } }) else {
      return
    }
    _ = Plan.predictMemory(program)
    for setting in drawn.settings {
      try run(program, expected, setting)
      outcome.plans += 1
    }
    if drawn.asksEngine, let engine { try ask(engine, graph, program, expected, &outcome) }
  }

  /// The graph that is read of the XML that is written of a graph.
  private func reread(_ graph: Graph, batch: Int?) throws -> Graph {
    let text: String
    do { text = try TopologyWriter().write(graph) } catch { throw Found(.text, "\(error)") }
    func read(_ options: TopologyReader.Options) throws -> Graph {
      try TopologyReader(options: options).read(bytes: Array(text.utf8), file: "torture.xml").graph
    }
    let same: Graph
    do { same = try read(.init()) } catch { throw Found(.text, "\(error)") }
    if let difference = GraphDifference.first(graph, same) { throw Found(.text, difference) }
    guard let batch, let other = try? read(.init(batch: batch)) else { return same }
    return other
  }

  private func run(
    _ program: Program, _ expected: [[Float]], _ setting: TortureCase.Setting
  ) throws {
    let plan: Plan
    let tunings = TuningMemory()
    tunings.journal = { [trying] event in
      if case .begins = event { trying(true) } else { trying(false) }
    }
    do {
      defer { trying(false) }
      plan = try Plan(program, options: setting.options, tunings: tunings)
      trying(false)
      // Twice, so that a pass that destroys what the next one reads is caught.
      try plan.run()
      try plan.run()
    } catch {
      throw Found(
        .refused, "layer \(error.layer.map { "\($0)" } ?? "?"): \(error.description)", setting)
    }
    if let fault = plan.contradiction { throw Found(.inconsistent, fault, setting) }
    var found: [(value: ValueID, data: [Float])] = []
    for (index, output) in program.outputs.enumerated() {
      found.append((output, plan.readOutput(index)))
    }
    if setting.keepsAll {
      for value in program.values.indices {
        do {
          if let data = try plan.readValue(value) { found.append((value, data)) }
        } catch { throw Found(.refused, error.description, setting) }
      }
    }
    if let fault = difference(found, expected, program, Disturbance(setting)) {
      throw Found(.wrong, fault, setting)
    }
  }

  private func ask(
    _ engine: EngineOracle, _ graph: Graph, _ program: Program, _ expected: [[Float]],
    _ outcome: inout TortureOutcome
  ) throws {
    switch try engine.run(graph, program, threads: 1, fusion: graph.layers.count.isMultiple(of: 2))
    {
    case .notExported(let why): outcome.notExported = why
    case .refused(let why): throw Found(.engineRefused, why)
    case .outputs(let outputs):
      outcome.engines += 1
      let found = zip(program.outputs, outputs).map { (value: $0, data: $1) }
      // Its functions are approximations, too.
      let disturbance = Disturbance(.init(tuning: "search"))
      if let fault = difference(found, expected, program, disturbance) {
        throw Found(.engineDiffers, fault)
      }
    }
  }

  /// Where values are further from those expected than rounding can be; nil where they are not.
  private func difference(
    _ found: [(value: ValueID, data: [Float])], _ expected: [[Float]], _ program: Program,
    _ disturbance: Disturbance
  ) -> String? {
    /// The place that exceeds what is allowed by most.
    func worst(_ spread: [[Float]]?) -> (value: ValueID, place: Int, data: [Float])? {
      var worst: (value: ValueID, place: Int, data: [Float])?
      var most: Float = 0
      for (value, data) in found {
        let wanted = expected[value]
        guard data.count == wanted.count else { return (value, 0, data) }
        let allowed = disturbance.floor * wanted.reduce(0) { max($0, $1.magnitude) }
        for place in data.indices {
          let error = (data[place] - wanted[place]).magnitude
          let limit = allowed + 4 * (spread?[value][place] ?? 0)
          let excess = error.isNaN || !data[place].isFinite ? Float.infinity : error - limit
          if excess > most {
            most = excess
            worst = (value, place, data)
          }
        }
      }
      return worst
    }
    guard worst(nil) != nil else { return nil }
    let spread = disturbance.spread(program, expected, trials: 32)
    guard let (value, place, data) = worst(spread) else { return nil }
    let maker = program.instructions.last { $0.output <= value }
    let text =
      data.indices.contains(place)
      ? "\(data[place]) instead of \(expected[value][place])"
      : "\(data.count) elements instead of \(expected[value].count)"
    return "value \(value), \(program.values[value]), of layer \(maker?.layer ?? -1): element "
      + "\(place) is \(text)"
  }
}

extension Plan {
  /// What is wrong with its steps; nil where nothing is.
  fileprivate var contradiction: String? {
    let layers = steps.map(\.layer)
    if layers != layers.sorted() { return "the steps of a layer are apart: \(layers)" }
    let computed = steps.flatMap(\.sources)
    if Set(computed).count != computed.count { return "something is computed twice: \(computed)" }
    let own = Set(layers)
    return fusedInto.keys.first { own.contains($0) }.map { "layer \($0) is fused and has steps" }
  }
}

extension TortureCase {
  /// The case with nothing but the run that failed.
  fileprivate func alone(_ found: Examiner.Found) -> TortureCase {
    var alone = self
    switch found.failure.kind {
    case .engineDiffers, .engineRefused: alone.settings = []
    default:
      alone.asksEngine = false
      alone.settings = found.setting.map { [$0] } ?? []
    }
    return alone
  }
}
