import Model
import Topology

/// The fields of a tensor's message, before they are found to fit each other.
struct TensorParts {
  let offset: Int
  var name = ""
  var dims: [Int] = []
  var type = 0
  /// Elements as they lie in memory.
  var raw: Range<Int>?
  /// Elements as lists of numbers.
  var integers: [Int64]?
  var reals: [Double] = []
  /// Where the elements are in another file.
  var external: [String: String] = [:]
  /// What ntprof wrote beside it.
  var notes: OwnNotes?

  init(offset: Int) { self.offset = offset }

  /// The tensor.
  ///
  /// - Throws: ``ImportError`` when dims and data disagree, or data lie where they may not.
  func constant(_ file: ModelFile, _ externals: inout ExternalFiles) throws(ImportError)
    -> ConstantTensor
  {
    func fault(_ message: String) -> ImportError {
      let title = name.isEmpty ? "a tensor" : "the tensor '\(name)'"
      return ImportError(file: file.path, place: "offset \(offset)", "\(title): \(message)")
    }
    let elementType = try ONNXReader.elementType(type, fault)
    guard let count = Extents.count(dims, most: Shape.maximumElementCount) else {
      throw fault("no tensor has the dims \(shapeText(dims))")
    }
    var result: ConstantTensor
    if let location = external["location"] {
      let mapped = try externals.part(
        location, offset: external["offset"], length: external["length"],
        wanted: count * elementType.byteCount, fault)
      result = ConstantTensor(
        dims: dims, elementType: elementType, mapped: mapped, origin: name)
    } else if let raw, integers == nil {
      guard raw.count == count * elementType.byteCount else {
        throw fault(
          "\(shapeText(dims)) of \(elementType.rawValue) are \(count * elementType.byteCount) "
            + "bytes, but \(raw.count) are there")
      }
      result = ConstantTensor(
        dims: dims, elementType: elementType, mapped: FileBytes(file, raw), origin: name)
    } else {
      let given = integers?.count ?? reals.count
      guard given == count else {
        throw fault("\(shapeText(dims)) are \(count) elements, but \(given) are there")
      }
      result = listed(elementType)
    }
    result.origin = name.isEmpty ? nil : name
    result.isFixed = notes?.isFixed ?? false
    result.pattern = notes?.pattern
    result.layout = notes?.layout
    return result
  }

  /// Elements that are listed one by one; small floats stand among integers as their bits.
  private func listed(_ elementType: ElementType) -> ConstantTensor {
    guard let integers else {
      return ConstantTensor(dims: dims, elementType: elementType, reals: reals)
    }
    guard elementType.isReal else {
      return ConstantTensor(dims: dims, elementType: elementType, integers: integers)
    }
    let values = integers.map { bits in
      let half = UInt16(truncatingIfNeeded: bits)
      return Double(
        elementType == .bf16
          ? Float(bitPattern: UInt32(half) << 16) : halfPrecision(half))
    }
    return ConstantTensor(dims: dims, elementType: elementType, reals: values)
  }
}

/// Dims as messages have them: `64x3x7x7`; a scalar has none.
func shapeText(_ dims: [Int]) -> String {
  dims.isEmpty ? "a scalar" : dims.map(String.init).joined(separator: "x")
}
