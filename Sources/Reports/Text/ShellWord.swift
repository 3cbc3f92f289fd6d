/// A word as a shell takes it, for commands that the user may copy.
public enum ShellWord {
  /// `text` itself where it is plain, else in quotes.
  public static func quoted(_ text: String) -> String {
    let plain = text.allSatisfy {
      $0.isASCII && ($0.isLetter || $0.isNumber || "/._-+,:=@%".contains($0))
    }
    return plain && !text.isEmpty ? text : "'\(text.replacing("'", with: "'\\''"))'"
  }

  /// A command of several words.
  public static func command(_ words: [String]) -> String {
    words.map(quoted).joined(separator: " ")
  }
}
