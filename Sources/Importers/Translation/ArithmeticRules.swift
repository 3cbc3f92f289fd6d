import Model
import Topology

extension Operators {
  /// Functions of two operands and more, and folds.
  static let arithmetic: [String: Translation.Rule] = arithmeticRules()

  private static func arithmeticRules() -> [String: Translation.Rule] {
    var table: [String: Translation.Rule] = [
      "Sum": { (model, node) throws(TranslationFault) in try model.chain(node, "add") },
      "Max": { (model, node) throws(TranslationFault) in try model.chain(node, "max") },
      "Min": { (model, node) throws(TranslationFault) in try model.chain(node, "min") },
      "Mean": { (model, node) throws(TranslationFault) in
        try model.chain(node, "add")
        guard case .flow(let sum)? = model.values[node.outputs[0]] else { return }
        let share = 1 / Double(node.inputs.count)
        model.set(node, try model.activation("linear", ["alpha": share], sum))
      },
      "Pow": { (model, node) throws(TranslationFault) in try model.power(node) },
      "And": { (model, node) throws(TranslationFault) in try model.chain(node, "min") },
      "Or": { (model, node) throws(TranslationFault) in try model.chain(node, "max") },
      "ReduceSumSquare": { (model, node) throws(TranslationFault) in
        let squares = try model.activation("square", [:], try model.flow(node, 0))
        try model.reduction(node, "sum", of: squares)
      },
      "ReduceLogSum": { (model, node) throws(TranslationFault) in
        try model.reduction(node, "sum", of: try model.flow(node, 0))
        guard case .flow(let sum)? = model.values[node.outputs[0]] else { return }
        model.set(node, try model.activation("log", [:], sum))
      },
    ]
    for (type, element) in [("Add", "add"), ("Sub", "sub"), ("Mul", "mul"), ("Div", "div")] {
      let rule: Translation.Rule = { (model, node) throws(TranslationFault) in
        try model.binary(node, element)
      }
      table[type] = rule
    }
    let comparisons = [
      "Equal": "equal", "Greater": "greater", "GreaterOrEqual": "greater-or-equal",
      "Less": "less", "LessOrEqual": "less-or-equal",
    ]
    for (type, element) in comparisons {
      let rule: Translation.Rule = { (model, node) throws(TranslationFault) in
        let operands = [try model.flow(node, 0), try model.flow(node, 1)]
        model.set(node, try model.add(element, [:], operands, elementType: .bool))
      }
      table[type] = rule
    }
    for kind in ["sum", "mean", "max", "min", "prod", "l1", "l2"] {
      let suffix = kind.hasPrefix("l") ? kind.uppercased() : kind.capitalized
      let rule: Translation.Rule = { (model, node) throws(TranslationFault) in
        try model.reduction(node, kind, of: try model.flow(node, 0))
      }
      table["Reduce" + suffix] = rule
    }
    return table
  }
}

extension String {
  fileprivate var capitalized: String { prefix(1).uppercased() + dropFirst() }
}

extension Translation {
  /// Refuses arithmetic on small integers, which wraps round, and their division, which is cut off.
  private func checkIntegers(_ flow: Flow, _ element: String) throws(TranslationFault) {
    guard !flow.elementType.isReal, flow.elementType != .bool else { return }
    if element == "div" { throw .unsupported("division of \(flow.elementType.rawValue)") }
    if flow.elementType.byteCount < 4 || element == "sub" && flow.elementType.range?.lowerBound == 0
    {
      throw .unsupported("arithmetic of \(flow.elementType.rawValue), which wraps round")
    }
  }

  fileprivate mutating func binary(_ node: OperatorNode, _ element: String)
    throws(TranslationFault)
  {
    let (a, b) = (try value(node, 0), try value(node, 1))
    switch (a, b) {
    case (.flow(let flow)?, .constant(let constant)?):
      let constant = try aligned(node, constant, with: flow)
      try checkIntegers(flow, element)
      if try absorbed(node, flow, constant, element, isFirst: false) { return }
      if let number = scalar(constant, beside: flow) {
        if let result = try combined(flow, number, element, isFirst: false) {
          return set(node, result)
        }
      }
      let other = try self.flow(of: constant, named: node.inputs[1])
      set(node, try add(element, [:], [flow, other]))
    case (.constant(let constant)?, .flow(let flow)?):
      try checkIntegers(flow, element)
      if try absorbed(node, flow, constant, element, isFirst: true) { return }
      if let number = scalar(constant, beside: flow) {
        if let result = try combined(flow, number, element, isFirst: true) {
          return set(node, result)
        }
      }
      let other = try self.flow(of: constant, named: node.inputs[0])
      let operands = element == "sub" || element == "div" ? [other, flow] : [flow, other]
      set(node, try add(element, [:], operands))
    default:
      let (first, second) = (try flow(node, 0), try flow(node, 1))
      try checkIntegers(first, element)
      if element == "mul", first.operand == second.operand {
        return set(node, try activation("square", [:], first))
      }
      set(node, try add(element, [:], [first, second]))
    }
  }

  /// Before version 7 the second operand said by an axis where it belongs.
  private func aligned(_ node: OperatorNode, _ constant: ConstantTensor, with flow: Flow)
    throws(TranslationFault) -> ConstantTensor
  {
    guard opset < 7, node.int("broadcast", default: 0) == 1, let given = node.int("axis") else {
      return constant
    }
    let behind = flow.rank - (try axis(given, flow.rank)) - constant.dims.count
    guard behind > 0 else { return constant }
    return constant.reshaped(constant.dims + Array(repeating: 1, count: behind))
  }

