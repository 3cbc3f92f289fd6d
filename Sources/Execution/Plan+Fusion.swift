import Machine
public import Measuring
public import Topology

extension Plan {
  /// Which layers a plan of a program computes in the steps of others, as ``fusedInto`` says, found without
  /// packing constants or laying out memory.
  ///
  /// What an 8-bit plan fuses depends on the ranges of its values, which only a calibration finds: for
  /// those it is what the same plan in f32 fuses.
  ///
  /// - Throws: ``ExecutionError`` naming the layer that cannot be planned.
  public static func fusion(
    of program: Program, options: PlanOptions
  ) throws(ExecutionError) -> [Int: Int] {
    guard options.fusion else { return [:] }
    do throws(ThreadTeamError) { try ThreadTeam.setCount(options.threads) } catch {
      throw ExecutionError(layer: nil, .threads(error))
    }
    var options = options
    options.tuning = .fast
    if options.precision == .int8 { options.precision = .f32 }
    let planner = try Planner.make(
      program, options, SeededWeights(seed: options.seed), nil, TuningMemory(), isSurvey: true)
    try planner.plan()
    return planner.fusedInto
  }
}
