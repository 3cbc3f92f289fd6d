/// The text of an attribute in which `${…}` stands for integers.
enum Template {
  /// The text with every `${…}` replaced by its value.
  static func expand(_ text: String, scope: ParameterScope) throws(ExpressionError) -> String {
    guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var offset = 0
    while offset < bytes.count {
      if bytes[offset] == UInt8(ascii: "$"), offset + 1 < bytes.count,
        bytes[offset + 1] == UInt8(ascii: "{")
      {
        let (value, end) = try Expression.evaluate(bytes, from: offset + 2, scope: scope)
        result += Array(String(value).utf8)
        offset = end
      } else {
        result.append(bytes[offset])
        offset += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// The words of a list, separated by white space outside `${}`, with their byte offsets.
  static func words(_ text: String) -> [(text: String, offset: Int)] {
    let bytes = Array(text.utf8)
    var words: [(text: String, offset: Int)] = []
    var start: Int?
    var isInside = false
    for (offset, byte) in bytes.enumerated() {
      if byte == UInt8(ascii: "{"), offset > 0, bytes[offset - 1] == UInt8(ascii: "$") {
        isInside = true
      } else if byte == UInt8(ascii: "}") {
        isInside = false
      }
      let isSpace = [0x20, 0x09, 0x0A, 0x0D].contains(byte) && !isInside
      if isSpace, let begin = start {
        words.append((String(decoding: bytes[begin..<offset], as: UTF8.self), begin))
        start = nil
      } else if !isSpace, start == nil {
        start = offset
      }
    }
    if let begin = start {
      words.append((String(decoding: bytes[begin...], as: UTF8.self), begin))
    }
    return words
  }
}
