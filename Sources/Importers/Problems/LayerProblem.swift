import Topology

/// A primitive of a network as an element of the topology language, with the tensors that it reads.
struct LayerProblem {
  /// The element's name, such as `conv`.
  var element: String
  /// Its attributes.
  var attributes: [String: String] = [:]
  /// What it reads.
  var inputs: [TensorType]

  /// The primitive as a graph takes it; operands behind the first are called `@input2`, ….
  ///
  /// - Throws: ``AttributeError`` naming the attribute that cannot be used.
  func spec() throws(AttributeError) -> GraphBuilder.PrimitiveSpec {
    guard let kind = LayerKinds.standard[element] else {
      throw AttributeError(nil, "<\(element)> is no element")
    }
    let attributes = Attributes(element: element, attributes)
    return GraphBuilder.PrimitiveSpec(
      element: element, kind: try kind.init(attributes), attributes: attributes)
  }

  /// What it makes; nil where its shapes do not fit.
  var output: TensorType? {
    (try? spec()).flatMap { try? $0.kind.outputType(inputs) }
  }
}

extension LayerProblem {
  /// What a convolution's, a product's or another primitive's description does not say.
  struct Context {
    /// `eltwise_relu`, `pooling_max`, `vanilla_lstm`; empty where none is known.
    var algorithm = ""
    /// `alpha`, `beta`, `axis`, `direction`… by name.
    var parameters: [String: String] = [:]
    /// Whether there is a bias; nil where nobody says.
    var hasBias: Bool?
    /// The batch size where the description has none.
    var batch = 1
  }

  /// The element of a primitive of oneDNN; nil where the language has none for it, or its description
  /// lacks what that takes.
  init?(primitive: String, _ text: ProblemText, _ context: Context) {
    let made: LayerProblem?
    switch primitive {
    case "convolution", "deconvolution": made = Self.window(primitive, text, context)
    case "inner_product": made = Self.product(text, context)
    case "matmul": made = Self.matrices(text, context)
    case "pooling", "pooling_v2": made = Self.pool(text, context)
    case "rnn": made = Self.recurrent(text, context)
    case "batch_normalization", "batch_normalization_v2":
      made = Self.image(text, context).map { LayerProblem(element: "batch-norm", inputs: [$0]) }
    case "lrn":
      made = Self.image(text, context).map {
        LayerProblem(element: "lrn", attributes: ["size": String(text["ls"] ?? 5)], inputs: [$0])
      }
    case "eltwise", "eltwise_v2":
      made = Self.image(text, context).map {
        LayerProblem(
          element: "activation",
          attributes: Self.activation(context.algorithm, context.parameters), inputs: [$0])
      }
    case "softmax", "softmax_v2", "logsoftmax":
      made = Self.softmax(primitive, text, context)
    case "layer_normalization", "layer_normalization_v2":
      made = Self.image(text, context).map { LayerProblem(element: "layer-norm", inputs: [$0]) }
    case "binary": made = Self.binary(text, context)
    case "sum":
      let count = max(2, context.parameters["num"].flatMap { Int($0) } ?? text.dims.count)
      // What a damaged log says takes no memory.
      guard count <= 4096 else { return nil }
      made = Self.type(text.dims.first).map {
        LayerProblem(element: "add", inputs: Array(repeating: $0, count: count))
      }
    case "concat": made = Self.concat(text, context)
    default: made = nil
    }
    guard let made, made.output != nil else { return nil }
    self = made
  }

  // MARK: Windows

  /// The axes of space, outermost first, of which a description names any.
  private static func axes(_ text: ProblemText) -> [String] {
    let all = ["d", "h", "w"]
    let named = all.filter { text["i\($0)"] != nil || text["k\($0)"] != nil }
    guard let first = named.first, let place = all.firstIndex(of: first) else { return [] }
    return Array(all[place...])
  }

  /// A number of an axis of space: its own, else that of the axis before it, as benchdnn takes it.
  private static func number(_ key: String, _ axis: String, _ text: ProblemText) -> Int? {
    switch axis {
    case "w": text["\(key)w"] ?? text["\(key)h"] ?? text["\(key)d"]
    case "h": text["\(key)h"] ?? text["\(key)d"]
    default: text["\(key)d"]
    }
  }

