import Files
import Model
import XMLTree

/// Reads OpenVINO's intermediate representation, versions 10 and 11, into a graph of operators.
///
/// A `.xml` names layers, ports and edges, and a `.bin` beside it holds the constants, equal ones once. The
/// latter is mapped: constants stay where they are. Layers become ONNX's operators of opset 18.
public struct IRReader {
  /// The largest document that is read.
  static let maximumBytes = 512 << 20

  let file: String
  private(set) var graph: OperatorGraph
  /// The names of values by layer and output port.
  private var names: [Port: String] = [:]
  /// What is wired to each input port.
  private var sources: [Port: Port] = [:]
  private var taken: Set<String> = []
  private var weights: ModelFile?

  private struct Port: Hashable {
    var layer: Int
    var port: Int
  }

  /// Whether a document is one: its element is `<net>` with layers in it.
  public static func recognizes(_ file: ModelFile) -> Bool {
    let text = file.withBytes { $0.extracting(first: 4096).text() }
    guard let start = text.firstRange(of: "<net") else { return false }
    let head = text[..<start.lowerBound]
    return !head.contains("<topology") && text[start.upperBound...].first?.isWhitespace == true
  }

  /// The graph of a `.xml` with the `.bin` beside it.
  ///
  /// - Throws: ``ImportError`` with the line and column of what is wrong.
  /// - Complexity: O(bytes of the document).
  public static func read(_ file: ModelFile) throws(ImportError) -> OperatorGraph {
    try read(file, weights: nil)
  }

  /// The graph of a `.xml`; constants lie in `weights`, or where that is nil in the `.bin` beside it.
  package static func read(
    _ file: ModelFile, weights: ModelFile?
  ) throws(ImportError) -> OperatorGraph {
    guard file.count <= maximumBytes else {
      throw ImportError(file: file.path, "the document has more than 512 MiB")
    }
    let root: XMLElement
    do throws(XMLDiagnostic) {
      root = try XMLDocument.parse(
        file.withBytes { $0.copied() }, limits: .init(elements: 8_000_000)
      ).root
    } catch {
      throw ImportError(
        file: file.path, place: "\(error.position.line):\(error.position.column)", error.message)
    }
    var reader = IRReader(file: file.path, name: root["name"] ?? "model")
    reader.weights = weights
    try reader.read(root)
    return reader.graph
  }

  private init(file: String, name: String) {
    self.file = file
    graph = OperatorGraph(name: name, opset: 18)
    graph.producer = "openvino"
  }

  private mutating func read(_ root: XMLElement) throws(ImportError) {
    guard root.name == "net" else {
      throw ImportError(file: file, "<\(root.name)> is no OpenVINO model, which begins with <net>")
    }
    guard let version = root["version"].flatMap({ Int($0) }), 10...11 ~= version else {
      throw ImportError(
        file: file, place: "\(root.position.line):\(root.position.column)",
        "is of version \(root["version"] ?? "none"); versions 10 and 11 are read",
        remedy: "convert the model anew with OpenVINO 2022.1 or later")
    }
    var layers: [IRLayer] = []
    var ids: Set<Int> = []
    for element in root.children.first(where: { $0.name == "layers" })?.children ?? [] {
      guard let layer = IRLayer(element), ids.insert(layer.id).inserted else {
        throw ImportError(
          file: file, place: "\(element.position.line):\(element.position.column)",
          "a layer's id is missing, no number, or that of another layer")
      }
      layers.append(layer)
    }
    guard !layers.isEmpty else { throw ImportError(file: file, "holds no layer") }
    try wire(root, layers)
    if weights == nil, layers.contains(where: { $0.type == "Const" && $0.data["size"] != "0" }) {
      weights = try weightFile()
    }
    for layer in layers where layer.type == "Const" { try constant(layer) }
    for layer in layers where layer.type != "Const" { try translate(layer) }
    guard !graph.outputs.isEmpty else { throw ImportError(file: file, "holds no Result") }
  }

  /// The `.bin` beside the document.
  private func weightFile() throws(ImportError) -> ModelFile {
    let base = file.hasSuffix(".xml") ? String(file.dropLast(4)) : file
    do throws(ImportError) { return try ModelFile(base + ".bin") } catch {
      throw ImportError(
        error.kind, file: base + ".bin", error.message,
        remedy: "the constants of \(file) lie there: keep both files together")
    }
  }

  private mutating func wire(_ root: XMLElement, _ layers: [IRLayer]) throws(ImportError) {
    for layer in layers {
      let isOnly = taken.insert(layer.name).inserted
      let base = isOnly ? layer.name : "\(layer.name)#\(layer.id)"
      taken.insert(base)
      for (place, port) in layer.outputPorts.enumerated() {
        names[Port(layer: layer.id, port: port)] = place == 0 ? base : "\(base):\(place)"
      }
    }
    for edge in root.children.first(where: { $0.name == "edges" })?.children ?? [] {
      let ends = ["from-layer", "from-port", "to-layer", "to-port"].map {
        edge[$0].flatMap { Int($0) }
      }
      guard let from = ends[0], let port = ends[1], let to = ends[2], let input = ends[3],
        names[Port(layer: from, port: port)] != nil
      else {
        throw ImportError(
          file: file, place: "\(edge.position.line):\(edge.position.column)",
          "an edge begins at no port of a layer")
      }
      sources[Port(layer: to, port: input)] = Port(layer: from, port: port)
    }
  }

