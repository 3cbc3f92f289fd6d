import DNNL
import Measuring
import Topology

/// Turns a program into steps: one walk over its instructions in order.
///
/// Values are placed in activation buffers as they are made; a reader that wants another memory
/// format gets a reorder step. Addresses come last, when all lifetimes are known. What is known on the
/// way is kept by the parts of a ``PlanningContext``; here is only the order of things.
struct Planner {
  let context: PlanningContext

  /// Makes a planner with an engine and stream of its own; a search surveys the program first.
  ///
  /// With `isSurvey` its own walk is one that only looks, too.
  static func make(
    _ program: Program, _ options: PlanOptions, _ weights: any WeightProvider,
    _ ranges: ValueRanges?, _ tunings: TuningMemory, isSurvey: Bool = false
  ) throws(ExecutionError) -> Planner {
    let setting = try setting(program, options, weights, ranges, tunings)
    var layouts: Layouts?
    if options.tuning != .fast {
      if options.tuning == .auto, tunings.mode == .trial {
        try Exploration.explore(budget: options.budget) {
          (layouts, keepsOpen) throws(ExecutionError) in
          try survey(setting, layouts, keepsOpen: keepsOpen)
        }
      }
      let tuner = try survey(setting, nil)
      do throws(DNNLError) { layouts = try tuner.assign() } catch {
        throw ExecutionError(layer: nil, error)
      }
    }
    return Planner(context: PlanningContext(setting, layouts, isSurvey: isSurvey))
  }

  /// What a search within a budget would try.
  static func outlook(
    _ program: Program, _ options: PlanOptions, _ weights: any WeightProvider,
    _ tunings: TuningMemory
  ) throws(ExecutionError) -> Outlook {
    let setting = try setting(program, options, weights, nil, tunings)
    return try survey(setting, nil, keepsOpen: true).search.takeOutlook()
  }

  /// Looks at what there is to choose from.
  private static func survey(
    _ setting: PlanningContext.Setting, _ layouts: Layouts?, keepsOpen: Bool = false
  ) throws(ExecutionError) -> Tuner {
    let context = PlanningContext(setting, layouts, isSurvey: true, keepsOpen: keepsOpen)
    try Planner(context: context).plan()
    return context.tuner
  }

  private static func setting(
    _ program: Program, _ options: PlanOptions, _ weights: any WeightProvider,
    _ ranges: ValueRanges?, _ tunings: TuningMemory
  ) throws(ExecutionError) -> PlanningContext.Setting {
    do throws(DNNLError) {
      let engine = try DNNL.Engine()
      return PlanningContext.Setting(
        flow: Dataflow(program), options: options, weights: weights, ranges: ranges,
        tunings: tunings, engine: engine, stream: try Stream(engine))
    } catch {
      throw ExecutionError(layer: nil, error)
    }
  }

  /// Plans every instruction and brings the outputs to plain order.
  func plan() throws(ExecutionError) {
    let emitter = context.emitter
    do throws(DNNLError) {
      let program = context.flow.program
      for value in 0..<program.inputCount { try context.table.addInput(value) }
      try emitter.folding(if: true) { () throws(DNNLError) in
        for (index, instruction) in program.instructions.enumerated()
        where context.flow.isConstant[instruction.output] {
          try lower(index)
        }
      }
      for index in program.instructions.indices {
        if try lower(index) { try bringOutputsToPlainOrder() }
      }
      emitter.beginEnd()
      context.table.reopenOutputs()
      try bringOutputsToPlainOrder()
    } catch {
      throw ExecutionError(layer: emitter.layer, error)
    }
    context.loader.store.releaseTemporary()
  }

  /// Makes the steps of an instruction; false where it is part of one already.
  @discardableResult
  private func lower(_ index: Int) throws(DNNLError) -> Bool {
    guard !context.table.isPlanned(index) else { return false }
    let instruction = context.flow.program.instructions[index]
    context.emitter.begin(layer: instruction.layer)
    context.numbers.begin()
    if let run = context.numbers.ownRun(from: index) {
      try QuantizeLowering(context: context, run: run).lower(index)
    } else {
      try instruction.operation.lowering(in: context)?.lower(index)
    }
    return true
  }

  /// Brings outputs made so far to plain order, to stay there.
  ///
  /// Done right behind the layer whose output it is: a network of many outputs would otherwise keep
  /// each of them twice until its end.
  private func bringOutputsToPlainOrder() throws(DNNLError) {
    while let output = context.table.takeOpenOutput() {
      context.table.keep(try context.reader.plainTensor(of: output))
    }
  }
}
