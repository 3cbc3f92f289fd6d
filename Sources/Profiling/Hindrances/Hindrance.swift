/// A reason why a layer stays below its roof, with the numbers it was derived from.
public struct Hindrance: Codable, Hashable, Sendable {
  /// The rules, each documented where it stands.
  public enum Code: String, Codable, Hashable, Sendable, CaseIterable {
    /// Calling a primitive takes a good part of the time.
    case launch
    /// Other programs took the cores away.
    case disturbed
    /// The threads' shares of the work differ.
    case imbalance
    /// The core ran below the clock that the roofs were measured at.
    case clock
    /// oneDNN's plain loops.
    case reference
    /// A loop of ntprof, on one thread.
    case hostKernel = "host-kernel"
    /// A convolution that is unfolded to a matrix product.
    case im2col
    /// Changes of format.
    case reorders
    /// Copies in many short pieces.
    case smallPieces = "small-pieces"
    /// Primitives beside the product.
    case otherPrimitives = "other-primitives"
    /// Part of the layer computes in f32.
    case keptInF32 = "kept-in-f32"
    /// Fewer channels than a vector has lanes.
    case fewChannels = "few-channels"
    /// Channels that do not fill the last vector.
    case laneTails = "lane-tails"
    /// A convolution of single places that skips places of its input.
    case strided
    /// Every output loads its window from L1.
    case windowLoads = "window-loads"
    /// Steps that wait for one another.
    case steps
    /// Bytes and arithmetic take about as long.
    case betweenRoofs = "between-roofs"
    /// A working set at the edge of a cache.
    case cacheBoundary = "cache-boundary"
    /// Written lines move twice.
    case writes
    /// Functions that count as one FLOP and take many instructions.
    case functions
    /// Many instructions for each vector of multiply-adds.
    case instructions
    /// The FLOP of the direct algorithm are not those executed.
    case winograd
    /// No rule explains (the rest of) the time.
    case unknown
  }

  /// The rule.
  public var code: Code
  /// The part of the layer's median time that this would take by itself, 0 to 1.
  ///
  /// Absent where the numbers at hand do not say. Parts may overlap.
  public var share: Double?
  /// What the rule was derived from, by name.
  public var evidence: Evidence

  /// Makes a reason.
  public init(_ code: Code, share: Double? = nil, evidence: Evidence = [:]) {
    self.code = code
    self.share = share.map { Swift.min(Swift.max($0, 0), 1) }
    self.evidence = evidence
  }
}
