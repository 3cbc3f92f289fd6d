/// What ntprof writes beside a value in a file of a format that has no place for it.
public struct OwnNotes: Hashable, Sendable {
  /// Whether it is a constant that a rule filled and nobody trains.
  public var isFixed = false
  /// The rule.
  public var pattern: ConstantPattern?
  /// What its dims mean.
  public var layout: Layout?

  private static let prefix = "ntprof: "

  /// Notes of a value.
  public init(isFixed: Bool = false, pattern: ConstantPattern? = nil, layout: Layout? = nil) {
    self.isFixed = isFixed
    self.pattern = pattern
    self.layout = layout
  }

  /// The notes of a text; `nil` for other text.
  public init?(_ text: String) {
    guard text.hasPrefix(OwnNotes.prefix), text.utf8.count < 1024 else { return nil }
    for part in text.dropFirst(OwnNotes.prefix.count).split(separator: "; ") {
      if part == "fixed" {
        isFixed = true
      } else if part.hasPrefix("layout ") {
        layout = Layout(rawValue: String(part.dropFirst("layout ".count)))
      } else {
        pattern = ConstantPattern(words: String(part))
      }
    }
  }

  /// A text that gives them again.
  public var text: String {
    let parts = [isFixed ? "fixed" : nil, pattern?.words, layout.map { "layout \($0.rawValue)" }]
    return OwnNotes.prefix + parts.compactMap(\.self).joined(separator: "; ")
  }
}
