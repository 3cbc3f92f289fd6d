import Model
import Topology

extension Operators {
  /// What chooses elements.
  static let selections: [String: Translation.Rule] = [
    "Where": { (model, node) throws(TranslationFault) in
      let operands = [try model.flow(node, 0), try model.flow(node, 1), try model.flow(node, 2)]
      model.set(
        node, try model.add("where", [:], operands, elementType: operands[1].elementType))
    },
    "Gather": { (model, node) throws(TranslationFault) in try model.gather(node) },
    "OneHot": { (model, node) throws(TranslationFault) in try model.oneHot(node) },
    "TopK": { (model, node) throws(TranslationFault) in try model.topK(node) },
    "ArgMax": { (model, node) throws(TranslationFault) in try model.argmax(node) },
    "CumSum": { (model, node) throws(TranslationFault) in
      let data = try model.flow(node, 0)
      guard let axis = try model.constant(node, 1), axis.count == 1 else {
        throw .invalid("has no axis")
      }
      var attributes = [
        "axis": String(try model.axis(Int(axis.integers()[0]), data.rank))
      ]
      if node.int("exclusive", default: 0) == 1 { attributes["exclusive"] = "true" }
      if node.int("reverse", default: 0) == 1 { attributes["reverse"] = "true" }
      model.set(node, try model.add("cumsum", attributes, [data]))
    },
  ]
}

extension Translation {
  fileprivate mutating func gather(_ node: OperatorNode) throws(TranslationFault) {
    if case .constant(let indices)? = try value(node, 1), !indices.isAbsent {
      return try gather(node, indices)
    }
    // Indices are looked at first: they tell whether the data are a table of rows.
    var indices = try flow(node, 1)
    let given = node.int("axis", default: 0)
    if let table = try weightIfConstant(node, 0), table.dims.count == 2,
      try axis(given, 2) == 0, table.elementType.isReal
    {
      indices = unclipped(indices, rows: table.dims[0])
      if indices.type.layout == .tnc { indices = try with(.other, indices) }
      var result = try add(
        "embedding", ["rows": String(table.dims[0]), "dim": String(table.dims[1])], [indices],
        weights: [("weight", table)], elementType: .f32)
      if indices.dims.isEmpty { result = try reshaped(result, [table.dims[1]]) }
      return set(node, result)
    }
    let data = try flow(node, 0)
    let axis = try axis(given, data.rank)
    indices = unclipped(indices, rows: data.dims[axis])
    var result = try add(
      "gather", axis == 0 ? [:] : ["axis": String(axis)], [data, indices])
    if indices.dims.isEmpty {
      result = try reshaped(
        result, Array(data.dims[..<axis]) + Array(data.dims[(axis + 1)...]))
    }
    set(node, result)
  }

  /// Indices without a clip to the range that they are kept in anyway.
  private func unclipped(_ indices: Flow, rows: Int) -> Flow {
    guard let clip = producer(indices), clip.element == "activation",
      clip.attributes["kind"] == "clip",
      clip.attributes["alpha"] == NumberText.real(-Double(rows)),
      clip.attributes["beta"] == NumberText.real(Double(rows - 1))
    else { return indices }
    var source = indices
    source.operand = clip.operands[0]
    source.type = draftTypes(of: clip)[0]
    return source
  }

  /// Constant indices: neighbours are a slice.
  private mutating func gather(_ node: OperatorNode, _ indices: ConstantTensor)
    throws(TranslationFault)
  {
    let data = try flow(node, 0)
    guard data.rank > 0 else { throw .invalid("gathers from a scalar") }
    let axis = try axis(node.int("axis", default: 0), data.rank)
    let extent = data.dims[axis]
    guard indices.count <= ConstantFolding.limit else {
      throw .unsupported("\(indices.count) indices")
    }
    let chosen = indices.integers().map { Int($0 < 0 ? $0 + Int64(extent) : $0) }
    guard !chosen.isEmpty, chosen.allSatisfy({ (0..<extent).contains($0) }) else {
      throw .invalid("an index outside 0…\(extent - 1)")
    }
    let step = chosen.count > 1 ? chosen[1] - chosen[0] : 1
    let isLine = step != 0 && zip(chosen, chosen.dropFirst()).allSatisfy { $1 - $0 == step }
    let dims = Array(data.dims[..<axis]) + indices.dims + Array(data.dims[(axis + 1)...])
    if isLine {
      var part = (
        starts: data.dims.map { _ in 0 }, steps: data.dims.map { _ in 1 }, dims: data.dims
      )
      (part.starts[axis], part.steps[axis], part.dims[axis]) = (chosen[0], step, chosen.count)
      return set(node, try reshaped(try sliced(data, part), dims))
    }
    let places = try flow(
      of: ConstantTensor(
        dims: indices.dims, integers: chosen.map(Int64.init)), named: node.inputs[1])
    let result = try add("gather", axis == 0 ? [:] : ["axis": String(axis)], [data, places])
    set(node, result)
  }

  fileprivate mutating func oneHot(_ node: OperatorNode) throws(TranslationFault) {
    guard let depth = try constant(node, 1), depth.count == 1,
      let values = try constant(node, 2), values.count == 2
    else { throw .unsupported("a depth or values that are not constant") }
    var indices = try flow(node, 0)
    if indices.type.layout == .tnc { indices = try with(.other, indices) }
    let (off, on) = (values.reals()[0], values.reals()[1])
    var attributes = ["depth": String(depth.integers()[0])]
    let given = node.int("axis", default: -1)
    if given != -1 { attributes["axis"] = String(given) }
    if on != 1 { attributes["on"] = NumberText.real(on) }
    if off != 0 { attributes["off"] = NumberText.real(off) }
    set(
      node, try add("one-hot", attributes, [indices], elementType: values.elementType))
  }

  fileprivate mutating func topK(_ node: OperatorNode) throws(TranslationFault) {
    let data = try flow(node, 0)
    guard let count = try list(node, "k", 1), count.count == 1 else {
      throw .invalid("has no k")
    }
    let axis = try axis(node.int("axis", default: -1), data.rank)
    var attributes = ["k": String(count[0])]
    if axis != data.rank - 1 { attributes["axis"] = String(axis) }
    if node.int("largest", default: 1) == 0 { attributes["largest"] = "false" }
    for (index, output) in ["values", "indices"].enumerated() where isUsed(node, index) {
      if index == 1 { attributes["output"] = output }
      let result = try add(
        "top-k", attributes, [data], elementType: index == 1 ? .i64 : data.elementType)
      set(node, index, .flow(result))
    }
  }

  fileprivate mutating func argmax(_ node: OperatorNode) throws(TranslationFault) {
    let data = try flow(node, 0)
    let axis = try axis(node.int("axis", default: 0), data.rank)
    guard axis == data.rank - 1, data.rank > 1, node.int("select_last_index", default: 0) == 0
    else { throw .unsupported("an axis that is not the last one") }
    var result = try add("inlay", ["kind": "argmax"], [data], elementType: .i64)
    if node.int("keepdims", default: 1) == 1 {
      result = try reshaped(result, Array(data.dims.dropLast()) + [1])
    }
    set(node, result)
  }
}
