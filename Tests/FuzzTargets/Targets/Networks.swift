import Exporters
import Files
import Importers
import Model
import TestSupport
import Topology
import TopologyXML

/// Networks, models and weights.
extension FuzzTarget {
  /// What a document's path would be, were it a file: in a folder that is not there, so that a model finds
  /// nothing beside it.
  private static let place = "/nowhere/fuzz"

  /// A document as a file that is mapped.
  private static func file(_ bytes: [UInt8]) -> ModelFile? {
    try? ModelFile(holding: bytes, path: place)
  }

  private static func fixtures(_ names: [String]) -> [[UInt8]] {
    names.compactMap { try? RepositoryFiles.bytes(of: "Tests/Fixtures/\($0)") }
  }

  /// What is done with a model that was read.
  private static func use(_ imported: ImportedModel) {
    let graph = imported.model.graph
    SampleNetwork.use(graph)
    _ = try? TopologyWriter().write(graph)
    // Every weight is looked at, of those that a file of such a size has.
    guard graph.cost.weightElements <= 1 << 20 else { return }
    _ = try? imported.weights()
    guard let source = imported.model.weights else { return }
    for tensor in source.keys.prefix(64).compactMap({ source.tensor($0) })
    where tensor.elementCount <= 1 << 16 {
      _ = tensor.values()
    }
  }

  static let topology = FuzzTarget(
    name: "topology",
    seeds: {
      let names = (try? RepositoryFiles.names(in: "topologies")) ?? []
      let files = names.filter { $0.hasSuffix(".xml") }.compactMap {
        try? RepositoryFiles.bytes(of: "topologies/\($0)")
      }
      // Large ones would be read over and over for the sake of one changed number.
      return [Array(SampleNetwork.text.utf8)] + files.filter { $0.count < 6000 }
    },
    run: { bytes in
      let reader = TopologyReader(options: .init(maximumLayers: 2000))
      guard let document = try? reader.read(bytes: bytes, file: "fuzz.xml") else { return false }
      SampleNetwork.use(document.graph)
      return true
    })

  static let onnx = FuzzTarget(
    name: "onnx", content: .bytes,
    seeds: {
      var own: [UInt8] = []
      if let graph = SampleNetwork.graph,
        let export = try? ONNXExport(
          graph, weights: SeededWeights(seed: 1), producer: ("ntprof", "0"))
      {
        export.write { (part: RawSpan) in part.withUnsafeBytes { own += $0 } }
      }
      return fixtures(["tiny.onnx", "tiny-qlinear.onnx", "tiny-qdq.onnx"]) + [own]
    },
    run: { bytes in
      guard let file = file(bytes), ONNXReader.recognizes(file) else { return false }
      // Models may leave the batch open, which only its user knows.
      var options = ImportOptions()
      options.batch = 2
      guard
        let model = (try? ModelImport.onnx(file)) ?? (try? ModelImport.onnx(file, options: options))
      else { return false }
      use(model)
      return true
    })

  static let tensor = FuzzTarget(
    name: "tensor", content: .bytes,
    seeds: {
      guard let type = try? TensorType(dims: [2, 3], .nc),
        let bytes = try? TensorFile.encode(name: "x", type: type, [1, 2, 3, 4, 5, 6])
      else { return [] }
      return [bytes]
    },
    run: { bytes in
      guard let file = file(bytes), let tensor = try? ONNXReader.tensor(file).value else {
        return false
      }
      if tensor.count <= 1 << 16 { _ = tensor.floats() }
      return true
    })

  static let openVINO = FuzzTarget(
    name: "openvino",
    seeds: { IRSamples.all.map { Array($0.utf8) } },
    run: { bytes in
      guard let file = file(bytes), IRReader.recognizes(file),
        let weights = try? ModelFile(holding: IRSamples.weights, path: place + ".bin"),
        let model = try? ModelImport.openVINO(file, weights: weights)
      else { return false }
      use(model)
      return true
    })

  static let safetensors = FuzzTarget(
    name: "safetensors", content: .bytes,
    seeds: {
      func file(_ header: String, _ count: Int) -> [UInt8] {
        let length = UInt64(header.utf8.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) }
          + Array(header.utf8) + (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
      }
      return [
        file(
          """
          {"a":{"dtype":"F16","shape":[4],"data_offsets":[0,8]},\
          "b":{"dtype":"I64","shape":[],"data_offsets":[8,16]},\
          "e":{"dtype":"F32","shape":[0,3],"data_offsets":[16,16]},\
          "__metadata__":{"format":"pt"}}
          """, 16),
        file(
          """
          {"f.weight":{"dtype":"F32","shape":[5,64],"data_offsets":[0,1280]},\
          "f.bias":{"dtype":"BF16","shape":[5],"data_offsets":[1280,1290]}}
          """, 1290),
      ]
    },
    run: { bytes in
      guard let mapped = try? MappedFile(holding: bytes),
        let file = try? SafetensorsFile(TensorMemory(mapped), name: "fuzz.safetensors")
      else { return false }
      for tensor in file.keys.compactMap({ file.tensor($0) })
      where tensor.elementCount <= 1 << 16 {
        _ = tensor.values()
      }
      if let graph = SampleNetwork.graph { _ = try? ModelWeights(graph, source: file) }
      return true
    })

  static let numPy = FuzzTarget(
    name: "npy", content: .bytes,
    seeds: {
      fixtures(["tiny-logits.npy"]) + [NumPyFile.encode([1, 2, 3, 4, 5, 6], dims: [2, 3])]
    },
    run: { bytes in
      guard let file = file(bytes), let tensor = try? NumPyFile.read(file) else { return false }
      if tensor.count <= 1 << 16 { _ = tensor.floats() }
      return true
    })