  private mutating func translate(_ layer: IRLayer) throws(ImportError) {
    switch layer.type {
    case "Parameter": try parameter(layer)
    case "Result": graph.outputs.append(try inputs(of: layer).first ?? "")
    default:
      let made = try operators(of: layer)
      graph.nodes += made.nodes
      graph.constants.merge(made.constants) { _, new in new }
    }
  }

  /// The operators that a layer becomes, with the constants made for them.
  ///
  /// The set of names goes there and back, so that it is never copied.
  private mutating func operators(of layer: IRLayer) throws(ImportError) -> (
    nodes: [OperatorNode], constants: [String: ConstantTensor]
  ) {
    var operation = IROperation(
      layer: layer, inputs: try inputs(of: layer), outputs: outputs(of: layer),
      constants: graph.constants, taken: taken)
    taken = []
    do throws(IRFault) { try operation.translate() } catch {
      throw fault(layer, error.message)
    }
    taken = operation.taken
    return (operation.nodes, operation.made)
  }

  // MARK: Values

  /// The names of what a layer reads.
  private func inputs(of layer: IRLayer) throws(ImportError) -> [String] {
    try layer.inputPorts.map { (port) throws(ImportError) in
      guard let source = sources[Port(layer: layer.id, port: port)], let name = names[source]
      else { throw fault(layer, "nothing is wired to its input port \(port)") }
      return name
    }
  }

  private func outputs(of layer: IRLayer) -> [String] {
    layer.outputPorts.compactMap { names[Port(layer: layer.id, port: $0)] }
  }

  private func fault(_ layer: IRLayer, _ message: String) -> ImportError {
    ImportError(
      file: file, place: "\(layer.place): layer '\(layer.name)' (\(layer.type))", message)
  }

  private static let types: [String: ElementType] = [
    "f64": .f64, "f32": .f32, "f16": .f16, "bf16": .bf16, "i64": .i64, "i32": .i32, "i16": .i16,
    "i8": .i8, "u64": .u64, "u32": .u32, "u16": .u16, "u8": .u8, "boolean": .bool,
  ]

  private func elementType(of layer: IRLayer) throws(ImportError) -> ElementType {
    let name = (layer.data["element_type"] ?? "f32").lowercased()
    guard let type = Self.types[name] else { throw fault(layer, "elements of type '\(name)'") }
    return type
  }

  private mutating func parameter(_ layer: IRLayer) throws(ImportError) {
    guard let name = outputs(of: layer).first else { throw fault(layer, "has no output port") }
    let words = layer.words("shape")
    // `?`, -1 and ranges are extents that the model leaves open.
    let dims = words.map { word in Int(word).flatMap { $0 < 0 ? nil : $0 } }
    graph.inputs.append(
      OperatorInput(name: name, elementType: try elementType(of: layer), dims: dims))
  }

  private mutating func constant(_ layer: IRLayer) throws(ImportError) {
    guard let name = outputs(of: layer).first else { throw fault(layer, "has no output port") }
    let type = try elementType(of: layer)
    guard let dims = layer.ints("shape"), dims.allSatisfy({ $0 >= 0 }) else {
      throw fault(layer, "its shape '\(layer.data["shape"] ?? "")' is no list of extents")
    }
    guard let offset = layer.data["offset"].flatMap({ Int($0) }),
      let size = layer.data["size"].flatMap({ Int($0) }), offset >= 0, size >= 0
    else { throw fault(layer, "its offset or size is missing or no number") }
    guard let count = Extents.count(dims, most: Int.max / type.byteCount) else {
      throw fault(layer, "has more elements than 64 bits count")
    }
    let bytes = count * type.byteCount
    guard size == bytes else {
      throw fault(
        layer,
        "says \(size) bytes, but \(type.rawValue) of \(dims.map(String.init).joined(separator: "x")) takes \(bytes)"
      )
    }
    guard size > 0, let weights else {
      graph.constants[name] = ConstantTensor(dims: dims, elementType: type, reals: [])
      return
    }
    let (end, overflow) = offset.addingReportingOverflow(size)
    guard !overflow, end <= weights.count else {
      throw fault(
        layer, "lies at \(offset)…\(end) of \(weights.path), which has \(weights.count) bytes")
    }
    graph.constants[name] = ConstantTensor(
      dims: dims, elementType: type, mapped: FileBytes(weights, offset..<end), origin: name)
  }
}
