/// What a page takes from programs and libraries of the machine that renders it.
///
/// ``Reports`` touches no file and starts no process: who calls it brings these. The same record and
/// the same assets give the same bytes.
public protocol PageAssets: Sendable {
  /// The source of Chart.js, to be put into the page; nil when it is not installed.
  var chartLibrary: String? { get }

  /// Lays out graphs.
  ///
  /// - Parameter dot: Graphs in Graphviz's language, one behind the other.
  /// - Returns: One SVG document a graph, one behind the other, or why there is none.
  func layOut(_ dot: String) -> GraphLayout
}

/// What became of graphs that were to be laid out.
public enum GraphLayout: Hashable, Sendable {
  /// SVG documents, one behind the other.
  case svg(String)
  /// Graphviz is not installed.
  case notInstalled
  /// Graphviz gave nothing; why, in a few words.
  case failed(String)
}