  static let problems = FuzzTarget(
    name: "problems",
    seeds: {
      let text = """
        # a comment
        --reset --alg=VANILLA_LSTM
        g2mb4ic96ih27oc256oh27kh5ph2n"net:conv2"   # behind
        mb3ic8ih7oc4oh4kh3sh2ph1n"net:twice*2"
        ic512oc10n"ip"
        l1t30mb1sic512n"enc"
        ic64ih112oh56kh3sh2ph0n"pool"
        15x41:41x19n"product"
        --deconv
        mb1ic4ih5oc3oh9kh3sh2ph1
        --bnorm
        ic8ih4
        """
      return [Array(text.utf8)]
    },
    run: { bytes in
      guard let text = String(validating: bytes, as: UTF8.self), ProblemList.recognises(text),
        let graph = try? ProblemList.graph(text, file: "fuzz", name: "fuzz", maximumLayers: 2000)
      else { return false }
      SampleNetwork.use(graph)
      _ = try? TopologyWriter().write(graph)
      return true
    })
}

/// Models of OpenVINO that are written down.
private enum IRSamples {
  /// What lies beside each of them.
  static let weights: [UInt8] = (0..<1024).map { UInt8(truncatingIfNeeded: $0 &* 31) }

  private static func port(_ id: Int, _ dims: [Int]) -> String {
    "<port id=\"\(id)\" precision=\"FP32\">"
      + dims.map { "<dim>\($0)</dim>" }.joined() + "</port>"
  }

  private static func constant(
    _ id: Int, _ shape: [Int], at offset: Int, type: String = "f32"
  ) -> String {
    let bytes = shape.reduce(type == "i64" ? 8 : 4, *)
    let dims = shape.map(String.init).joined(separator: ",")
    return """
      <layer id="\(id)" name="k\(id)" type="Const" version="opset1">\
      <data element_type="\(type)" shape="\(dims)" offset="\(offset)" size="\(bytes)"/>\
      <output>\(port(0, shape))</output></layer>

      """
  }

  private static func model(_ layers: String, _ edges: [(Int, Int, Int, Int)]) -> String {
    let lines = edges.map {
      "<edge from-layer=\"\($0.0)\" from-port=\"\($0.1)\" to-layer=\"\($0.2)\" to-port=\"\($0.3)\"/>"
    }
    return """
      <?xml version="1.0"?>
      <net name="sample" version="11">
      <layers>
      \(layers)</layers>
      <edges>
      \(lines.joined(separator: "\n"))
      </edges></net>
      """
  }

  /// A convolution with a bias, a ReLU and a pool; a product behind a reshape.
  static var all: [String] {
    let image = """
      <layer id="0" name="x" type="Parameter" version="opset1"><data shape="1,2,6,6" element_type="f32"/>\
      <output>\(port(0, [1, 2, 6, 6]))</output></layer>

      """
    let convolution = """
      <layer id="2" name="c" type="Convolution" version="opset1"><data strides="1,1" dilations="1,1" \
      pads_begin="1,1" pads_end="1,1" auto_pad="explicit"/><input>\(port(0, [1, 2, 6, 6]))\
      \(port(1, [3, 2, 3, 3]))</input><output>\(port(2, [1, 3, 6, 6]))</output></layer>
      <layer id="4" name="b" type="Add" version="opset1"><data auto_broadcast="numpy"/><input>\
      \(port(0, [1, 3, 6, 6]))\(port(1, [1, 3, 1, 1]))</input><output>\(port(2, [1, 3, 6, 6]))</output></layer>
      <layer id="5" name="r" type="ReLU" version="opset1"><input>\(port(0, [1, 3, 6, 6]))</input>\
      <output>\(port(1, [1, 3, 6, 6]))</output></layer>
      <layer id="6" name="m" type="MaxPool" version="opset1"><data strides="2,2" pads_begin="0,0" \
      pads_end="0,0" kernel="2,2" rounding_type="floor" auto_pad="explicit"/><input>\
      \(port(0, [1, 3, 6, 6]))</input><output>\(port(1, [1, 3, 3, 3]))</output></layer>

      """
    func result(_ id: Int, _ dims: [Int]) -> String {
      """
      <layer id="\(id)" name="y" type="Result" version="opset1"><input>\(port(0, dims))</input></layer>

      """
    }
    let first = model(
      image + constant(1, [3, 2, 3, 3], at: 0) + constant(3, [1, 3, 1, 1], at: 216) + convolution
        + result(7, [1, 3, 3, 3]),
      [
        (0, 0, 2, 0), (1, 0, 2, 1), (2, 2, 4, 0), (3, 0, 4, 1), (4, 2, 5, 0), (5, 1, 6, 0),
        (6, 1, 7, 0),
      ])
    let rows = """
      <layer id="0" name="x" type="Parameter" version="opset1"><data shape="2,4" element_type="f32"/>\
      <output>\(port(0, [2, 4]))</output></layer>

      """
    let product = """
      <layer id="2" name="f" type="MatMul" version="opset1"><data transpose_a="false" transpose_b="true"/>\
      <input>\(port(0, [2, 4]))\(port(1, [3, 4]))</input><output>\(port(2, [2, 3]))</output></layer>
      <layer id="3" name="s" type="SoftMax" version="opset1"><data axis="1"/><input>\(port(0, [2, 3]))\
      </input><output>\(port(1, [2, 3]))</output></layer>

      """
    let second = model(
      rows + constant(1, [3, 4], at: 300) + product + result(4, [2, 3]),
      [(0, 0, 2, 0), (1, 0, 2, 1), (2, 2, 3, 0), (3, 1, 4, 0)])
    return [first, second]
  }
}
