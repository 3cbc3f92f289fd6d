/// A set of vector instructions by the name that oneDNN, or a record, has for it: how wide vectors are,
/// and which narrow numbers they multiply.
public struct InstructionSet: Hashable, Sendable, CustomStringConvertible {
  /// What a set has beside f32.
  public struct Features: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt8

    /// Makes a set of bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Sums of products of 8-bit integers.
    public static let int8 = Features(rawValue: 1)
    /// Sums of products of bfloat16.
    public static let bf16 = Features(rawValue: 2)
    /// Arithmetic on binary16.
    public static let fp16 = Features(rawValue: 4)
    /// Matrix tiles.
    public static let tiles = Features(rawValue: 8)
  }

  /// The name, such as `avx512_core_bf16`.
  public let description: String
  /// Bytes of a vector; `nil` for a name that is not known.
  public let vectorBytes: Int?
  /// What it has beside f32; nothing for a name that is not known.
  public let features: Features

  /// The set of a name.
  public init(_ name: String) {
    description = name
    let known = InstructionSet.known[name.lowercased()]
    vectorBytes = known?.bytes
    features = known?.features ?? []
  }

  /// f32 numbers of a vector; `nil` for a name that is not known.
  public var lanes: Int? { vectorBytes.map { $0 / 4 } }

  /// Every name that oneDNN 2.6 to 3.9 and records have.
  static let known: [String: (bytes: Int, features: Features)] = [
    "sse2": (16, []), "sse41": (16, []), "avx": (32, []), "avx2": (32, []),
    "avx2_vnni": (32, [.int8]),
    // Converts the narrow floating-point types, and multiplies neither.
    "avx2_vnni_2": (32, [.int8]),
    "avx512": (64, []), "avx512_mic": (64, []), "avx512_mic_4ops": (64, []),
    "avx512_core": (64, []), "avx512_core_vnni": (64, [.int8]),
    "avx512_core_bf16": (64, [.int8, .bf16]),
    "avx512_core_fp16": (64, [.int8, .bf16, .fp16]),
    "avx512_core_amx": (64, [.int8, .bf16, .fp16, .tiles]),
    "avx512_core_amx_fp16": (64, [.int8, .bf16, .fp16, .tiles]),
    "avx10_1_512": (64, [.int8, .bf16, .fp16]),
    "avx10_1_512_amx": (64, [.int8, .bf16, .fp16, .tiles]),
    "avx10_1_512_amx_fp16": (64, [.int8, .bf16, .fp16, .tiles]),
    "avx10_2_512": (64, [.int8, .bf16, .fp16]),
    "avx10_2_512_amx_2": (64, [.int8, .bf16, .fp16, .tiles]),
    "asimd": (16, []), "sve_128": (16, []), "sve_256": (32, []), "sve_512": (64, []),
  ]
}
