import Execution
import Measuring
import Profiling
import Topology
import TopologyXML

/// A small network that readers of weights, profiles and plans are tried on, and what is done with any.
enum SampleNetwork {
  /// Its topology: a convolution, a pool, a fully connected layer and a recurrent one beside them.
  static let text = """
    <?xml version="1.0" encoding="UTF-8"?>
    <topology name="sample" version="1">
      <input name="image" shape="1x3x8x8" layout="nchw"/>
      <layer name="c"><conv filters="4" kernel="3" padding="1"/><batch-norm/><activation kind="relu"/></layer>
      <layer name="p"><pool kernel="2"/></layer>
      <layer name="f"><fc units="5"/></layer>
      <layer name="s"><softmax/></layer>
    </topology>
    """

  /// The network.
  static let graph: Graph? =
    try? TopologyReader().read(bytes: Array(text.utf8), file: "sample.xml").graph

  /// The rows of a record of a network, without times.
  static func rows(_ graph: Graph) -> RecordAssembler {
    RecordAssembler(graph: graph, selection: [Bool](repeating: true, count: graph.layers.count))
  }

  /// What every command does with a network before it runs.
  static func use(_ graph: Graph) {
    _ = graph.layers.map(\.cost)
    let rows = rows(graph)
    _ = (rows.totals(), rows.layers())
    if let program = try? graph.program() { _ = Plan.predictMemory(program) }
  }
}
