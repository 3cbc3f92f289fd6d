/// What the numbers behind a verdict are called: of ``Bound`` and of ``Hindrance``.
public struct EvidenceName: NumberName {
  /// The name in JSON.
  public let name: String

  /// Names a number, also one that this version does not know.
  public init(_ name: String) { self.name = name }

  /// What the bytes take by the bandwidths, ns.
  public static let memoryNs = Self("memory_ns")
  /// What the executed operations take at the peak, ns.
  public static let computeNs = Self("compute_ns")
  /// The first over the second; absent without FLOP.
  public static let ratio = Self("ratio")
  /// Time that the nearer roof allows over the median time, less dispatch.
  public static let efficiency = Self("efficiency")
  /// The same over an undisturbed pass.
  public static let roofShare = Self("roof_share")
  /// How far the class's border is.
  public static let margin = Self("margin")
  /// How often a second threads had to leave a CPU.
  public static let interruptionsPerSecond = Self("interruptions_per_second")
  /// Bandwidth that applies, 10⁹ bytes a second.
  public static let bandwidthGbs = Self("bandwidth_gbs")
  /// Part of the memory time that is spent on bytes from memory.
  public static let dramShare = Self("dram_share")
  /// Peak of the precision, 10⁹ FLOP a second.
  public static let peakGflops = Self("peak_gflops")
  /// Bytes that the implementation moves.
  public static let trafficBytes = Self("traffic_bytes")
  /// Bytes that a pass of the layer touches.
  public static let workingSetBytes = Self("working_set_bytes")
  /// Executed FLOP a byte of traffic.
  public static let arithmeticIntensity = Self("arithmetic_intensity")
  /// What handing its commands to the team takes, ns.
  public static let dispatchNs = Self("dispatch_ns")
  /// Drift of cycles or instructions between groups of events.
  public static let counterDrift = Self("counter_drift")
  /// Share of the slots in which no instructions arrived.
  public static let frontend = Self("frontend")
  /// Share of the slots in which work was thrown away.
  public static let badSpeculation = Self("bad_speculation")
  /// Share of the slots in which work was done.
  public static let retiring = Self("retiring")
  /// Share of the slots in which nothing could take work up.
  public static let backend = Self("backend")
  /// Share of the slots in which the backend waited for memory.
  public static let memory = Self("memory")
  /// Share of the slots in which it waited for anything else.
  public static let core = Self("core")
  /// What a call takes, ns.
  public static let callNs = Self("call_ns")
  /// Calls a pass.
  public static let calls = Self("calls")
  /// FLOP of each thread.
  public static let threadFlops = Self("thread_flops")
  /// Time of a pass that nothing disturbed, ns.
  public static let undisturbedNs = Self("undisturbed_ns")
  /// Share of the team's capacity that uneven work leaves unused.
  public static let threadImbalance = Self("thread_imbalance")
  /// Threads of the team.
  public static let threads = Self("threads")
  /// Clock during the layer.
  public static let clockHz = Self("clock_hz")
  /// Clock when the roofs were measured.
  public static let calibratedHz = Self("calibrated_hz")
  /// Time of plain loops, ns.
  public static let referenceNs = Self("reference_ns")
  /// Time of ntprof's own loops, ns.
  public static let hostNs = Self("host_ns")
  /// Bytes of the unfolded input.
  public static let columnBytes = Self("column_bytes")
  /// Time of changes of format, ns.
  public static let reorderNs = Self("reorder_ns")
  /// How many primitives these are.
  public static let count = Self("count")
  /// Time of primitives beside the product, ns.
  public static let otherNs = Self("other_ns")
  /// Time of the copies, ns.
  public static let pieceNs = Self("piece_ns")
  /// Bytes of a piece.
  public static let pieceBytes = Self("piece_bytes")
  /// Pieces that are copied.
  public static let pieces = Self("pieces")
  /// Channels.
  public static let channels = Self("channels")
  /// Products that a sum has.
  public static let terms = Self("terms")
  /// Lanes of a vector.
  public static let lanes = Self("lanes")
  /// Channels that fill the last vector.
  public static let filled = Self("filled")
  /// Places of a row of the output.
  public static let row = Self("row")
  /// Places of the output.
  public static let places = Self("places")
  /// Inputs that an output loads.
  public static let window = Self("window")
  /// Bytes that are loaded.
  public static let loadBytes = Self("load_bytes")
  /// Bandwidth of L1, 10⁹ bytes a second.
  public static let l1Gbs = Self("l1_gbs")
  /// Steps that wait for one another.
  public static let steps = Self("steps")
  /// Time of a step, ns.
  public static let stepNs = Self("step_ns")
  /// Rows that a step computes.
  public static let batch = Self("batch")
  /// Bytes of the weights.
  public static let weightBytes = Self("weight_bytes")
  /// Bandwidth of twice the working set, 10⁹ bytes a second.
  public static let outerGbs = Self("outer_gbs")
  /// Bytes that are written.
  public static let outputBytes = Self("output_bytes")
  /// Time of functions, ns.
  public static let functionNs = Self("function_ns")
  /// Values that a function is computed of.
  public static let elements = Self("elements")
  /// Instructions of a pass.
  public static let instructions = Self("instructions")
  /// Instructions for each vector of multiply-adds.
  public static let perVector = Self("per_vector")
  /// FLOP of the algorithm that ran.
  public static let algorithmFlops = Self("algorithm_flops")
  /// These over the counted ones.
  public static let algorithmFlopsRatio = Self("algorithm_flops_ratio")
  /// Their rate over the peak.
  public static let peakFraction = Self("peak_fraction")
  /// Part of the time that the rules found.
  public static let explained = Self("explained")
}