  /// Extents, strides, dilations (1: none) and padding of a window.
  private struct Window {
    var input: [Int] = []
    var output: [Int] = []
    var kernel: [Int] = []
    var stride: [Int] = []
    var dilation: [Int] = []
    var begin: [Int] = []
    var end: [Int] = []

    var padding: String {
      let all = begin + end
      if let first = all.first, all.allSatisfy({ $0 == first }) { return String(first) }
      if begin == end { return begin.map(String.init).joined(separator: "x") }
      return all.map(String.init).joined(separator: ",")
    }

    mutating func append(
      _ input: Int, _ output: Int, _ kernel: Int, _ stride: Int, _ dilation: Int, _ begin: Int,
      _ end: Int
    ) {
      self.input.append(input)
      self.output.append(output)
      self.kernel.append(kernel)
      self.stride.append(stride)
      self.dilation.append(dilation)
      self.begin.append(begin)
      self.end.append(end)
    }

    static func text(_ values: [Int]) -> String {
      if let first = values.first, values.allSatisfy({ $0 == first }) { return String(first) }
      return values.map(String.init).joined(separator: "x")
    }

    var attributes: [String: String] {
      var attributes = ["kernel": Window.text(kernel)]
      if stride.contains(where: { $0 != 1 }) { attributes["stride"] = Window.text(stride) }
      if dilation.contains(where: { $0 != 1 }) { attributes["dilation"] = Window.text(dilation) }
      if (begin + end).contains(where: { $0 != 0 }) { attributes["padding"] = padding }
      return attributes
    }
  }

  /// The window of a description; `transposed` is that of a deconvolution, whose output is the larger.
  private static func read(_ text: ProblemText, transposed: Bool) -> Window? {
    var window = Window()
    for axis in axes(text) {
      guard let input = number("i", axis, text), let kernel = number("k", axis, text), input > 0,
        kernel > 0
      else { return nil }
      let stride = number("s", axis, text) ?? 1
      let dilation = number("d", axis, text).map { $0 + 1 } ?? 1
      guard stride > 0, dilation > 0, kernel < 1 << 20, dilation < 1 << 20, input < 1 << 31,
        stride < 1 << 20
      else { return nil }
      let extent = (kernel - 1) * dilation + 1
      let told = number("o", axis, text)
      // What a plain convolution reads and makes; a deconvolution is one the other way round.
      let begin: Int
      let output: Int
      if let given = number("p", axis, text) {
        begin = given
        output =
          told
          ?? (transposed
            ? (input - 1) * stride + extent - 2 * begin : (input - extent + 2 * begin) / stride + 1)
      } else {
        guard let told else {
          begin = 0
          output = transposed ? (input - 1) * stride + extent : (input - extent) / stride + 1
          window.append(input, output, kernel, stride, dilation, 0, 0)
          continue
        }
        let whole =
          transposed
          ? (input - 1) * stride + extent - told : (told - 1) * stride + extent - input
        begin = max(0, whole / 2)
        output = told
      }
      guard output > 0, output < 1 << 31, begin < 1 << 20 else { return nil }
      let end =
        transposed
        ? (input - 1) * stride + extent - output - begin
        : (output - 1) * stride + extent - input - begin
      window.append(input, output, kernel, stride, dilation, begin, max(0, end))
    }
    return window.input.isEmpty ? nil : window
  }

  private static func window(
    _ primitive: String, _ text: ProblemText, _ context: Context
  ) -> LayerProblem? {
    let isTransposed = primitive == "deconvolution"
    guard let filters = text["oc"], let channels = text["ic"],
      let window = read(text, transposed: isTransposed),
      let input = type([text["mb"] ?? context.batch, channels] + window.input)
    else { return nil }
    var attributes = window.attributes
    attributes["filters"] = String(filters)
    if let groups = text["g"], groups != 1 {
      attributes["groups"] = groups == channels ? "depthwise" : String(groups)
    }
    if context.hasBias == false { attributes["bias"] = "false" }
    return LayerProblem(
      element: isTransposed ? "deconv" : "conv", attributes: attributes, inputs: [input])
  }

