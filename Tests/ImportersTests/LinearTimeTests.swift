import Foundation
import Glibc
import Importers
import ONNX
import TestSupport
import Testing
import Topology
import TopologyXML

/// Reading and writing take time in proportion to the nodes.
///
/// Twice the nodes may take three times the CPU time of the thread, four times the nodes nine times: a step
/// that looks at all nodes for each of them takes sixteen. The best of several is compared, for time is
/// only ever added. Without optimisation 20,000 nodes take minutes.
@Suite("Linear time", .serialized) struct LinearTimeTests {
  static let counts = [1_000, 2_000, 4_000]

  /// Fewer for what only stands in another order or bears other names.
  private func counts(_ isFull: Bool) -> [Int] { Self.counts.map { isFull ? $0 : $0 / 2 } }

  private func cpuTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
  }

  /// The least time of a few, as long as a ratio of them is too large.
  private func expectLinear(_ name: String, _ work: [() throws -> Void]) throws {
    var least = [Double](repeating: .infinity, count: work.count)
    for _ in 0..<4 {
      for (place, body) in work.enumerated() {
        let begin = cpuTime()
        try body()
        least[place] = min(least[place], cpuTime() - begin)
      }
      if least[1] < 3 * least[0], least[2] < 9 * least[0] { break }
    }
    #expect(least[1] < 3 * least[0] && least[2] < 9 * least[0], "\(name): \(least) ns")
  }

  /// A model of so many nodes.
  private func model(_ kind: String, nodes count: Int) throws -> [UInt8] {
    var model = TestModel([("x", [1, 3, 4, 4])])
    model.weight("w", [3, 3, 1, 1])
    for index in 0..<count / 2 {
      let source = index == 0 ? "x" : "v\(index)"
      let name = kind == "one name" ? "node" : ""
      model.node("Conv", [source, "w"], ["c\(index)"], name: name)
      model.node(
        "Add", [source, "c\(index)"], [index == count / 2 - 1 ? "y" : "v\(index + 1)"], name: name)
    }
    if kind == "backwards" { model.graph.node.reverse() }
    return try model.bytes()
  }

  @Test("an ONNX model is read", arguments: ["in order", "one name", "backwards"])
  func models(kind: String) throws {
    let files = try counts(kind == "in order").map { try model(kind, nodes: $0) }
    try expectLinear(
      kind,
      files.map { bytes in
        { try Files.withFile(bytes) { file in _ = try ModelImport.onnx(file) } }
      })
  }
}
