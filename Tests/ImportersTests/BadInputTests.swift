import Foundation
import Importers
import Model
import ONNX
import Testing
import Topology

/// Damaged and hostile files: one error with its place, and nothing worse.
@Suite("Bad input")
struct BadInputTests {
  private static func good() -> TestModel {
    var model = TestModel([("x", [1, 3, 8, 8])])
    model.weight("w", [4, 3, 3, 3])
    model.node("Conv", ["x", "w"], ["y"], name: "conv1", ["pads": [1, 1, 1, 1]])
    return model
  }

  /// The error that a model's bytes give.
  private func fault(_ bytes: [UInt8], _ options: ImportOptions = ImportOptions()) throws
    -> ImportError
  {
    try #require(
      try Files.withFile(bytes) { file in
        #expect(throws: ImportError.self) { try ModelImport.onnx(file, options: options) }
      })
  }

  @Test("a file cut off anywhere is an error, or the whole network")
  func truncated() throws {
    let bytes = try Self.good().bytes()
    for length in stride(from: 0, to: bytes.count - 1, by: 7) {
      let error = try fault(Array(bytes.prefix(length)))
      #expect(error.kind == .invalid)
    }
    #expect(try fault(Array(bytes.prefix(bytes.count / 2))).place?.hasPrefix("offset ") == true)
  }

  @Test("flipped bytes never trap")
  func flipped() throws {
    let bytes = try Self.good().bytes()
    for place in bytes.indices {
      for bit in [UInt8(1), 0x10, 0x80] {
        var damaged = bytes
        damaged[place] ^= bit
        try Files.withFile(damaged) { file in
          _ = try? ModelImport.onnx(file)
        }
      }
    }
  }

  @Test("names that are no inputs', and shapes of another rank, are said at once")
  func inputNames() throws {
    var model = Self.good()
    model.graph.input.append(model.graph.input[0])
    model.graph.input[1].name = "other"
    var options = ImportOptions()
    options.shapes = ["p": [1], "q": [2]]
    options.values = ["r": 3]
    let unknown = try fault(try model.bytes(), options)
    #expect(unknown.kind == .usage)
    #expect(unknown.message == "has no inputs 'p', 'q', 'r'")
    #expect(unknown.remedy == "its inputs: x, other")
    options.shapes = ["x": [1, 3], "other": [1, 3, 8]]
    options.values = [:]
    let ranks = try fault(try model.bytes(), options).message
    #expect(ranks.contains("--shape x has 2 dimensions, the input has 4"))
    #expect(ranks.contains("--shape other has 3 dimensions, the input has 4"))
  }

  @Test(
    "a topology beside nodes that are others is left aside",
    arguments: [
      "", "<topology", "<topology name='a' version='1'/>",
      """
      <topology name="g" version="1"><input name="x" shape="1x3x8x8"/>
      <repeat count="90000"><layer name="l${i}"><activation kind="relu"/></layer></repeat></topology>
      """,
      """
      <topology name="g" version="1"><input name="x" shape="1x3x8x8"/>
      <layer name="y"><conv filters="4" kernel="5" padding="2" bias="false"/></layer></topology>
      """,
    ])
  func otherTopology(text: String) throws {
    try Files.withFile(try Self.good().bytes()) { file in
      var operators = try ONNXReader.read(file)
      operators.topology = text
      let graph = try ModelImport.network(
        of: operators, file: file.path, options: ImportOptions(), format: .onnx
      ).model.graph
      #expect(graph.layers.map(\.name) == ["conv1"])
      #expect(graph.cost.parameters == 108)
    }
  }

  @Test("a claim of 2 GB in a file of 1 kB is refused before anything is made of it")
  func claims() throws {
    var model = Self.good()
    model.graph.initializer[0].dims[0] = 20_000_000
    let error = try fault(try model.bytes())
    #expect(error.description.contains("'w'"))
    #expect(error.message.contains("2160000000 bytes, but 432 are there"))
    model.graph.initializer[0].dims = [1 << 40, 1 << 40]
    #expect(try fault(try model.bytes()).message.contains("no tensor has the dims"))
    model.graph.initializer[0].dims = [-1]
    #expect(try fault(try model.bytes()).message.contains("no tensor has the dims"))
    // A length of 2 GB where the graph's stands.
    let bytes: [UInt8] =
      [0x08, 0x08, 0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07] + Array(repeating: 0, count: 900)
    let claim = try fault(bytes)
    #expect(claim.place == "offset 2")
    #expect(claim.message.contains("claims 2147483647 bytes, of which 900 are there"))
  }

  @Test("what waits for itself is named, as is what nothing or two make")
  func graphs() throws {
    var cycle = TestModel([("x", [1, 4])])
    cycle.node("Add", ["x", "b"], ["a"], name: "n1")
    cycle.node("Relu", ["a"], ["b"], name: "n2")
    cycle.node("Relu", ["a"], ["y"], name: "n3")
    #expect(try fault(try cycle.bytes()).message.contains("n1 -> n2 -> n1"))
    var twice = TestModel([("x", [1, 4])])
    twice.node("Relu", ["x"], ["y"], name: "n1")
    twice.node("Tanh", ["x"], ["y"], name: "n2")
    #expect(try fault(try twice.bytes()).message.contains("which node 'n1' makes, too"))
    var missing = TestModel([("x", [1, 4])])
    missing.node("Relu", ["nowhere"], ["y"], name: "n1")
    let error = try fault(try missing.bytes())
    #expect(error.place?.contains("node 'n1' (Relu)") == true)
    #expect(error.message.contains("'nowhere', which nothing makes"))
    var weights = Self.good()
    weights.weight("w", [1])
    #expect(try fault(try weights.bytes()).message.contains("second initializer is called 'w'"))
    var output = TestModel([("x", [1, 4])], outputs: ["z"])
    output.node("Relu", ["x"])
    #expect(try fault(try output.bytes()).message.contains("nothing makes the output 'z'"))
  }

  @Test("nodes in any order run in one that works")
  func unsorted() throws {
    var model = TestModel([("x", [1, 2])])
    model.node("Relu", ["a"], ["y"])
    model.node("Neg", ["x"], ["a"])
    #expect(try model.run([[-1, 1]]) == [[1, 0]])
  }

  @Test("dims that disagree with data, with each other, or with a kernel")
  func dims() throws {
    var model = Self.good()
    model.graph.initializer[0].dims[0] = 5
    #expect(try fault(try model.bytes()).message.contains("540 bytes, but 432 are there"))
    var channels = TestModel([("x", [1, 2, 8, 8])])
    channels.weight("w", [4, 3, 3, 3])
    channels.node("Conv", ["x", "w"], ["y"], name: "conv1")
    let error = try fault(try channels.bytes())
    #expect(error.place?.contains("node 'conv1' (Conv)") == true)
    #expect(error.message.contains("meet 2 channels"))
    var sum = TestModel([("x", [1, 4]), ("z", [1, 5])])
    sum.node("Add", ["x", "z"], ["y"], name: "sum")
    #expect(try fault(try sum.bytes()).place?.contains("'sum'") == true)
  }

  @Test("NaN among the weights is found when they are taken, with its place")
  func notANumber() throws {
    var model = TestModel([("x", [1, 2])])
    model.weight("w", [2, 2], [1, 2, .nan, 4])
    model.node("Gemm", ["x", "w"], ["y"], name: "fc", ["transB": 1])
    let imported = try model.imported()
    let source = try #require(imported.model.weights)
    let error = #expect(throws: WeightsError.self) {
      try ModelWeights(imported.model.graph, source: source)
    }
    #expect(error?.problems == ["fc.weight holds NaN at [1, 0]"])
  }

  @Test(
    "data outside the model's folder are not touched",
    arguments: ["/etc/passwd", "../secret", "sub/../../secret", "", "link"])
  func externalPaths(location: String) throws {
    try Files.withFolder { folder in
      let path = "\(folder)/models/model.onnx"
      try FileManager.default.createDirectory(
        atPath: "\(folder)/models", withIntermediateDirectories: true)
      try Data(count: 432).write(to: URL(filePath: "\(folder)/secret"))
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/models/link", withDestinationPath: "../secret")
      try Data(try external(location).bytes()).write(to: URL(filePath: path))
      let error = #expect(throws: ImportError.self) {
        try ModelImport.onnx(try ModelFile(path))
      }
      #expect(error?.message.contains("the tensor 'w': its data lie in") == true)
      #expect(error?.message.contains("model's folder") == true)
    }
  }

  @Test("data beside the model are mapped, within their file")
  func externalData() throws {
    try Files.withFolder { folder in
      let path = "\(folder)/model.onnx"
      let values = (0..<108).map { Float($0) }
      try values.withUnsafeBytes { Data($0) }.write(to: URL(filePath: "\(folder)/w.bin"))
      try Data(try external("w.bin").bytes()).write(to: URL(filePath: path))
      let imported = try ModelImport.onnx(try ModelFile(path))
      #expect(imported.model.weights?.tensor("conv1.weight")?.values() == values)
      try Data(try external("w.bin", offset: 4).bytes()).write(to: URL(filePath: path))
      let error = #expect(throws: ImportError.self) {
        try ModelImport.onnx(try ModelFile(path))
      }
      #expect(error?.message.contains("bytes 4 to 436 lie beyond the end") == true)
    }
  }

  private func external(_ location: String, offset: Int = 0) -> TestModel {
    var model = Self.good()
    model.graph.initializer[0].clearRawData()
    model.graph.initializer[0].dataLocation = .external
    for (key, value) in [("location", location), ("offset", "\(offset)")] {
      var entry = ONNXEntry()
      entry.key = key
      entry.value = value
      model.graph.initializer[0].externalData.append(entry)
    }
    return model
  }

  @Test("extents that the model leaves open are named all at once, and given by shapes or a batch")
  func openShapes() throws {
    var model = TestModel([("a", [-1, 3, -2, 8]), ("b", [-1, 4])], symbols: [-2: "height"])
    model.node("GlobalAveragePool", ["a"], ["p"])
    model.node("Flatten", ["p"], ["f"])
    model.node("Concat", ["f", "b"], ["y"], ["axis": 1])
    let error = try fault(try model.bytes())
    #expect(error.message.contains("a=?x3x?(height)x8, b=?x4"))
    #expect(error.remedy == "say what they are: --shape a=Nx3xNx8 --shape b=Nx4")
    var options = ImportOptions()
    options.shapes = ["a": [2, 3, 6, 8], "b": [2, 4]]
    #expect(try model.imported(options).model.graph.layers.last?.outputType.dims == [2, 7])
    options.shapes["b"] = nil
    options.batch = 2
    #expect(try model.imported(options).model.graph.layers.last?.outputType.dims == [2, 7])
    options.shapes["c"] = [1]
    #expect(try fault(try model.bytes(), options).kind == .usage)
  }

  @Test("all that is not supported is said at once: operators, how often, where, their part")
  func unsupported() throws {
    var model = Self.good()
    model.graph.node[0].output = ["c"]
    model.node("Sin", ["c"], ["d"], name: "s1")
    model.node("Sin", ["d"], ["e"], name: "s2")
    model.node("Einsum", ["e", "e"], ["f"], name: "ein", ["equation": "abcd,abcd->abcd"])
    model.node("Thing", ["f"], ["y"], name: "t", domain: "my.domain")
    let error = try fault(try model.bytes())
    #expect(error.kind == .unsupported)
    #expect(error.message.hasPrefix("4 operators of the model cannot be run"))
    for part in [
      "Sin: 2× at 's1' (offset ", "Einsum: 1×", "my.domain.Thing: an operator of 'my.domain'",
    ] {
      #expect(error.message.contains(part), "\(error.message)")
    }
  }
}
