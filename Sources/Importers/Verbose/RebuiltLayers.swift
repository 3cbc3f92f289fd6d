import Profiling
import Topology

/// The layers of one pass of a verbose log: a convolution or product with the element-wise functions,
/// sums and batch-norms behind it, and the reorders that it needs.
///
/// A log has no layers, only primitives; which belong together follows from their order and their
/// shapes, as in the thesis that rebuilt the layers of MXNet's networks so.
struct RebuiltLayers {
  /// A layer: its primitives as places in the pass, and its elements.
  struct Rebuilt {
    /// Primitives in order, reorders included.
    var places: [Int]
    /// The primitive that is computed first of all.
    let main: VerboseLine
    /// Its elements; empty where the language has none for the main one.
    var problems: [LayerProblem]
    /// What the last element makes.
    var output: TensorType?
  }

  private(set) var layers: [Rebuilt] = []

  /// Groups the primitives of a pass.
  init(_ pass: [VerboseLine]) {
    var reorders: [Int] = []
    for (place, line) in pass.enumerated() {
      if line.primitive == "reorder" {
        reorders.append(place)
        continue
      }
      let problem = Self.problem(line)
      if let last = layers.indices.last, Self.joins(line), Self.takesMore(layers[last].main),
        let problem, let output = layers[last].output, problem.inputs.first?.dims == output.dims
      {
        layers[last].places += reorders + [place]
        layers[last].problems += [problem] + Self.fused(line, output)
      } else {
        var problems = problem.map { [$0] } ?? []
        let output = problem?.output
        if let output { problems += Self.fused(line, output) }
        layers.append(
          Rebuilt(places: reorders + [place], main: line, problems: problems, output: output))
      }
      reorders = []
    }
    guard !reorders.isEmpty else { return }
    if layers.isEmpty {
      layers = reorders.map {
        Rebuilt(places: [$0], main: pass[$0], problems: [], output: nil)
      }
    } else {
      layers[layers.count - 1].places += reorders
    }
  }

  /// Primitives that may belong to the layer before.
  private static func joins(_ line: VerboseLine) -> Bool {
    ["eltwise", "eltwise_v2", "batch_normalization", "batch_normalization_v2", "binary", "sum"]
      .contains(line.primitive)
  }

  /// Primitives whose layer takes what follows.
  private static func takesMore(_ line: VerboseLine) -> Bool {
    ["convolution", "deconvolution", "inner_product", "matmul"].contains(line.primitive)
  }

  private static func problem(_ line: VerboseLine) -> LayerProblem? {
    guard let text = ProblemText(line.problem) else { return nil }
    var context = LayerProblem.Context(auxiliary: line.auxiliary)
    context.hasBias = line.has("bia")
    return LayerProblem(primitive: line.primitive, text, context)
  }

  /// The elements that a primitive computes beside its own: post-operations, a batch-norm's ReLU.
  private static func fused(_ line: VerboseLine, _ output: TensorType) -> [LayerProblem] {
    var problems: [LayerProblem] = []
    if line.primitive.hasPrefix("batch_normalization"),
      let flags = line.auxiliary.firstMatch(of: /flags:(\w+)/)?.1
    {
      // Letters, or the bits of MKL-DNN 0.x: 4 is the fused ReLU.
      let isFused = Int(flags).map { $0 & 4 != 0 } ?? flags.contains("R")
      if isFused {
        problems.append(
          LayerProblem(element: "activation", attributes: ["kind": "relu"], inputs: [output]))
      }
    }
    let operations = line.postOps.map { $0.split(separator: ":").map(String.init) }
    var place = 0
    while place < operations.count {
      let names = operations[place...].prefix(4).compactMap(\.first)
      let words = operations[place]
      let name = words.first ?? ""
      // What TensorFlow makes of a batch-norm: minus the mean, times scales, plus the shift.
      if names == ["binary_sub", "binary_mul", "binary_mul", "binary_add"] {
        problems.append(LayerProblem(element: "batch-norm", inputs: [output]))
        place += 4
        continue
      }
      place += 1
      if name.hasPrefix("eltwise_") {
        var numbers: [String: String] = [:]
        if words.count > 1 { numbers["alpha"] = words[1] }
        if words.count > 2 { numbers["beta"] = words[2] }
        problems.append(
          LayerProblem(
            element: "activation", attributes: LayerProblem.activation(name, numbers),
            inputs: [output]))
      } else if name == "sum" || isWhole(words, of: output) {
        let element = name == "sum" ? "add" : String(name.dropFirst("binary_".count))
        problems.append(LayerProblem(element: element, inputs: [output, output]))
      }
    }
    return problems
  }

  /// Whether a binary post-operation takes a whole tensor and not one number a channel: its mask names
  /// every dimension.
  private static func isWhole(_ words: [String], of output: TensorType) -> Bool {
    guard words.count > 2, words[0].hasPrefix("binary_"), let mask = Int(words[2]) else {
      return false
    }
    return mask == 1 << output.shape.rank - 1
  }
}

extension RebuiltLayers {
  /// The layers as a graph that computes each by itself, and the index in it of each; nil for those
  /// whose main primitive has no element.
  func graph() -> (layers: [Layer], index: [Int?]) {
    var builder = GraphBuilder(name: "log")
    var index: [Int?] = []
    var count = 0
    for (number, layer) in layers.enumerated() {
      let isAdded =
        Self.add(layer.problems, number, &builder)
        || Self.add(Array(layer.problems.prefix(1)), number, &builder)
      index.append(isAdded ? count : nil)
      if isAdded { count += 1 }
    }
    let graph = count > 0 ? try? builder.build() : nil
    return (graph?.layers ?? [], index)
  }

  private static func add(
    _ problems: [LayerProblem], _ number: Int, _ builder: inout GraphBuilder
  ) -> Bool {
    guard let first = problems.first else { return false }
    var copy = builder
    do {
      var names: [String] = []
      func input(_ type: TensorType, _ builder: inout GraphBuilder) throws(GraphError) {
        names.append("\(number).\(names.count)")
        try builder.addInput(name: names[names.count - 1], type: type)
      }
      for type in first.inputs { try input(type, &copy) }
      let own = names
      var specs: [GraphBuilder.PrimitiveSpec] = [try first.spec()]
      for problem in problems.dropFirst() {
        let spec = try problem.spec()
        let firstOperand = names.count
        for type in problem.inputs.dropFirst() { try input(type, &copy) }
        specs.append(
          GraphBuilder.PrimitiveSpec(
            element: spec.element, kind: spec.kind, attributes: spec.attributes,
            with: Array(names[firstOperand...])))
      }
      try copy.addLayer(name: "layer\(number)", inputs: own, primitives: specs)
      builder = copy
      return true
    } catch {
      return false
    }
  }
}
