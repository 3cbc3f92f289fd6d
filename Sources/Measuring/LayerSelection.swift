public import Topology

/// Which layers are instrumented: the `--layers` option.
///
/// `all`, `marked` (the layers between markers), or terms joined by commas, each a layer's name,
/// the prefix of an expanded block, a range `FIRST..LAST`, or a segment `@NAME`.
public struct LayerSelection: Hashable, Sendable {
  private enum Term: Hashable, Sendable {
    case name(String)
    case range(String, String)
    case segment(String)
  }

  private enum Choice: Hashable, Sendable {
    case standard
    case all
    case marked
    case terms([Term])
  }

  private let choice: Choice
  private let text: String?

  /// `marked` where the topology has markers, else `all`.
  public static let standard = LayerSelection(choice: .standard, text: nil)

  private init(choice: Choice, text: String?) {
    self.choice = choice
    self.text = text
  }

  /// Parses the option's text; names are looked up by ``resolve(in:)``.
  ///
  /// - Throws: ``SelectionError`` for an empty term.
  public init(parsing text: String) throws(SelectionError) {
    switch text {
    case "all": self.init(choice: .all, text: text)
    case "marked": self.init(choice: .marked, text: text)
    default:
      var terms: [Term] = []
      for part in text.split(separator: ",", omittingEmptySubsequences: false) {
        terms.append(try LayerSelection.term(String(part)))
      }
      self.init(choice: .terms(terms), text: text)
    }
  }

  private static func term(_ part: String) throws(SelectionError) -> Term {
    if part.isEmpty { throw SelectionError("a layer's name is empty", suggestions: []) }
    if part.hasPrefix("@") { return .segment(String(part.dropFirst())) }
    let ends = part.split(separator: "..", omittingEmptySubsequences: false)
    guard ends.count > 1 else { return .name(part) }
    guard ends.count == 2, !ends[0].isEmpty, !ends[1].isEmpty else {
      throw SelectionError("'\(part)' is no range FIRST..LAST", suggestions: [])
    }
    return .range(String(ends[0]), String(ends[1]))
  }

  /// What the record's `options.layers` says for this graph.
  public func description(for graph: Graph) -> String {
    text ?? (graph.segments.isEmpty ? "all" : "marked")
  }

  /// Whether each layer is instrumented.
  ///
  /// - Throws: ``SelectionError`` for an unknown layer or segment, a reversed range, or `marked`
  ///   without markers.
  /// - Complexity: O(layers × terms).
  public func resolve(in graph: Graph) throws(SelectionError) -> [Bool] {
    switch choice {
    case .all: return [Bool](repeating: true, count: graph.layers.count)
    case .standard where graph.segments.isEmpty:
      return [Bool](repeating: true, count: graph.layers.count)
    case .standard, .marked:
      guard !graph.segments.isEmpty else {
        throw SelectionError("the topology has no markers", suggestions: ["all"])
      }
      return mark(graph.segments.flatMap(\.layers), of: graph)
    case .terms(let terms):
      var indices: [Int] = []
      for term in terms { indices += try layers(of: term, in: graph) }
      return mark(indices, of: graph)
    }
  }

  private func mark(_ indices: [Int], of graph: Graph) -> [Bool] {
    var chosen = [Bool](repeating: false, count: graph.layers.count)
    for index in indices { chosen[index] = true }
    return chosen
  }

  private func layers(of term: Term, in graph: Graph) throws(SelectionError) -> [Int] {
    switch term {
    case .segment(let name):
      guard let segment = graph.segments.first(where: { $0.name == name }) else {
        throw SelectionError(
          "no segment '@\(name)'", name: "@" + name,
          suggestions: graph.segments.map { "@\($0.name)" } + graph.layers.map(\.name))
      }
      return segment.layers
    case .name(let name): return try named(name, in: graph)
    case .range(let first, let last):
      let from = try named(first, in: graph)
      let to = try named(last, in: graph)
      guard let low = from.first, let high = to.last, low <= high else {
        throw SelectionError("'\(last)' stands before '\(first)'", suggestions: [])
      }
      return Array(low...high)
    }
  }

  private func named(_ name: String, in graph: Graph) throws(SelectionError) -> [Int] {
    if let layer = graph.layers.first(where: { $0.name == name }) { return [layer.index] }
    let inside = graph.layers.filter { $0.name.hasPrefix(name + "/") }.map(\.index)
    guard inside.isEmpty else { return inside }
    let known = graph.layers.map(\.name) + graph.segments.map { "@\($0.name)" }
    let isInput = graph.inputs.contains { $0.name == name }
    throw SelectionError(
      isInput ? "'\(name)' is an input, and no layer" : "no layer '\(name)'", name: name,
      suggestions: known)
  }
}

/// A selection that names what the topology does not have.
public struct SelectionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, in one clause.
  public let message: String
  /// The name that was looked up, if the error is about one.
  public let name: String?
  /// Names that exist: layers, and segments as `@NAME`.
  public let suggestions: [String]

  /// Makes an error.
  public init(_ message: String, name: String? = nil, suggestions: [String]) {
    self.message = message
    self.name = name
    self.suggestions = suggestions
  }

  /// The clause and up to eight names that exist.
  public var description: String {
    guard !suggestions.isEmpty else { return message }
    let shown = suggestions.prefix(8).joined(separator: ", ")
    return "\(message); there are: \(shown)\(suggestions.count > 8 ? ", …" : "")"
  }
}
