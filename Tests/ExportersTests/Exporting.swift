import Exporters
import Foundation
import ONNX
import SwiftProtobuf
import TestSupport
import Topology
import TopologyXML

/// A graph exported and read again.
struct Exported {
  let graph: Graph
  let program: Program
  let model: ONNXModel
  let bytes: [UInt8]
  static let weights = SeededWeights(seed: 7)

  init(_ graph: Graph) throws {
    self.graph = graph
    program = try graph.program()
    let export = try ONNXExport(graph, weights: Self.weights, producer: ("test", "1"))
    var bytes: [UInt8] = []
    export.write { $0.withUnsafeBytes { bytes.append(contentsOf: $0) } }
    self.bytes = bytes
    guard bytes.count == export.byteCount else {
      throw GraphError("\(bytes.count) bytes written, \(export.byteCount) announced")
    }
    model = try ONNXModel(serializedBytes: bytes)
  }

  /// A topology by its path in the repository.
  init(file: String) throws {
    try self.init(Self.read(file))
  }

  static func read(_ file: String) throws -> Graph {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return try TopologyReader().read(file: "/\(root)/\(file)").graph
  }

  var nodes: [ONNXNode] { model.graph.node }

  /// The operators in order.
  var operators: [String] { nodes.map(\.opType) }

  /// An initialiser by its name.
  func initializer(_ name: String) -> ONNXTensor? {
    model.graph.initializer.first { $0.name == name }
  }

  /// Elements of an f32 initialiser.
  func floats(_ name: String) -> [Float] {
    initializer(name)?.rawData.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) } ?? []
  }

  /// A constant of the program in ntprof's order.
  func constant(_ role: WeightRole, of instruction: Int) -> [Float] {
    guard
      let index = program.instructions[instruction].weights.firstIndex(where: { $0.role == role })
    else { return [] }
    return Self.weights.values(
      instruction: instruction, slot: program.instructions[instruction].weights[index],
      index: index)
  }
}
