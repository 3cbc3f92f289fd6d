import Execution
import Foundation
import Importers
import Measuring
import Model
import ONNX
import SwiftProtobuf
import Testing
import Topology

/// An ONNX model that a test writes down.
struct TestModel {
  var graph = ONNXGraph()
  var opset = 13
  var producer = "test"

  /// A model of inputs and outputs; negative extents are left open, or named by `symbols`.
  init(
    _ inputs: [(String, [Int])], outputs: [String] = ["y"], opset: Int = 13,
    symbols: [Int: String] = [:]
  ) {
    self.opset = opset
    graph.name = "net"
    for (name, dims) in inputs {
      var info = ONNXValueInfo()
      info.name = name
      info.type.tensorType.elemType = 1
      info.type.tensorType.shape.dim = dims.map { extent in
        var dimension = ONNXTensorShape.Dimension()
        if extent > 0 { dimension.dimValue = Int64(extent) }
        if let symbol = symbols[extent] { dimension.dimParam = symbol }
        return dimension
      }
      graph.input.append(info)
    }
    for name in outputs {
      var info = ONNXValueInfo()
      info.name = name
      graph.output.append(info)
    }
  }

  /// Appends a node; attributes are integers, lists, numbers, texts, tensors or graphs.
  mutating func node(
    _ type: String, _ inputs: [String], _ outputs: [String] = ["y"], name: String = "",
    domain: String = "", _ attributes: [String: Any] = [:]
  ) {
    var node = ONNXNode()
    node.opType = type
    node.domain = domain
    node.name = name
    node.input = inputs
    node.output = outputs
    for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
      var attribute = ONNXAttribute()
      attribute.name = name
      switch value {
      case let value as Int:
        attribute.type = .int
        attribute.i = Int64(value)
      case let value as [Int]:
        attribute.type = .ints
        attribute.ints = value.map(Int64.init)
      case let value as Double:
        attribute.type = .float
        attribute.f = Float(value)
      case let value as String:
        attribute.type = .string
        attribute.s = Data(value.utf8)
      case let value as ONNXTensor:
        attribute.type = .tensor
        attribute.t = value
      case let value as ONNXGraph:
        attribute.type = .graph
        attribute.g = value
      default: Issue.record("no attribute \(value)")
      }
      node.attribute.append(attribute)
    }
    graph.node.append(node)
  }

  /// Appends an initialiser of f32.
  mutating func weight(_ name: String, _ dims: [Int], _ values: [Float]? = nil) {
    let count = dims.reduce(1, *)
    var tensor = ONNXTensor()
    tensor.name = name
    tensor.dims = dims.map(Int64.init)
    tensor.dataType = Int32(ONNXTensor.DataType.float.rawValue)
    let elements = values ?? (0..<count).map { Float($0 % 7) / 7 - 0.4 }
    tensor.rawData = elements.withUnsafeBytes { Data($0) }
    graph.initializer.append(tensor)
  }

  /// Appends an initialiser of integers.
  mutating func integers(_ name: String, _ values: [Int], dims: [Int]? = nil) {
    graph.initializer.append(TestModel.integers(name, values, dims: dims))
  }

  static func integers(_ name: String, _ values: [Int], dims: [Int]? = nil) -> ONNXTensor {
    var tensor = ONNXTensor()
    tensor.name = name
    tensor.dims = (dims ?? [values.count]).map(Int64.init)
    tensor.dataType = Int32(ONNXTensor.DataType.int64.rawValue)
    tensor.int64Data = values.map(Int64.init)
    return tensor
  }

  /// The bytes of the file.
  func bytes() throws -> [UInt8] {
    var model = ONNXModel()
    model.irVersion = 8
    model.producerName = producer
    var operators = ONNXOperatorSet()
    operators.domain = ""
    operators.version = Int64(opset)
    model.opsetImport = [operators]
    model.graph = graph
    return try model.serializedBytes()
  }

  /// The network.
  func imported(_ options: ImportOptions = ImportOptions()) throws -> ImportedModel {
    try Files.withFile(try bytes()) { file in try ModelImport.onnx(file, options: options) }
  }

  /// The elements of each layer, in order.
  func elements() throws -> [[String]] {
    try imported().model.graph.layers.map { $0.primitives.map(\.element) }
  }

  /// What the model gives.
  func run(_ inputs: [[Float]], _ options: ImportOptions = ImportOptions()) throws -> [[Float]] {
    try Runner.run(try imported(options), inputs)
  }
}

/// Runs imported models.
enum Runner {
  static func run(_ imported: ImportedModel, _ inputs: [[Float]]?) throws -> [[Float]] {
    let graph = imported.model.graph
    let plan = try Plan(try graph.program(), weights: try imported.weights())
    for (index, values) in (inputs ?? []).enumerated() { plan.writeInput(index, values) }
    try plan.run()
    return plan.outputs()
  }

  /// The largest difference, as a part of the largest number that is wanted.
  static func error(_ given: [Float], _ wanted: [Float]) -> Float {
    guard given.count == wanted.count else { return .infinity }
    let largest = wanted.reduce(0) { max($0, abs($1)) }
    return zip(given, wanted).reduce(0) { max($0, abs($1.0 - $1.1)) } / max(largest, 1e-30)
  }
}

/// Files of tests.
enum Files {
  /// The package's root.
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// A file of the shared test material; `nil` where that is not there.
  static func shared(_ name: String) -> String? {
    let path = root.appending(path: "../shared/data/\(name)").standardized.path(
      percentEncoded: false)
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  /// A folder that is removed afterwards.
  static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "importers-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path(percentEncoded: false))
  }

  /// A file of some bytes; it stays mapped after it is removed.
  static func withFile<Result>(_ bytes: [UInt8], _ body: (ModelFile) throws -> Result) throws
    -> Result
  {
    try withFolder { folder in
      let path = "\(folder)/model.onnx"
      try Data(bytes).write(to: URL(filePath: path))
      return try body(try ModelFile(path))
    }
  }
}
