import Machine
public import Measuring
public import Topology

/// What a plan of a program would run for which layer.
public struct PlanSurvey: Hashable, Sendable {
  /// Layers that are computed in the steps of others, and of which.
  public var fusedInto: [Int: Int] = [:]
  /// Layers for which nothing runs: views, and what is joined where its parts are made.
  public var idle: Set<Int> = []
  /// Bytes of the weights that a pass reads in the precision that was asked for: more than the last cache holds are in
  /// memory when their turn comes again.
  public var weightBytes = 0
}

extension Plan {
  /// Which layers a plan of a program computes in the steps of others, as ``fusedInto`` says, and for which
  /// nothing runs, found without packing constants or laying out memory.
  ///
  /// What an 8-bit plan fuses depends on the ranges of its values, which only a calibration finds: for
  /// those it is what the same plan in f32 fuses.
  ///
  /// - Throws: ``ExecutionError`` naming the layer that cannot be planned.
  public static func survey(
    of program: Program, options: PlanOptions
  ) throws(ExecutionError) -> PlanSurvey {
    do throws(ThreadTeamError) { try ThreadTeam.setCount(options.threads) } catch {
      throw ExecutionError(layer: nil, .threads(error))
    }
    let weightBytes = program.weightBytes(options.precision)
    var options = options
    options.tuning = .fast
    if options.precision == .int8 { options.precision = .f32 }
    let planner = try Planner.make(
      program, options, SeededWeights(seed: options.seed), nil, TuningMemory(), isSurvey: true)
    try planner.plan()
    var survey = PlanSurvey(fusedInto: planner.context.emitter.fusedInto)
    survey.weightBytes = weightBytes
    let layers = Set(program.instructions.map(\.layer))
    survey.idle = layers.subtracting(
      planner.context.emitter.steps.map(\.step.layer)
    ).subtracting(survey.fusedInto.keys)
    return survey
  }

  /// Layers that begin or end with moving data, which a reorder of the library does: there a reorder is the layer's own
  /// work, and not what brings its operands into a format.
  public static func movers(of program: Program) -> Set<Int> {
    let running = program.instructions.filter { $0.operation.traits.place != .nothing }
    let ofLayer = Dictionary(grouping: running, by: \.layer)
    return Set(
      ofLayer.filter { _, own in
        [own.first, own.last].contains { $0?.operation.traits.isReorder == true }
      }.keys)
  }
}
