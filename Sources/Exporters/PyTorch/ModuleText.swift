import Topology

/// Writes the module of a graph: classes for its layers, and one for the whole.
struct ModuleText {
  let graph: Graph
  let program: Program
  private let rootConstants: [Int]
  /// The instructions of each layer.
  private let ofLayer: [[Int]]
  /// How often each value is read by instructions of each layer, and from outside.
  private let readers: [ValueID: Set<Int>]
  private var attributes = Identifiers()

  init(_ graph: Graph) throws(GraphError) {
    self.graph = graph
    program = try graph.program()
    var count = 0
    while count < program.instructions.count,
      case .constant(let name) = program.instructions[count].operation,
      graph.constants.contains(where: { $0.name == name })
    {
      count += 1
    }
    rootConstants = Array(0..<count)
    var ofLayer = [[Int]](repeating: [], count: graph.layers.count)
    var readers: [ValueID: Set<Int>] = [:]
    for index in program.instructions.indices {
      let instruction = program.instructions[index]
      if index >= count { ofLayer[instruction.layer].append(index) }
      for value in instruction.inputs { readers[value, default: []].insert(instruction.layer) }
    }
    for value in program.outputs { readers[value, default: []].insert(-1) }
    self.ofLayer = ofLayer
    self.readers = readers
  }

