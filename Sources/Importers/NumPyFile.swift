import Files
import Model

/// Arrays in files of NumPy's format, `.npy`: what `numpy.save` writes and `numpy.load` reads.
///
/// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
public enum NumPyFile {
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  private static let types: [String: ElementType] = [
    "<f4": .f32, "<f8": .f64, "<f2": .f16, "<i8": .i64, "<i4": .i32, "<i2": .i16, "|i1": .i8,
    "<u8": .u64, "<u4": .u32, "<u2": .u16, "|u1": .u8, "|b1": .bool,
  ]

  /// The array of a file, not read yet.
  ///
  /// - Throws: ``ImportError`` when it is no such file, its elements are of a type or in an order that is
  ///   not known, or it has not as many bytes as its shape says.
  public static func read(_ path: String) throws(ImportError) -> ConstantTensor {
    try read(try ModelFile(path))
  }

  /// The array of a file that is open already.
  ///
  /// - Throws: ``ImportError`` as of a path.
  package static func read(_ file: ModelFile) throws(ImportError) -> ConstantTensor {
    let path = file.path
    let (header, begin, start) = try file.withBytes { (bytes) throws(ImportError) in
      try Self.header(of: bytes, path)
    }
    guard let descriptor = header.firstMatch(of: /'descr':\s*'([^']*)'/)?.1,
      let order = header.firstMatch(of: /'fortran_order':\s*(True|False)/)?.1,
      let shape = header.firstMatch(of: /'shape':\s*\(([^)]*)\)/)?.1
    else { throw ImportError(file: path, place: "offset \(begin)", "has no header of NumPy's") }
    guard let type = types[String(descriptor)] else {
      throw ImportError(
        file: path, place: "offset \(begin)", "elements of type '\(descriptor)' are not supported",
        remedy: "save it as float32: numpy.save(file, array.astype('float32'))")
    }
    var dims: [Int] = []
    for part in shape.split(separator: ",") {
      let text = part.filter { !$0.isWhitespace }
      if text.isEmpty { continue }
      guard let extent = Int(text), extent >= 0, extent <= 1 << 40 else {
        throw ImportError(file: path, place: "offset \(begin)", "'\(shape)' is no shape")
      }
      dims.append(extent)
    }
    guard order == "False" || dims.count < 2 else {
      throw ImportError(
        file: path, "is in Fortran's order",
        remedy: "save it in C's order: numpy.save(file, numpy.ascontiguousarray(array))")
    }
    guard let elements = Extents.count(dims, most: Int.max / type.byteCount) else {
      throw ImportError(file: path, "has no shape that can be")
    }
    let count = elements * type.byteCount
    guard count == file.count - start else {
      throw ImportError(
        file: path, place: "offset \(start)",
        "\(shapeText(dims)) are \(count) bytes, but \(file.count - start) are there")
    }
    return ConstantTensor(
      dims: dims, elementType: type, mapped: FileBytes(file, start..<start + count))
  }

  /// The text that says what the elements are, and where it begins and ends.
  private static func header(
    of bytes: RawSpan, _ path: String
  ) throws(ImportError) -> (text: String, begin: Int, end: Int) {
    guard bytes.byteCount >= 10, bytes.extracting(first: 6).copied() == magic else {
      throw ImportError(file: path, "is no .npy file", remedy: "save one with numpy.save")
    }
    let isLong = bytes.number(UInt8.self, at: 6) >= 2
    guard !isLong || bytes.byteCount >= 12 else {
      throw ImportError(file: path, "ends in its header")
    }
    let length =
      isLong
      ? Int(bytes.number(UInt32.self, at: 8))
      : Int(bytes.number(UInt16.self, at: 8))
    let begin = isLong ? 12 : 10
    guard length <= bytes.byteCount - begin else {
      throw ImportError(file: path, "ends in its header")
    }
    let end = begin + length
    return (bytes.extracting(begin..<end).text(), begin, end)
  }

  /// The bytes of a file that holds an array of f32.
  ///
  /// - Precondition: There are as many elements as the dims say.
  public static func encode(_ elements: [Float], dims: [Int]) -> [UInt8] {
    precondition(elements.count == dims.reduce(1, *), "as many elements as the dims say")
    let shape =
      dims.count == 1 ? "(\(dims[0]),)" : "(\(dims.map(String.init).joined(separator: ", ")))"
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }"
    // Elements begin at a multiple of 64 bytes.
    header += String(repeating: " ", count: (64 - (10 + header.utf8.count + 1) % 64) % 64) + "\n"
    let length = UInt16(header.utf8.count)
    var bytes = magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(header.utf8)
    elements.withUnsafeBytes { bytes += $0 }
    return bytes
  }
}