  /// The number that a constant is to a value whose shape it does not change.
  private func scalar(_ constant: ConstantTensor, beside flow: Flow) -> Double? {
    constant.dims.count <= flow.rank && constant.dims.allSatisfy { $0 == 1 }
      ? constant.fill : nil
  }

  /// A value and a number.
  private mutating func combined(
    _ flow: Flow, _ number: Double, _ element: String, isFirst: Bool
  ) throws(TranslationFault) -> Flow? {
    guard number.isFinite else { return nil }
    switch (element, isFirst) {
    case ("add", _): return try line(flow, 1, number)
    case ("sub", false): return try line(flow, 1, -number)
    case ("sub", true): return try line(flow, -1, number)
    case ("mul", _): return try line(flow, number, 0)
    case ("div", false) where number != 0: return try line(flow, 1 / number, 0)
    case ("div", true): return try activation("pow", ["alpha": number, "beta": -1], flow)
    default: return nil
    }
  }

  /// alpha·x + beta; what only adds, behind what only multiplies, is one line with it.
  mutating func line(_ flow: Flow, _ alpha: Double, _ beta: Double) throws(TranslationFault) -> Flow
  {
    if alpha == 1, beta == 0 { return flow }
    var numbers: [String: Double] = [:]
    if alpha != 1 { numbers["alpha"] = alpha }
    if beta != 0 { numbers["beta"] = beta }
    return try activation("linear", numbers, flow)
  }

  /// A bias behind a product that has none.
  private mutating func absorbed(
    _ node: OperatorNode, _ flow: Flow, _ constant: ConstantTensor, _ element: String,
    isFirst: Bool
  ) throws(TranslationFault) -> Bool {
    guard element == "add" || element == "sub" && !isFirst, case .draft(let index) = flow.operand,
      uses[node.inputs[isFirst ? 1 : 0]] == 1, drafts[index].attributes["bias"] == "false",
      drafts[index].type.dims == flow.dims, !constant.isAbsent || constant.dims.count > 0
    else { return false }
    let channel: Int
    switch drafts[index].element {
    case "conv", "deconv": channel = 1
    case "fc": channel = flow.rank - 1
    default: return false
    }
    let dims = Array(repeating: 1, count: max(0, flow.rank - constant.dims.count)) + constant.dims
    guard dims.count == flow.rank, dims[channel] == flow.dims[channel],
      dims.enumerated().allSatisfy({ $0 == channel || $1 == 1 }),
      constant.count > 1 || flow.dims[channel] == 1
    else { return false }
    var bias = constant.reshaped([constant.count])
    if element == "sub" { bias = bias.mapped { -$0 } }
    var draft = drafts[index]
    draft.attributes["bias"] = nil
    draft.weights.append(("bias", bias))
    (draft.kind, _) = try Draft.infer(draft.element, draft.attributes, draftTypes(of: draft))
    drafts[index] = draft
    set(node, flow)
    return true
  }

  /// The types of what a primitive reads.
  func draftTypes(of draft: Draft) -> [TensorType] {
    draft.operands.map { operand in
      switch operand {
      case .input(let index): inputs[index].type
      case .draft(let index): drafts[index].type
      case .constant(let index): constants[index].type
      case .state(let index, let number):
        (try? drafts[index].kind.states(draftTypes(of: drafts[index])))?[number].type
          ?? drafts[index].type
      }
    }
  }

  /// One operation on any number of operands.
  fileprivate mutating func chain(_ node: OperatorNode, _ element: String)
    throws(TranslationFault)
  {
    guard !node.inputs.isEmpty else { throw .invalid("has no operands") }
    var result: Flow?
    for index in node.inputs.indices {
      guard let before = result else {
        result = try flow(node, index)
        continue
      }
      if element == "add" { try checkIntegers(before, element) }
      if case .constant(let constant)? = try value(node, index), element != "add",
        let bound = scalar(constant, beside: before)
      {
        result = try element == "max" ? clipped(before, bound, nil) : clipped(before, nil, bound)
        continue
      }
      result = try add(element, [:], [before, try flow(node, index)])
    }
    if let result { set(node, result) }
  }

  fileprivate mutating func power(_ node: OperatorNode) throws(TranslationFault) {
    let base = try flow(node, 0)
    guard let exponent = try constant(node, 1)?.fill else {
      throw .unsupported("an exponent that is not one number")
    }
    switch exponent {
    case 1: set(node, base)
    case 2: set(node, try activation("square", [:], base))
    case 0.5: set(node, try activation("sqrt", [:], base))
    default: set(node, try activation("pow", ["beta": exponent], base))
    }
  }

  fileprivate mutating func reduction(_ node: OperatorNode, _ kind: String, of data: Flow)
    throws(TranslationFault)
  {
    let given = try list(node, "axes", 1)
    if given?.isEmpty ?? true, node.int("noop_with_empty_axes", default: 0) == 1 {
      return set(node, data)
    }
    var axes = Array(0..<data.rank)
    if let given, !given.isEmpty { axes = try self.axes(given, data.rank) }
    let keeps = node.int("keepdims", default: 1) == 1
    if data.dims.isEmpty { return set(node, data) }
    var attributes = ["kind": kind]
    if axes.count < data.rank { attributes["axes"] = NumberText.list(axes.sorted()) }
    if !keeps { attributes["keepdims"] = "false" }
    var result = try add("reduce", attributes, [data])
    if !keeps, axes.count == data.rank { result.dims = [] }
    set(node, result)
  }
}
