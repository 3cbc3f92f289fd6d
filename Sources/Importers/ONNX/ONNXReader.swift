import Exporters
import Files
import Model
import ONNX
import Topology

/// Reads an ONNX file into a graph of operators.
///
/// The file is mapped and its messages are walked by their fields, with the numbers of `onnx.proto`:
/// nodes, names and shapes are made Swift's, weights stay where they are.
public struct ONNXReader {
  /// How deep graphs may stand within nodes of graphs.
  static let maximumDepth = 32

  private let file: ModelFile
  private var externals: ExternalFiles

  /// The graph of a file.
  ///
  /// - Throws: ``ImportError`` with the offset of what is wrong.
  /// - Complexity: O(bytes that are no weights).
  public static func read(_ file: ModelFile) throws(ImportError) -> OperatorGraph {
    var reader = ONNXReader(file: file, externals: ExternalFiles(beside: file.path))
    return try reader.model()
  }

  /// Whether a file begins as an ONNX model does: with fields of the outermost message.
  public static func recognizes(_ file: ModelFile) -> Bool {
    var reader = WireReader(file)
    guard let field = try? reader.next() else { return false }
    switch (field.number, field.value) {
    case (1, .varint(let version)): return version < 100
    case (2...4, .bytes), (6...8, .bytes), (14, .bytes): return true
    default: return false
    }
  }

  private mutating func model() throws(ImportError) -> OperatorGraph {
    var reader = WireReader(file)
    var body: Range<Int>?
    var opset: Int?
    var producer = ""
    var topology: String?
    while let field = try reader.next() {
      switch field.number {
      case 2: producer = try field.text(in: reader)
      case 7: body = try field.range(in: reader)
      case 8:
        let (domain, version) = try operatorSet(try field.range(in: reader))
        if domain.isEmpty || domain == "ai.onnx" { opset = version }
      case 14:
        let (key, text) = try entry(try field.range(in: reader))
        if key == ONNXExport.topologyKey { topology = text }
      default: continue
      }
    }
    guard let body else {
      throw ImportError(file: file.path, "holds no graph: it is no ONNX model, or truncated")
    }
    guard let opset, opset >= 1 else {
      throw ImportError(file: file.path, "does not say which version of ONNX's operators it uses")
    }
    var graph = try graph(body, opset: opset, depth: 0)
    graph.producer = producer
    graph.topology = topology
    return graph
  }

  private func operatorSet(_ range: Range<Int>) throws(ImportError) -> (String, Int) {
    var reader = WireReader(file, range)
    var (domain, version) = ("", 1)
    while let field = try reader.next() {
      if field.number == 1 { domain = try field.text(in: reader) }
      if field.number == 2 { version = field.int }
    }
    return (domain, version)
  }

  private mutating func graph(_ range: Range<Int>, opset: Int, depth: Int) throws(ImportError)
    -> OperatorGraph
  {
    var reader = WireReader(file, range)
    guard depth < ONNXReader.maximumDepth else {
      throw reader.fault(
        range.lowerBound, "graphs stand more than \(ONNXReader.maximumDepth) deep within nodes")
    }
    var graph = OperatorGraph(name: "", opset: opset)
    while let field = try reader.next() {
      switch field.number {
      case 1:
        graph.nodes.append(try node(try field.range(in: reader), field.offset, opset, depth))
      case 2: graph.name = try field.text(in: reader)
      case 5:
        let tensor = try tensor(try field.range(in: reader), field.offset)
        guard graph.constants.updateValue(tensor.value, forKey: tensor.name) == nil else {
          throw reader.fault(field.offset, "a second initializer is called '\(tensor.name)'")
        }
      case 11: graph.inputs.append(try input(try field.range(in: reader), field.offset))
      case 12: graph.outputs.append(try value(try field.range(in: reader)).name)
      case 13:
        let value = try value(try field.range(in: reader))
        if let dims = value.dims, !dims.contains(nil) {
          graph.declared[value.name] = dims.compactMap { $0 }
        }
      case 15: throw reader.fault(field.offset, "sparse initializers are not supported")
      default: continue
      }
    }
    return graph
  }

