/// The numbers that something computed in, as records name them.
///
/// Other programs know more than ntprof runs, so that it is a name and no list.
public struct PrecisionName: RawRepresentable, Codable, Hashable, Sendable,
  CustomStringConvertible
{
  /// 32-bit floating point.
  public static let f32 = PrecisionName(rawValue: "f32")
  /// 16-bit floating point.
  public static let f16 = PrecisionName(rawValue: "f16")
  /// Brain floating point.
  public static let bf16 = PrecisionName(rawValue: "bf16")
  /// 8-bit integers.
  public static let int8 = PrecisionName(rawValue: "int8")

  /// As records and `--precision` have it.
  public let rawValue: String

  /// A name.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// The name.
  public var description: String { rawValue }
}
