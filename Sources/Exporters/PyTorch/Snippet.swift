/// A piece of Python in which numbers may become arguments of a class.
///
/// Layers of equal structure have equal ``text``: where their numbers differ stands an argument, and
/// where they agree the number itself.
struct Snippet {
  /// A number, and what an argument for it would be called.
  struct Argument: Hashable {
    let name: String
    let value: String
  }

  private static let mark: Character = "\u{1}"

  /// The Python, with a mark where each argument stands.
  private(set) var text = ""
  /// The arguments in order.
  private(set) var arguments: [Argument] = []

  init(_ text: String = "") { self.text = text }

  /// A number that may become an argument.
  static func number(_ name: String, _ value: some CustomStringConvertible) -> Snippet {
    var snippet = Snippet(String(mark))
    snippet.arguments = [Argument(name: name, value: value.description)]
    return snippet
  }

  /// Takes arguments for the marks in its text.
  mutating func adopt(_ arguments: [Argument]) { self.arguments = arguments }

  static func + (first: Snippet, second: Snippet) -> Snippet {
    var sum = first
    sum.text += second.text
    sum.arguments += second.arguments
    return sum
  }

  static func += (first: inout Snippet, second: Snippet) { first = first + second }

  /// Pieces with something between them.
  static func joined(_ pieces: [Snippet], by separator: String) -> Snippet {
    var sum = Snippet()
    for (index, piece) in pieces.enumerated() {
      if index > 0 { sum += Snippet(separator) }
      sum += piece
    }
    return sum
  }

  /// The Python with these texts for the arguments.
  func filled(_ values: [String]) -> String {
    var rest = values[...]
    var result = ""
    for character in text {
      if character == Self.mark {
        result += rest.popFirst() ?? ""
      } else {
        result.append(character)
      }
    }
    return result
  }

  /// The Python with all numbers in it.
  var plain: String { filled(arguments.map(\.value)) }
}

extension Snippet: ExpressibleByStringInterpolation {
  struct StringInterpolation: StringInterpolationProtocol {
    var snippet = Snippet()

    init(literalCapacity: Int, interpolationCount: Int) {}

    mutating func appendLiteral(_ literal: String) { snippet = snippet + Snippet(literal) }
    mutating func appendInterpolation(_ piece: Snippet) { snippet = snippet + piece }
    mutating func appendInterpolation(_ text: String) { snippet = snippet + Snippet(text) }
    mutating func appendInterpolation(_ number: Int) { appendInterpolation(number.description) }
    /// A number that may become an argument.
    mutating func appendInterpolation(_ name: String, _ value: some CustomStringConvertible) {
      appendInterpolation(Snippet.number(name, value))
    }
  }

  init(stringLiteral text: String) { self.init(text) }
  init(stringInterpolation text: StringInterpolation) { self = text.snippet }
}

/// How Python writes things.
enum Python {
  /// `(3, 5)`, or `3` where all are equal.
  static func tuple(_ values: [Int]) -> String {
    if let first = values.first, values.allSatisfy({ $0 == first }) { return "\(first)" }
    return list(values)
  }

  /// `(3, 5)`, `(3,)`.
  static func list(_ values: [Int]) -> String {
    "(\(values.map(String.init).joined(separator: ", "))\(values.count == 1 ? "," : ""))"
  }

  /// `3, 5`, as arguments.
  static func plain(_ values: [Int]) -> String {
    values.map(String.init).joined(separator: ", ")
  }

  /// A number; whole ones without a fraction.
  static func number(_ value: Double) -> String {
    if value == .infinity { return "float(\"inf\")" }
    if value == -.infinity { return "float(\"-inf\")" }
    return value == value.rounded() && value.magnitude < 1e9 ? "\(Int(value))" : "\(value)"
  }

  /// A name made of a layer's: what no name may have becomes `_`.
  static func identifier(_ name: String) -> String {
    var result = String(
      name.map { ($0.isLetter || $0.isNumber) && $0.isASCII || $0 == "_" ? $0 : "_" })
    if result.first.map({ $0.isNumber }) ?? true { result = "_" + result }
    return keywords.contains(result) || reserved.contains(result) ? result + "_" : result
  }

  /// `ConvBatchNormReLU` of `conv batch-norm relu`.
  static func className(_ words: [String]) -> String {
    words.flatMap { $0.split(separator: "-") }.map { $0.prefix(1).uppercased() + $0.dropFirst() }
      .joined()
  }

  /// A text.
  static func text(_ text: String) -> String {
    "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
  }

  private static let keywords: Set<String> = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in",
    "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with",
    "yield",
  ]
  /// What a module has already.
  private static let reserved: Set<String> = [
    "forward", "train", "eval", "float", "double", "half", "to", "type", "apply", "children",
    "modules",
    "parameters", "buffers", "training", "load", "cpu", "cuda", "compile", "share_memory", "self",
    "torch", "nn", "F",
  ]
}
