/// A problem as benchdnn and verbose logs write it, taken apart: `mb1_ic3oc64_ih224oh112kh7sh2ph3`,
/// `1x64x55x55`, `15x41:41x19`.
struct ProblemText {
  /// Numbers by their letters (`ih`: 224); empty where the text is made of dims.
  var numbers: [String: Int]
  /// Dims of each tensor; empty where the text is made of letters.
  let dims: [[Int]]
  /// The largest number of a problem: products of two and sums of such fit 64 bits.
  private static let most = 1 << 30
  /// What a benchdnn list calls it: the text within `n"…"`.
  let name: String?

  /// Takes a text apart; nil where it is of neither form.
  init?(_ text: some StringProtocol) {
    var rest = Substring(text)
    var name: String?
    if let quote = rest.firstIndex(of: "\"") {
      guard rest.last == "\"", rest.index(after: quote) < rest.endIndex else { return nil }
      name = String(rest[rest.index(after: quote)...].dropLast())
      rest = rest[..<quote]
      guard rest.last == "n" else { return nil }
      rest = rest.dropLast()
      if rest.last == "_" { rest = rest.dropLast() }
    }
    self.name = name
    if let first = rest.first, first.isASCII, first.isNumber {
      numbers = [:]
      guard let dims = Self.dims(rest) else { return nil }
      self.dims = dims
    } else {
      dims = []
      guard let numbers = Self.numbers(rest) else { return nil }
      self.numbers = numbers
    }
  }

  /// A number by its letters.
  subscript(_ key: String) -> Int? { numbers[key] }

  private static func dims(_ text: Substring) -> [[Int]]? {
    var tensors: [[Int]] = []
    for part in text.split(separator: ":", omittingEmptySubsequences: false) {
      var dims: [Int] = []
      for word in part.split(separator: "x", omittingEmptySubsequences: false) {
        guard let value = Int(word), 0...most ~= value else { return nil }
        dims.append(value)
      }
      tensors.append(dims)
    }
    return tensors
  }

  private static func numbers(_ text: Substring) -> [String: Int]? {
    var numbers: [String: Int] = [:]
    var rest = text
    while !rest.isEmpty {
      if rest.first == "_" {
        rest = rest.dropFirst()
        continue
      }
      let key = rest.prefix { $0.isASCII && $0.isLetter }
      let digits = rest[key.endIndex...].prefix { $0.isASCII && $0.isNumber }
      guard !key.isEmpty, let value = Int(digits), value <= most else { return nil }
      numbers[String(key)] = value
      rest = rest[digits.endIndex...]
    }
    return numbers.isEmpty ? nil : numbers
  }
}