  /// The whole source.
  mutating func write(producer: String) throws(GraphError) -> String {
    var names: [ValueID: String] = [:]
    for (index, input) in graph.inputs.enumerated() {
      names[index] = attributes.claim(Python.identifier(input.name))
    }
    let root = attributes
    var taken = Identifiers()
    var lines: [String] = []
    for index in rootConstants {
      guard case .constant(let name) = program.instructions[index].operation else { continue }
      let member = taken.claim(Python.identifier(name))
      let slot = program.instructions[index].weights[0]
      names[program.instructions[index].output] = "self.\(member)"
      if let pattern = slot.pattern {
        lines.append(
          "self.register_buffer(\(Python.text(member)), \(pattern.python(slot.dims)), "
            + "persistent=False)")
      } else {
        lines.append("self.\(member) = nn.Parameter(torch.empty(\(Python.list(slot.dims))))")
      }
    }
    attributes = root
    var pool = ClassPool()
    var layers: [Written] = []
    for layer in graph.layers {
      let text = LayerText(
        layer: layer, program: program, instructions: ofLayer[layer.index], readers: readers)
      guard let made = try text.make() else { continue }
      layers.append(
        Written(
          layer: layer, member: taken.claim(Python.identifier(layer.name)), made: made.made,
          arguments: made.arguments, results: made.results))
      pool.add(made.made.classes)
    }
    var calls: [String] = []
    for text in layers {
      let layer = text.layer
      lines.append("self.\(text.member) = \(pool.construct(text.made.constructor))")
      let arguments = text.arguments.map { names[$0] ?? "None" }.joined(separator: ", ")
      let results = text.results.map { value in
        let isMain = value == text.results[0]
        let wanted =
          isMain ? layer.name : "\(layer.name)_\(text.results.firstIndex(of: value) ?? 0)"
        let name = attributes.claim(Python.identifier(wanted))
        names[value] = name
        return name
      }
      let targets = results.isEmpty ? "_" : results.joined(separator: ", ")
      calls.append("\(targets) = self.\(text.member)(\(arguments))")
    }
    let outputs = program.outputs.map { names[$0] ?? "None" }
    calls.append("return \(outputs.joined(separator: ", "))")
    let name = Python.className([
      String(graph.name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
    ])
    let title = name.first?.isLetter == true ? name : "Network" + name
    let renamed = layers.filter { $0.layer.name != $0.member }
      .map { "    \(Python.text($0.member)): \(Python.text($0.layer.name)),\n" }.joined()
    let members = Dictionary(
      layers.map { ($0.layer.index, $0.member) }, uniquingKeysWith: { first, _ in first })
    let shared = layers.compactMap { text in
      text.layer.sharesWeights.flatMap { members[$0] }.map { (text.member, $0) }
    }
    let constants = rootConstants.compactMap { index -> (String, String)? in
      guard case .constant(let name) = program.instructions[index].operation,
        let member = names[program.instructions[index].output]?.dropFirst(5)
      else { return nil }
      return name == String(member) ? nil : (String(member), name)
    }.map { "    \(Python.text($0)): \(Python.text($1)),\n" }.joined()
    return """
      \"\"\"\(graph.name) as a PyTorch module, written by \(producer).

      model = \(title)()
      load_weights(model, "\(graph.name).safetensors")
      model.eval()
      \"\"\"

      import torch
      import torch.nn.functional as F
      from torch import nn


      \(layers.contains { $0.made.usesWeights } ? Self.weightsClass : "")\(pool.text)class \(title)(nn.Module):
          def __init__(self):
              super().__init__()
      \(Self.indented(lines, by: 8))

          def forward(self, \(graph.inputs.indices.map { names[$0] ?? "x" }.joined(separator: ", "))):\(inputComment)
      \(Self.indented(calls, by: 8))


      Model = \(title)
      # Modules whose layer has a name that no module can have.
      LAYERS = {\(renamed.isEmpty && constants.isEmpty ? "" : "\n" + renamed + constants)}
      # Modules that have the weights of another.
      SHARED = {\(shared.map { "\(Python.text($0)): \(Python.text($1))" }.joined(separator: ", "))}


      def load_weights(model, path):
          \"\"\"Loads weights that have ntprof's keys: the layer's name, then PyTorch's.\"\"\"
          from safetensors.torch import load_file

          model.load_state_dict(renamed(load_file(path)))


      def renamed(tensors):
          \"\"\"Tensors by the names of modules instead of layers.\"\"\"
          modules = sorted(((layer, name) for name, layer in LAYERS.items()), key=lambda m: -len(m[0]))
          result = {}
          for key, tensor in tensors.items():
              for layer, name in modules:
                  if key == layer or key.startswith(layer + "."):
                      key = name + key[len(layer):]
                      break
              result[key] = tensor
          for name, other in SHARED.items():
              for key in [key for key in result if key.startswith(other + ".")]:
                  result[name + key[len(other):]] = result[key]
          return result

      """
  }

  /// A layer and its module.
  private struct Written {
    let layer: Layer
    let member: String
    let made: LayerText.Made
    let arguments: [ValueID]
    let results: [ValueID]
  }

  /// Parameters of a layer that no module of PyTorch is.
  private static let weightsClass = """
    class Weights(nn.Module):
        \"\"\"Parameters by name and size; `a__b` is `b` of a member `a`.\"\"\"

        def __init__(self, **sizes):
            super().__init__()
            for name, size in sizes.items():
                *path, last = name.split("__")
                owner = self
                for part in path:
                    if not hasattr(owner, part):
                        owner.add_module(part, nn.Module())
                    owner = getattr(owner, part)
                owner.register_parameter(last, nn.Parameter(torch.empty(size)))


    """ + "\n"

  private var inputComment: String {
    "  # " + graph.inputs.map { "\($0.name): \($0.type.shape)" }.joined(separator: ", ")
  }

  static func indented(_ lines: [String], by width: Int) -> String {
    let margin = String(repeating: " ", count: width)
    return lines.map { margin + $0 }.joined(separator: "\n")
  }
}

/// Names of one scope, each used once.
struct Identifiers {
  private var used: Set<String> = []

  /// `wanted`, or with a number behind it.
  mutating func claim(_ wanted: String) -> String {
    var name = wanted
    var number = 1
    while !used.insert(name).inserted {
      number += 1
      name = "\(wanted)_\(number)"
    }
    return name
  }
}
