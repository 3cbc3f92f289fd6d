/// What the header of a safetensors file says of a tensor.
struct SafetensorsItem: Hashable {
  let name: String
  let elementType: ElementType
  let dims: [Int]
  /// Bytes behind the header.
  let range: Range<Int>
}

/// The header of a safetensors file: its tensors, and text about them.
struct SafetensorsHeader {
  private(set) var items: [SafetensorsItem] = []
  private(set) var metadata: [String: String] = [:]

  /// Reads the JSON text of a header.
  ///
  /// - Parameters:
  ///   - text: Its bytes, in UTF-8.
  ///   - dataBytes: How many bytes follow it.
  /// - Throws: ``SafetensorsFault`` with the first thing that is wrong.
  init(_ text: [UInt8], dataBytes: Int) throws(SafetensorsFault) {
    var parser = HeaderParser(text)
    guard case .object(let members) = try parser.document() else {
      throw SafetensorsFault("its header is no JSON object")
    }
    var names: Set<String> = []
    for member in members {
      let name = member.name
      guard names.insert(name).inserted else {
        throw SafetensorsFault("its header has '\(name)' twice")
      }
      if name == "__metadata__" {
        metadata = try SafetensorsHeader.metadata(member.value)
      } else {
        items.append(try SafetensorsHeader.item(name, member.value, dataBytes))
      }
    }
    try checkCoverage(dataBytes)
  }

  private static func metadata(_ value: HeaderValue) throws(SafetensorsFault) -> [String: String] {
    guard case .object(let members) = value else {
      throw SafetensorsFault("its __metadata__ is no JSON object")
    }
    var texts: [String: String] = [:]
    for member in members {
      guard case .string(let text) = member.value else {
        throw SafetensorsFault("its __metadata__ '\(member.name)' is no text")
      }
      texts[member.name] = text
    }
    return texts
  }

  private static func item(
    _ name: String, _ value: HeaderValue, _ dataBytes: Int
  ) throws(SafetensorsFault) -> SafetensorsItem {
    guard case .object(let members) = value else {
      throw SafetensorsFault("tensor '\(name)' is no JSON object")
    }
    func member(_ key: String) throws(SafetensorsFault) -> HeaderValue {
      let all = members.filter { $0.name == key }
      guard let one = all.first, all.count == 1 else {
        throw SafetensorsFault(
          "tensor '\(name)' has \(all.isEmpty ? "no" : "more than one") '\(key)'")
      }
      return one.value
    }
    guard case .string(let code) = try member("dtype") else {
      throw SafetensorsFault("the dtype of tensor '\(name)' is no text")
    }
    guard let elementType = ElementType(safetensors: code) else {
      throw SafetensorsFault(
        "tensor '\(name)' has elements of \(code), which are not read; known are "
          + ElementType.allCases.map(\.safetensors).joined(separator: ", "))
    }
    guard let dims = try member("shape").integers else {
      throw SafetensorsFault("the shape of tensor '\(name)' is no list of whole numbers ≥ 0")
    }
    guard let offsets = try member("data_offsets").integers, offsets.count == 2,
      offsets[0] <= offsets[1]
    else {
      throw SafetensorsFault(
        "the data_offsets of tensor '\(name)' are no two whole numbers in order")
    }
    guard offsets[1] <= dataBytes else {
      throw SafetensorsFault(
        "tensor '\(name)' ends at byte \(offsets[1]) of the data, which has \(dataBytes)")
    }
    guard let count = Extents.count(dims, most: Int.max / elementType.byteCount) else {
      throw SafetensorsFault("the shape of tensor '\(name)' has too many elements")
    }
    let bytes = count * elementType.byteCount
    guard offsets[1] - offsets[0] == bytes else {
      throw SafetensorsFault(
        "tensor '\(name)' (\(code), \(text(ofDims: dims))) has \(offsets[1] - offsets[0]) bytes"
          + " where its elements take \(bytes)")
    }
    return SafetensorsItem(
      name: name, elementType: elementType, dims: dims, range: offsets[0]..<offsets[1])
  }

  /// Each byte of the data belongs to one tensor.
  private func checkCoverage(_ dataBytes: Int) throws(SafetensorsFault) {
    var end = 0
    var last = ""
    let sorted = items.filter { !$0.range.isEmpty }.sorted {
      $0.range.lowerBound < $1.range.lowerBound
    }
    for item in sorted {
      if item.range.lowerBound < end {
        throw SafetensorsFault("tensors '\(last)' and '\(item.name)' overlap")
      }
      if item.range.lowerBound > end {
        throw SafetensorsFault(
          "bytes \(end) to \(item.range.lowerBound) of the data belong to no tensor")
      }
      end = item.range.upperBound
      last = item.name
    }
    guard end == dataBytes else {
      throw SafetensorsFault("bytes \(end) to \(dataBytes) of the data belong to no tensor")
    }
  }
}

/// What is wrong with a safetensors file, in one clause.
struct SafetensorsFault: Error {
  let message: String

  init(_ message: String) { self.message = message }
}

extension ElementType {
  /// The format's word for it.
  var safetensors: String { rawValue.uppercased() }

  init?(safetensors code: String) {
    guard let type = ElementType.allCases.first(where: { $0.safetensors == code }) else {
      return nil
    }
    self = type
  }
}
