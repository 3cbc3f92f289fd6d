/// A text as words and the numbers between them: `conv2/3/add` is `conv`, 2, `/`, 3, `/add`.
struct NumberedText: Hashable {
  private(set) var words: [String] = [""]
  private(set) var numbers: [Int] = []

  /// Takes a text apart; numbers with leading zeros or beyond 18 digits stay text.
  init(_ text: String) {
    var rest = Substring(text)
    while let start = rest.firstIndex(where: { $0.isASCII && $0.isNumber }) {
      words[words.count - 1] += rest[..<start]
      let digits = rest[start...].prefix { $0.isASCII && $0.isNumber }
      if digits.count <= 18, digits.count == 1 || digits.first != "0", let number = Int(digits) {
        numbers.append(number)
        words.append("")
      } else {
        words[words.count - 1] += digits
      }
      rest = rest[digits.endIndex...]
    }
    words[words.count - 1] += rest
  }

  /// One text for `texts`, in which `${…}` of `index`, counted from 0, stands for the numbers that grow by
  /// the same from one to the next; nil where they differ in another way.
  static func template(_ texts: [String], index: String) -> String? {
    guard let first = texts.first else { return nil }
    if texts.allSatisfy({ $0 == first }) { return first }
    let parts = texts.map(NumberedText.init)
    guard parts.allSatisfy({ $0.words == parts[0].words }) else { return nil }
    var result = parts[0].words[0]
    for place in parts[0].numbers.indices {
      let values = parts.map { $0.numbers[place] }
      let step = values[1] - values[0]
      for (count, value) in values.enumerated() {
        let (scaled, overflow) = step.multipliedReportingOverflow(by: count)
        guard !overflow, value == values[0] &+ scaled else { return nil }
      }
      result += expression(values[0], step, index) + parts[0].words[place + 1]
    }
    return result
  }

  /// `${i + 2}`, `${2 * i + 1}`, `3`.
  private static func expression(_ start: Int, _ step: Int, _ index: String) -> String {
    if step == 0 { return String(start) }
    let factor = step == 1 ? index : "\(step) * \(index)"
    return step < 0
      ? "${\(start) - \(-step) * \(index)}"
      : start == 0 ? "${\(factor)}" : "${\(factor) + \(start)}"
  }
}
