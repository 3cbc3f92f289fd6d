/// Text of a record made fit to print.
public enum DisplayText {
  /// Replaces control characters and those that change the direction of text: a record or a topology
  /// may come from anywhere, and its names must not steer a terminal.
  ///
  /// - Parameters:
  ///   - text: Some text.
  ///   - kept: Characters that stay all the same, such as the end of a line.
  /// - Returns: The text with U+FFFD in their places.
  public static func clean(_ text: String, keeping kept: Set<Unicode.Scalar> = []) -> String {
    func isReplaced(_ scalar: Unicode.Scalar) -> Bool { isUnsafe(scalar) && !kept.contains(scalar) }
    guard text.unicodeScalars.contains(where: isReplaced) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { result.append(isReplaced(scalar) ? "\u{fffd}" : scalar) }
    return String(result)
  }

  /// C0 and C1 controls, line and paragraph separators, marks, embeddings, overrides and isolates of
  /// the bidirectional algorithm (UAX #9).
  private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7f..<0xa0, 0x61c, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069: true
    default: false
    }
  }

  /// Columns a terminal gives the text.
  static func width(_ text: String) -> Int {
    var width = 0
    for character in text {
      guard let scalar = character.unicodeScalars.first else { continue }
      width += isWide(scalar.value) ? 2 : 1
    }
    return width
  }

  /// The common ranges of East Asian width W and F (UAX #11), and emoji.
  private static func isWide(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f,
      0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1faff, 0x20000...0x3fffd:
      true
    default: false
    }
  }

  /// The text in at most `limit` columns, elided in the middle: `conv2_1/bott…/relu`.
  static func elide(_ text: String, to limit: Int) -> String {
    guard width(text) > limit else { return text }
    guard limit > 1 else { return limit == 1 ? "…" : "" }
    let tail = prefix(text.reversed(), columns: (limit - 1) / 2)
    let head = prefix(text, columns: limit - 1 - (limit - 1) / 2)
    return String(head) + "…" + String(tail.reversed())
  }

  private static func prefix(_ text: some Sequence<Character>, columns: Int) -> [Character] {
    var left = columns
    var result: [Character] = []
    for character in text {
      let needed = width(String(character))
      guard needed <= left else { break }
      left -= needed
      result.append(character)
    }
    return result
  }

  /// Words broken into lines of at most `columns`, each after the first indented.
  static func wrap(_ text: String, columns: Int, indentation: Int = 0) -> String {
    var lines: [String] = []
    var line = ""
    // Runs of spaces are kept where no line breaks.
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      let room = columns - (lines.isEmpty ? 0 : indentation)
      if !line.isEmpty, width(line) + 1 + width(String(word)) > room {
        lines.append(line)
        line = String(word)
      } else {
        line += (line.isEmpty ? "" : " ") + word
      }
    }
    lines.append(line)
    let trimmed = lines.map { line in
      let end = line.lastIndex { $0 != " " }.map { line.index(after: $0) }
      return String(line[..<(end ?? line.startIndex)])
    }
    return trimmed.joined(separator: "\n" + String(repeating: " ", count: indentation))
  }
}
