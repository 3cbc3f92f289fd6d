/// A version of oneDNN.
public struct LibraryVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The three numbers.
  public let major, minor, patch: Int

  /// Makes a version.
  public init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
    (self.major, self.minor, self.patch) = (major, minor, patch)
  }

  /// The version that a text such as `2.6.3` names; `nil` for another text.
  public init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 3, let major = parts[0], let minor = parts[1], let patch = parts[2] else {
      return nil
    }
    self.init(major, minor, patch)
  }

  /// Whether one is older.
  public static func < (one: LibraryVersion, other: LibraryVersion) -> Bool {
    (one.major, one.minor, one.patch) < (other.major, other.minor, other.patch)
  }

  /// `2.6.3`.
  public var description: String { "\(major).\(minor).\(patch)" }
}

/// What versions of oneDNN do otherwise than its documentation says or a caller expects, and is worked
/// around above.
///
/// This is the whole list of such behaviour; what is spelled otherwise in another version is in the shim.
public enum Quirk: String, CaseIterable, Sendable {
  /// A bias is added to the sums of integers before they get their factor; later after it.
  case biasPrecedesScales = "bias-precedes-scales"
  /// Post-ops keep one code generator a function: the second one takes the numbers of the first.
  case oneGeneratorAFunction = "one-generator-a-function"
  /// The packed form of small GRUs of one step writes beyond its memory.
  case packedGRUOverruns = "packed-gru-overruns"
  /// An LSTM on 8-bit data with an f32 result adds its two directions before they are converted.
  case addsDirectionsWrongly = "adds-directions-wrongly"
  /// Binary primitives go wrong in place and with post-ops where a block of channels is padded, below
  /// AVX-512.
  case paddedBinary = "padded-binary"
  /// Threads without work repeat the last elements of the one before in a prelu whose elements have a
  /// slope each: in place they get it twice.
  case preluRepeatsInPlace = "prelu-repeats-in-place"
  /// A binary primitive takes extents of 1 behind the channels for channels, where an operand of a
  /// post-op is repeated.
  case repeatsFusedOperandWrongly = "repeats-fused-operand-wrongly"
  /// An 8-bit transposed convolution leaves what it finds where no tap reaches.
  case leavesGapsUnwritten = "leaves-gaps-unwritten"

  /// What comes of it where it is not worked around.
  public enum Effect: String, Sendable {
    /// Other numbers.
    case wrongResult = "wrong-result"
    /// Memory that is not its own is written.
    case overrun
  }

  /// What comes of it where it is not worked around.
  public var effect: Effect {
    switch self {
    case .biasPrecedesScales, .oneGeneratorAFunction, .addsDirectionsWrongly, .paddedBinary,
      .preluRepeatsInPlace, .repeatsFusedOperandWrongly, .leavesGapsUnwritten:
      .wrongResult
    case .packedGRUOverruns: .overrun
    }
  }

  /// The version that it was seen in.
  public var seen: LibraryVersion { LibraryVersion(2, 6, 3) }

  /// The first version that is known not to have it; `nil` where none is, and the work-around stays.
  public var mended: LibraryVersion? {
    switch self {
    case .biasPrecedesScales: LibraryVersion(3, 0)
    case .oneGeneratorAFunction, .packedGRUOverruns, .addsDirectionsWrongly, .paddedBinary,
      .preluRepeatsInPlace, .repeatsFusedOperandWrongly, .leavesGapsUnwritten:
      nil
    }
  }

  /// Whether a version is to be treated as having it.
  public func holds(for version: LibraryVersion) -> Bool { mended.map { version < $0 } ?? true }

  /// Whether the library that is loaded is to be treated as having it.
  public var holds: Bool { Quirk.held[self] ?? true }

  /// Asked once: plans ask for each operation.
  private static let held: [Quirk: Bool] = {
    // A version that cannot be read is treated as the oldest.
    let version = LibraryVersion(Library.version) ?? LibraryVersion(0, 0)
    return Dictionary(uniqueKeysWithValues: allCases.map { ($0, $0.holds(for: version)) })
  }()
}
