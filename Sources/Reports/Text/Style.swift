internal import Profiling

/// Colours of a terminal, or none.
struct Style {
  /// Whether to colour at all.
  let color: Bool

  /// What a text is.
  enum Role {
    case title, secondary, good, bad, warning
    case bound(Bound.Class)
  }

  /// The text in the colours of its role.
  func paint(_ text: String, _ role: Role?) -> String {
    guard color, let role, !text.isEmpty else { return text }
    return "\u{1b}[\(code(role))m\(text)\u{1b}[0m"
  }

  /// SGR parameters: the sixteen colours, so that the terminal's theme decides.
  private func code(_ role: Role) -> String {
    switch role {
    case .title: "1"
    case .secondary: "2"
    case .good: "32"
    case .bad: "31"
    case .warning: "33"
    case .bound(.memory): "34"
    case .bound(.core): "33"
    case .bound(.balanced): "32"
    case .bound(.latency): "31"
    case .bound(.frontend), .bound(.badSpeculation): "35"
    case .bound(.unknown): "2"
    }
  }
}