  private static func pool(_ text: ProblemText, _ context: Context) -> LayerProblem? {
    guard let channels = text["ic"], let window = read(text, transposed: false),
      let input = type([text["mb"] ?? context.batch, channels] + window.input)
    else { return nil }
    let isMean = context.algorithm.contains("avg")
    let isWhole =
      window.kernel == window.input && window.output.allSatisfy { $0 == 1 }
      && (window.begin + window.end).allSatisfy { $0 == 0 }
    if isWhole, window.input.contains(where: { $0 > 1 }) {
      return LayerProblem(
        element: "global-pool", attributes: ["kind": isMean ? "avg" : "max"], inputs: [input])
    }
    var attributes = window.attributes
    attributes["stride"] = Window.text(window.stride)
    if window.stride == window.kernel { attributes["stride"] = nil }
    attributes["dilation"] = nil
    if isMean { attributes["kind"] = "avg" }
    let counts = ["avg_include", "avg"].contains { context.algorithm.hasSuffix($0) }
    if isMean, counts || context.algorithm.contains("include"), attributes["padding"] != nil {
      attributes["count-include-pad"] = "true"
    }
    return LayerProblem(element: "pool", attributes: attributes, inputs: [input])
  }

  // MARK: Products

  private static func product(_ text: ProblemText, _ context: Context) -> LayerProblem? {
    guard let units = text["oc"], let channels = text["ic"] else { return nil }
    let space = axes(text).compactMap { number("i", $0, text) }
    guard let input = type([text["mb"] ?? context.batch, channels] + space) else { return nil }
    var attributes = ["units": String(units)]
    if context.hasBias == false { attributes["bias"] = "false" }
    return LayerProblem(element: "fc", attributes: attributes, inputs: [input])
  }

  /// A product of two matrices is taken for a fully connected layer, whose second operand is its
  /// weights; products of more dimensions are products of activations.
  private static func matrices(_ text: ProblemText, _ context: Context) -> LayerProblem? {
    var dims = text.dims
    if dims.isEmpty, let m = text["m"], let n = text["n"], let k = text["k"] {
      let batch = text["mb"].map { [$0] } ?? []
      dims = [batch + [m, k], batch + [k, n]]
    }
    guard dims.count >= 2, dims[0].count == dims[1].count, let left = type(dims[0], .other),
      let right = type(dims[1], .other)
    else { return nil }
    if dims[0].count == 2 {
      var attributes = ["units": String(dims[1][1])]
      if context.hasBias == false { attributes["bias"] = "false" }
      guard let rows = type(dims[0]), dims[0][1] == dims[1][0] else { return nil }
      return LayerProblem(element: "fc", attributes: attributes, inputs: [rows])
    }
    return LayerProblem(element: "matmul", inputs: [left, right])
  }

  private static func recurrent(_ text: ProblemText, _ context: Context) -> LayerProblem? {
    let state = text["sic"]
    guard let hidden = text["dhc"] ?? text["dic"] ?? state, let channels = text["slc"] ?? state,
      let input = type([text["t"] ?? 1, text["mb"] ?? context.batch, channels], .tnc)
    else { return nil }
    let algorithm = context.algorithm.lowercased()
    var attributes = ["hidden": String(hidden)]
    let element: String
    if algorithm.contains("lstm") {
      element = "lstm"
    } else if algorithm.contains("gru") {
      element = "gru"
      if algorithm.contains("lbr") { attributes["linear-before-reset"] = "true" }
    } else {
      element = "rnn"
      let activation = (context.parameters["activation"] ?? "").lowercased()
      if activation.contains("relu") { attributes["activation"] = "relu" }
      if activation.contains("logistic") { attributes["activation"] = "sigmoid" }
    }
    if let layers = text["l"], layers != 1 { attributes["layers"] = String(layers) }
    switch context.parameters["direction"] ?? "" {
    case "unidirectional_right2left", "right2left": attributes["direction"] = "backward"
    case "bidirectional_concat", "concat": attributes["direction"] = "bidirectional"
    case "bidirectional_sum", "sum": attributes["direction"] = "bidirectional-sum"
    default: break
    }
    return LayerProblem(element: element, attributes: attributes, inputs: [input])
  }

  // MARK: Others

  private static func softmax(
    _ primitive: String, _ text: ProblemText, _ context: Context
  ) -> LayerProblem? {
    guard let input = image(text, context) else { return nil }
    let axis = context.parameters["axis"].flatMap { Int($0) } ?? 1
    let isLogarithm = primitive == "logsoftmax" || context.algorithm.contains("log")
    return LayerProblem(
      element: isLogarithm ? "log-softmax" : "softmax",
      attributes: axis == input.shape.rank - 1 ? [:] : ["axis": String(axis)], inputs: [input])
  }

