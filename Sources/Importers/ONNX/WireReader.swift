import Files

/// Walks the fields of a protobuf message that lies in a mapped file.
///
/// Lengths are checked before anything is made of them, so that no claim of a file takes more memory than
/// the file has.
struct WireReader {
  /// One field: its number, what it holds, and where it begins.
  struct Field {
    enum Value {
      case varint(UInt64)
      case fixed32(UInt32)
      case fixed64(UInt64)
      /// A text, a message or a packed list.
      case bytes(Range<Int>)
    }

    let number: Int
    let value: Value
    let offset: Int

    /// A varint with a sign.
    var int: Int {
      switch value {
      case .varint(let bits): Int(Int64(bitPattern: bits))
      case .fixed32(let bits): Int(bits)
      case .fixed64(let bits): Int(Int64(bitPattern: bits))
      case .bytes: 0
      }
    }
  }

  let file: ModelFile
  private(set) var position: Int
  let end: Int

  /// A message that is the whole file, or a range of it.
  init(_ file: ModelFile, _ range: Range<Int>? = nil) {
    self.file = file
    position = range?.lowerBound ?? 0
    end = range?.upperBound ?? file.count
  }

  /// The next field; `nil` at the end.
  ///
  /// - Throws: ``ImportError`` with the offset where the encoding breaks off.
  mutating func next() throws(ImportError) -> Field? {
    guard position < end else { return nil }
    let offset = position
    let tag = try varint()
    let number = Int(truncatingIfNeeded: tag >> 3)
    guard number > 0, number < 1 << 29 else {
      throw fault(offset, "is no protobuf message: there is no field \(number)")
    }
    switch tag & 7 {
    case 0: return Field(number: number, value: .varint(try varint()), offset: offset)
    case 1:
      let range = try take(8, offset)
      let bits = file.withBytes {
        $0.number(UInt64.self, at: range.lowerBound)
      }
      return Field(number: number, value: .fixed64(bits), offset: offset)
    case 2:
      let length = try varint()
      guard length <= UInt64(end - position) else {
        throw fault(
          offset,
          "field \(number) claims \(length) bytes, of which \(end - position) are there; "
            + "the file is truncated or damaged")
      }
      return Field(number: number, value: .bytes(try take(Int(length), offset)), offset: offset)
    case 5:
      let range = try take(4, offset)
      let bits = file.withBytes {
        $0.number(UInt32.self, at: range.lowerBound)
      }
      return Field(number: number, value: .fixed32(bits), offset: offset)
    case let kind: throw fault(offset, "is no protobuf message: there is no wire type \(kind)")
    }
  }

  private mutating func take(_ count: Int, _ offset: Int) throws(ImportError) -> Range<Int> {
    guard count <= end - position else {
      throw fault(offset, "the message ends within a field; the file is truncated or damaged")
    }
    defer { position += count }
    return position..<position + count
  }

  private mutating func varint() throws(ImportError) -> UInt64 {
    try file.withBytes { (bytes) throws(ImportError) in try varint(of: bytes) }
  }

  private mutating func varint(of bytes: RawSpan) throws(ImportError) -> UInt64 {
    var result: UInt64 = 0
    let start = position
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard position < end else {
        throw fault(start, "the message ends within a number; the file is truncated or damaged")
      }
      let byte = bytes.number(UInt8.self, at: position)
      position += 1
      result |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return result }
    }
    throw fault(start, "a number has more than 64 bits")
  }

  /// The integers of a packed list.
  func varints(_ range: Range<Int>) throws(ImportError) -> [Int64] {
    var reader = WireReader(file, range)
    var result: [Int64] = []
    try file.withBytes { (bytes) throws(ImportError) in
      while reader.position < reader.end {
        result.append(Int64(bitPattern: try reader.varint(of: bytes)))
      }
    }
    return result
  }

  /// The text of a range; what is no UTF-8 is replaced.
  func text(_ range: Range<Int>) -> String { file.withBytes { $0.extracting(range).text() } }

  /// An error at an offset of the file.
  func fault(_ offset: Int, _ message: String) -> ImportError {
    ImportError(file: file.path, place: "offset \(offset)", message)
  }
}

extension WireReader.Field {
  /// The range of a text, message or packed list.
  func range(in reader: WireReader) throws(ImportError) -> Range<Int> {
    guard case .bytes(let range) = value else {
      throw reader.fault(offset, "field \(number) is a number where bytes belong")
    }
    return range
  }

  /// The text of the field.
  func text(in reader: WireReader) throws(ImportError) -> String {
    reader.text(try range(in: reader))
  }

  /// The integers of the field: one, or a packed list.
  func integers(in reader: WireReader) throws(ImportError) -> [Int64] {
    if case .bytes(let range) = value { return try reader.varints(range) }
    return [Int64(int)]
  }
}
