extension RawSpan {
  /// The number at an offset, aligned or not, its bytes in this machine's order.
  ///
  /// - Precondition: All of it is within.
  @inlinable
  package func number<Number: BitwiseCopyable>(_: Number.Type, at offset: Int) -> Number {
    unsafeLoadUnaligned(fromByteOffset: offset, as: Number.self)
  }

  /// A copy of the bytes.
  package func copied() -> [UInt8] { withUnsafeBytes { Array($0) } }

  /// The bytes as a text; what is no UTF-8 is replaced.
  package func text() -> String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}
