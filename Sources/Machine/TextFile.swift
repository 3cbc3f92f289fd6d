import Files

/// Reads the small text files in which the kernel describes the machine.
enum TextFile {
  /// The whole text, or nil when the file cannot be opened or read.
  static func read(_ path: String) -> String? { FileReader.text(path) }

  /// The text's first line without white space around it, or nil when there is none.
  static func line(_ path: String) -> String? {
    guard let line = read(path)?.split(whereSeparator: \.isNewline).first else { return nil }
    let trimmed = line.trimmingSpace()
    return trimmed.isEmpty ? nil : String(trimmed)
  }
}

extension StringProtocol {
  /// This text without white space at its ends.
  func trimmingSpace() -> SubSequence {
    guard let first = firstIndex(where: { !$0.isWhitespace }),
      let last = lastIndex(where: { !$0.isWhitespace })
    else { return self[endIndex...] }
    return self[first...last]
  }
}
