/// The two things of protobuf's wire format that streaming a long field takes.
enum WireFormat {
  /// Appends the tag of a length-delimited field and its length.
  static func append(field: Int, length: Int, to bytes: inout [UInt8]) {
    append(UInt64(field << 3 | 2), to: &bytes)
    append(UInt64(length), to: &bytes)
  }

  /// Appends a number, seven bits a byte, low ones first.
  private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
    var rest = value
    while rest > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