  private mutating func node(_ range: Range<Int>, _ offset: Int, _ opset: Int, _ depth: Int)
    throws(ImportError) -> OperatorNode
  {
    var reader = WireReader(file, range)
    var node = OperatorNode(
      name: "", type: "", inputs: [], outputs: [], place: "offset \(offset)")
    while let field = try reader.next() {
      switch field.number {
      case 1: node.inputs.append(try field.text(in: reader))
      case 2: node.outputs.append(try field.text(in: reader))
      case 3: node.name = try field.text(in: reader)
      case 4: node.type = try field.text(in: reader)
      case 5:
        let (name, value) = try attribute(try field.range(in: reader), opset, depth)
        if let value { node.attributes[name] = value }
      case 6: node.words = PrimitiveWords(text: try field.text(in: reader))
      case 7: node.domain = try field.text(in: reader)
      default: continue
      }
    }
    if node.domain == "ai.onnx" { node.domain = "" }
    guard !node.type.isEmpty else { throw reader.fault(offset, "a node has no operator type") }
    return node
  }

  private mutating func attribute(_ range: Range<Int>, _ opset: Int, _ depth: Int)
    throws(ImportError) -> (String, OperatorAttribute?)
  {
    var reader = WireReader(file, range)
    var name = ""
    var kind: ONNXAttribute.Kind?
    var value: OperatorAttribute?
    var (ints, floats, strings): ([Int], [Float], [String]) = ([], [], [])
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try field.text(in: reader)
      case 2:
        if case .fixed32(let bits) = field.value { value = .float(Float(bitPattern: bits)) }
      case 3: value = .int(field.int)
      case 4: value = .string(try field.text(in: reader))
      case 5: value = .tensor(try tensor(try field.range(in: reader), field.offset).value)
      case 6:
        value = .graph(try graph(try field.range(in: reader), opset: opset, depth: depth + 1))
      case 7:
        switch field.value {
        case .fixed32(let bits): floats.append(Float(bitPattern: bits))
        case .bytes(let range):
          file.withBytes { bytes in
            for place in stride(from: range.lowerBound, to: range.upperBound - 3, by: 4) {
              floats.append(bytes.number(Float.self, at: place))
            }
          }
        default: continue
        }
      case 8: ints += try field.integers(in: reader).map(Int.init)
      case 9: strings.append(try field.text(in: reader))
      case 20: kind = ONNXAttribute.Kind(rawValue: field.int)
      default: continue
      }
    }
    switch kind {
    case .ints: value = .ints(ints)
    case .floats: value = .floats(floats)
    case .strings: value = .strings(strings)
    // A field that holds its default may have been left out.
    case .int: value = value ?? .int(0)
    case .float: value = value ?? .float(0)
    case .string: value = value ?? .string("")
    default:
      if value == nil, !ints.isEmpty { value = .ints(ints) }
      if value == nil, !floats.isEmpty { value = .floats(floats) }
      if value == nil, !strings.isEmpty { value = .strings(strings) }
    }
    return (name, value)
  }
}

// MARK: Values

extension ONNXReader {
  private func input(_ range: Range<Int>, _ offset: Int) throws(ImportError) -> OperatorInput {
    let value = try value(range)
    guard let code = value.elementType else {
      throw WireReader(file).fault(offset, "the input '\(value.name)' is no tensor")
    }
    let type = try ONNXReader.elementType(code) { message in
      WireReader(file).fault(offset, "the input '\(value.name)': \(message)")
    }
    return OperatorInput(
      name: value.name, elementType: type, dims: value.dims ?? [],
      dimNames: value.dimNames, layout: value.layout)
  }

  private func value(_ range: Range<Int>) throws(ImportError) -> (
    name: String, elementType: Int?, dims: [Int?]?, dimNames: [String], layout: String?
  ) {
    var reader = WireReader(file, range)
    var (name, elementType, dims): (String, Int?, [Int?]?) = ("", nil, nil)
    var dimNames: [String] = []
    var layout: String?
    while let field = try reader.next() {
      if field.number == 1 { name = try field.text(in: reader) }
      if field.number == 3 {
        layout = OwnNotes(try field.text(in: reader))?.layout?.rawValue
      }
      guard field.number == 2 else { continue }
      var types = WireReader(file, try field.range(in: reader))
      while let type = try types.next() {
        guard type.number == 1 else { continue }
        var tensor = WireReader(file, try type.range(in: types))
        while let part = try tensor.next() {
          if part.number == 1 { elementType = part.int }
          guard part.number == 2 else { continue }
          (dims, dimNames) = try shape(try part.range(in: tensor))
        }
      }
    }
    return (name, elementType, dims, dimNames, layout)
  }

