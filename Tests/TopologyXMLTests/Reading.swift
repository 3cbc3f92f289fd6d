import Testing
import Topology
import TopologyXML

/// What reading a text gave, for comparison with literals.
func diagnostics(
  _ text: String, options: TopologyReader.Options = .init(), file: String = "t.xml"
) -> [String] {
  diagnostics(bytes: Array(text.utf8), options: options, file: file)
}

/// What reading bytes gave: one `file:line:column: error: message` each, hints in parentheses.
func diagnostics(
  bytes: [UInt8], options: TopologyReader.Options = .init(), file: String = "t.xml"
) -> [String] {
  do throws(TopologyReadError) {
    _ = try TopologyReader(options: options).read(bytes: bytes, file: file)
    return []
  } catch {
    guard case .invalid(let found) = error else { return ["\(error)"] }
    return found.map { "\($0.location): \($0.message)" + ($0.hint.map { " (\($0))" } ?? "") }
  }
}

/// The graph of a text that must be valid.
func graph(_ text: String, options: TopologyReader.Options = .init()) throws -> Graph {
  try TopologyReader(options: options).read(bytes: Array(text.utf8), file: "t.xml").graph
}

/// A topology around `body`, which begins on line 3 in column 1, with an image `x` as input.
func topology(_ body: String) -> String {
  """
  <topology name="t" version="1">
  <input name="x" shape="1x3x8x8"/>
  \(body)
  </topology>
  """
}

/// A topology around `body`, which begins on line 2 in column 1, without input.
func bare(_ body: String) -> String {
  """
  <topology name="t" version="1">
  \(body)
  </topology>
  """
}

/// What the layers of a graph read, by name.
func wiring(_ graph: Graph) -> [String] {
  graph.layers.map { layer in
    let sources = layer.inputs.map { source in
      switch source {
      case .input(let index): graph.inputs[index].name
      case .layer(let index): graph.layers[index].name
      case .state(let index, let state):
        graph.layers[index].name + "." + graph.layers[index].states[state].name
      case .constant, .previous: "?"
      }
    }
    return "\(layer.name) <- \(sources.joined(separator: " "))"
  }
}
