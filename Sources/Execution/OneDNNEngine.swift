import DNNL
public import Measuring
public import Profiling
public import Topology

/// oneDNN as an engine: plans in this process, whose every step can be timed and counted.
public struct OneDNNEngine: Measuring.Engine {
  /// Its name as users write it.
  public static let name = "onednn"
  /// Its name as it writes itself.
  public static let title = "oneDNN"

  /// What the instruction set can be capped at.
  public static let isaNames =
    [
      "sse41", "avx", "avx2", "avx2_vnni", "avx512", "avx512_core_vnni", "avx512_core_bf16",
      "avx512_core_amx",
    ]
    + (OneDNN.version.hasPrefix("2.")
      ? [] : ["avx2_vnni_2", "avx512_core_fp16", "avx512_core_amx_fp16"])

  /// What earlier searches found on this machine; a search adds to it.
  private let tunings: TuningMemory

  /// An engine that plans on the ground of what searches found.
  public init(tunings: TuningMemory = TuningMemory()) { self.tunings = tunings }

  /// The instruction set that primitives use; asking fixes it.
  public var instructionSet: InstructionSet? { OneDNN.instructionSet }

  /// Caps the instruction set before oneDNN's first use; returns what is wrong, or `nil`.
  public static func capISA(_ name: String) -> String? {
    do throws(DNNLError) {
      try Library.capISA(name)
      return nil
    } catch {
      return error.description
    }
  }

  /// Why a precision cannot be run with the instruction set there is; `nil` where it can.
  ///
  /// oneDNN emulates bf16 from AVX-512 on; below it has nothing but reference loops.
  public func obstacle(to precision: Precision) -> String? {
    guard precision == .bf16, OneDNN.instructionSet.vectorBytes != 64 else { return nil }
    return "oneDNN has no bf16 code for \(OneDNN.instructionSet)"
  }

  /// The most FLOP/s that primitives reach in a precision, measured now; `nil` where oneDNN has no code
  /// for it.
  ///
  /// - Throws: ``ExecutionError`` when a primitive cannot be made.
  public func peakRate(
    _ precision: Precision, threads: Int
  ) throws(ExecutionError) -> Double? {
    switch precision {
    case .f32: try PeakRate.f32(threads: threads)
    case .bf16, .int8: try PeakRate.narrow(precision, threads: threads)
    }
  }

  /// Whether anything runs for an operation in a pass.
  public func runs(_ operation: Topology.Operation) -> Bool { operation.traits.place != .nothing }

  /// The memory that a plan of `program` will take, predicted from shapes alone, before anything is made.
  public func predictMemory(_ program: Program, options: PlanOptions) -> PlanMemory {
    Plan.predictMemory(program, options: options)
  }

  /// Makes a program ready to run.
  ///
  /// - Throws: ``ExecutionError`` naming the layer that cannot be planned.
  public func plan(
    _ program: Program, options: PlanOptions, weights: (any WeightProvider)?
  ) throws(ExecutionError) -> any PlannedNetwork {
    try Plan(program, options: options, weights: weights, tunings: tunings)
  }
}