  private func shape(_ range: Range<Int>) throws(ImportError) -> ([Int?], [String]) {
    var reader = WireReader(file, range)
    var (dims, names): ([Int?], [String]) = ([], [])
    while let field = try reader.next() {
      guard field.number == 1 else { continue }
      var dimension = WireReader(file, try field.range(in: reader))
      var (extent, name): (Int?, String) = (nil, "")
      while let part = try dimension.next() {
        // Some tools write 0 or −1 for an extent that is open.
        if part.number == 1 { extent = part.int > 0 ? part.int : nil }
        if part.number == 2 { name = try part.text(in: dimension) }
      }
      dims.append(extent)
      names.append(name)
    }
    return (dims, names)
  }

  static func elementType(
    _ code: Int, _ fault: (String) -> ImportError
  ) throws(ImportError) -> ElementType {
    switch ONNXTensor.DataType(rawValue: code) {
    case .float: return .f32
    case .uint8: return .u8
    case .int8: return .i8
    case .uint16: return .u16
    case .int16: return .i16
    case .int32: return .i32
    case .int64: return .i64
    case .bool: return .bool
    case .float16: return .f16
    case .double: return .f64
    case .uint32: return .u32
    case .uint64: return .u64
    case .bfloat16: return .bf16
    case .string: throw fault("texts are no elements that ntprof knows")
    default: throw fault("elements of ONNX's type \(code) are not supported")
    }
  }

  /// A tensor, whose elements stay in the file wherever they lie there as they are.
  private mutating func tensor(_ range: Range<Int>, _ offset: Int) throws(ImportError)
    -> (name: String, value: ConstantTensor)
  {
    var reader = WireReader(file, range)
    var parts = TensorParts(offset: offset)
    while let field = try reader.next() {
      switch field.number {
      case 1: parts.dims += try field.integers(in: reader).map(Int.init)
      case 2: parts.type = field.int
      case 4, 9, 10:
        if case .bytes(let range) = field.value {
          parts.raw = range
        } else {
          parts.reals.append(field.real)
        }
      case 5, 7, 11:
        parts.integers = parts.integers ?? []
        parts.integers?.append(contentsOf: try field.integers(in: reader))
      case 8: parts.name = try field.text(in: reader)
      case 12:
        guard let notes = OwnNotes(try field.text(in: reader)) else { continue }
        parts.notes = notes
      case 13:
        let (key, text) = try entry(try field.range(in: reader))
        parts.external[key] = text
      default: continue
      }
    }
    return (parts.name, try parts.constant(file, &externals))
  }

  private func entry(_ range: Range<Int>) throws(ImportError) -> (String, String) {
    var reader = WireReader(file, range)
    var (key, value) = ("", "")
    while let field = try reader.next() {
      if field.number == 1 { key = try field.text(in: reader) }
      if field.number == 2 { value = try field.text(in: reader) }
    }
    return (key, value)
  }
}

extension WireReader.Field {
  /// The number of an element that stands alone.
  fileprivate var real: Double {
    switch value {
    case .fixed32(let bits): Double(Float(bitPattern: bits))
    case .fixed64(let bits): Double(bitPattern: bits)
    case .varint, .bytes: Double(int)
    }
  }
}

extension ONNXReader {
  /// The tensor of a file that holds one alone, as the data sets beside ONNX's test models have it.
  ///
  /// - Throws: ``ImportError`` with the offset of what is wrong.
  public static func tensor(_ file: ModelFile) throws(ImportError) -> (
    name: String, value: ConstantTensor
  ) {
    var reader = ONNXReader(file: file, externals: ExternalFiles(beside: file.path))
    return try reader.tensor(0..<file.count, 0)
  }
}
