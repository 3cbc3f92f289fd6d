/// The text of an attribute in which `${…}` stands for numbers and texts.
enum Template {
  /// How many words a range may be written out to.
  static let maximumWords = 100_000

  /// The text with every `${…}` replaced by its value.
  static func expand(
    _ text: String, scope: ParameterScope, division: Number.Division = .truncating
  ) throws(ExpressionError) -> String {
    try expand(text, scope: scope, division: division, allowsRanges: false)[0]
  }

  /// A word of a list with every `${…}` replaced: once for each number of a range `${a..b}`.
  static func expandWord(_ text: String, scope: ParameterScope) throws(ExpressionError) -> [String]
  {
    try expand(text, scope: scope, division: .truncating, allowsRanges: true)
  }

  /// Whether a text holds a `${`.
  static func isExpression(_ text: String) -> Bool { text.contains("${") }

  private static func expand(
    _ text: String, scope: ParameterScope, division: Number.Division, allowsRanges: Bool
  ) throws(ExpressionError) -> [String] {
    guard text.utf8.contains(UInt8(ascii: "$")) else { return [text] }
    let bytes = Array(text.utf8)
    var results: [[UInt8]] = [[]]
    var offset = 0
    while offset < bytes.count {
      if bytes[offset] == UInt8(ascii: "$"), offset + 1 < bytes.count,
        bytes[offset + 1] == UInt8(ascii: "{")
      {
        let place = offset + 2
        let (result, end) = try Expression.evaluate(
          bytes, from: place, scope: scope, division: division)
        switch result {
        case .value(let value):
          let part = Array(value.text.utf8)
          for index in results.indices { results[index] += part }
        case .range(let first, let last):
          guard allowsRanges else {
            throw ExpressionError(
              message: "a range stands for names in a list of them only", offset: place)
          }
          let (count, overflow) = last.subtractingReportingOverflow(first)
          guard !overflow, count < maximumWords, max(0, count + 1) * results.count <= maximumWords
          else {
            throw ExpressionError(
              message: "the range gives more than \(maximumWords) names", offset: place)
          }
          let numbers = first <= last ? Array(first...last) : []
          results = results.flatMap { head in numbers.map { head + Array(String($0).utf8) } }
        }
        offset = end
      } else {
        for index in results.indices { results[index].append(bytes[offset]) }
        offset += 1
      }
    }
    return results.map { String(decoding: $0, as: UTF8.self) }
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