  private static func binary(_ text: ProblemText, _ context: Context) -> LayerProblem? {
    guard text.dims.count >= 2, let left = type(text.dims[0]), let right = type(text.dims[1]) else {
      return nil
    }
    let word = context.algorithm.split(separator: "_").last.map(String.init) ?? ""
    guard ["add", "sub", "mul", "div", "max", "min"].contains(word) else { return nil }
    return LayerProblem(element: word, inputs: [left, right])
  }

  private static func concat(_ text: ProblemText, _ context: Context) -> LayerProblem? {
    let axis = context.parameters["axis"].flatMap { Int($0) } ?? 1
    var dims = text.dims
    if dims.count > 2, let last = dims.last, last.indices.contains(axis),
      dims.dropLast().allSatisfy({ $0.count == last.count }),
      dims.dropLast().reduce(0, { $0 + $1[axis] }) == last[axis]
    {
      dims.removeLast()
    }
    let inputs = dims.compactMap { type($0) }
    guard inputs.count == dims.count, inputs.count > 1 else { return nil }
    return LayerProblem(
      element: "concat", attributes: axis == 1 ? [:] : ["axis": String(axis)], inputs: inputs)
  }

  /// The one tensor of a description: dims, or batch, channels and space.
  private static func image(_ text: ProblemText, _ context: Context) -> TensorType? {
    if let first = text.dims.first { return type(first) }
    guard let channels = text["ic"] else { return nil }
    let space = axes(text).compactMap { number("i", $0, text) }
    return type([text["mb"] ?? context.batch, channels] + space)
  }

  private static func type(_ dims: [Int]?, _ layout: Layout? = nil) -> TensorType? {
    guard let dims else { return nil }
    let spatial: Layout =
      switch dims.count {
      case 2: .nc
      case 3: .ncw
      case 4: .nchw
      case 5: .ncdhw
      default: .other
      }
    return try? TensorType(dims: dims, layout ?? spatial)
  }

  /// The attributes of the activation that an element-wise algorithm is.
  static func activation(_ algorithm: String, _ parameters: [String: String]) -> [String: String] {
    let alpha = parameters["alpha"].flatMap(Double.init)
    let beta = parameters["beta"].flatMap(Double.init)
    func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "0" }
    switch algorithm.replacing("eltwise_", with: "") {
    case "relu" where (alpha ?? 0) != 0: return ["kind": "leaky-relu", "alpha": text(alpha)]
    case "relu": return ["kind": "relu"]
    case "bounded_relu" where alpha == 6: return ["kind": "relu6"]
    case "bounded_relu": return ["kind": "clipped-relu", "max": text(alpha)]
    case "clip", "clip_v2":
      if alpha == 0, beta == 6 { return ["kind": "relu6"] }
      if alpha == 0 { return ["kind": "clipped-relu", "max": text(beta)] }
      return ["kind": "clip", "alpha": text(alpha), "beta": text(beta)]
    case "logistic": return ["kind": "sigmoid"]
    case "tanh": return ["kind": "tanh"]
    case "elu": return ["kind": "elu"]
    case "gelu", "gelu_tanh": return ["kind": "gelu-tanh"]
    case "gelu_erf": return ["kind": "gelu"]
    case "swish": return ["kind": "swish"]
    case "hardswish": return ["kind": "hard-swish"]
    case "hardsigmoid": return ["kind": "hard-sigmoid"]
    case "mish": return ["kind": "mish"]
    case "soft_relu": return ["kind": "soft-plus"]
    case "logsigmoid": return ["kind": "log-sigmoid"]
    case "abs": return ["kind": "abs"]
    case "exp": return ["kind": "exp"]
    case "log": return ["kind": "log"]
    case "round": return ["kind": "round"]
    case "sqrt": return ["kind": "sqrt"]
    case "square": return ["kind": "square"]
    default: return ["kind": "linear"]
    }
  }
}

extension LayerProblem.Context {
  /// Reads a text such as `alg:eltwise_relu alpha:0 beta:0`, `axis:1` or `num:1`.
  init(auxiliary text: some StringProtocol) {
    for word in text.split(separator: " ") {
      guard let colon = word.firstIndex(of: ":") else { continue }
      let (key, value) = (String(word[..<colon]), String(word[word.index(after: colon)...]))
      if key == "alg" { algorithm = value } else { parameters[key] = value }
    }
  }
}
