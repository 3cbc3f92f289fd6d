import Model
import Topology

extension Operators {
  /// What moves elements and computes nothing.
  static let movements: [String: Translation.Rule] = [
    "Reshape": { (model, node) throws(TranslationFault) in
      let data = try model.flow(node, 0)
      guard let shape = try model.list(node, "shape", 1) else { throw .invalid("has no shape") }
      let allowZero = node.int("allowzero", default: 0) == 1
      try model.reshape(node, data) { (dims) throws(FoldingFault) in
        try ShapeRules.reshape(dims, shape, allowZero: allowZero)
      }
    },
    "Flatten": { (model, node) throws(TranslationFault) in
      let axis = node.int("axis", default: 1)
      try model.reshape(node, try model.flow(node, 0)) { (dims) throws(FoldingFault) in
        try ShapeRules.flatten(dims, axis: axis)
      }
    },
    "Squeeze": { (model, node) throws(TranslationFault) in
      let axes = try model.list(node, "axes", 1)
      try model.reshape(node, try model.flow(node, 0)) { (dims) throws(FoldingFault) in
        try ShapeRules.squeeze(dims, axes)
      }
    },
    "Unsqueeze": { (model, node) throws(TranslationFault) in
      guard let axes = try model.list(node, "axes", 1) else { throw .invalid("has no axes") }
      try model.reshape(node, try model.flow(node, 0)) { (dims) throws(FoldingFault) in
        try ShapeRules.unsqueeze(dims, axes)
      }
    },
    "Transpose": { (model, node) throws(TranslationFault) in
      let data = try model.flow(node, 0)
      let order = node.ints("perm") ?? Array(0..<data.rank).reversed()
      guard order.sorted() == Array(0..<data.rank) else {
        throw .invalid("perm \(order) is no order of \(data.rank) dimensions")
      }
      model.set(node, try model.transposed(data, order))
    },
    "Identity": { (model, node) throws(TranslationFault) in
      model.set(node, try model.flow(node, 0))
    },
    "Dropout": { (model, node) throws(TranslationFault) in
      try model.refuse(node, results: 1..<2, "the mask")
      model.set(node, try model.flow(node, 0))
    },
    "Cast": { (model, node) throws(TranslationFault) in try model.cast(node) },
    "Concat": { (model, node) throws(TranslationFault) in try model.concat(node) },
    "Slice": { (model, node) throws(TranslationFault) in try model.slice(node) },
    "Split": { (model, node) throws(TranslationFault) in try model.split(node) },
    "Pad": { (model, node) throws(TranslationFault) in try model.pad(node) },
    "Expand": { (model, node) throws(TranslationFault) in
      let data = try model.flow(node, 0)
      guard let shape = try model.list(node, "shape", 1) else { throw .invalid("has no shape") }
      guard let dims = ShapeRules.broadcast(data.dims, shape) else {
        throw .invalid("\(shapeText(data.dims)) does not broadcast to \(shapeText(shape))")
      }
      model.set(node, try model.expanded(data, dims))
    },
    "Tile": { (model, node) throws(TranslationFault) in try model.tile(node) },
    "DepthToSpace": { (model, node) throws(TranslationFault) in
      let data = try model.with(.nchw, try model.flow(node, 0))
      var attributes = ["block": String(node.int("blocksize", default: 1))]
      if node.string("mode") == "CRD" { attributes["mode"] = "crd" }
      model.set(node, try model.add("depth-to-space", attributes, [data]))
    },
    "SpaceToDepth": { (model, node) throws(TranslationFault) in
      let data = try model.with(.nchw, try model.flow(node, 0))
      let attributes = ["block": String(node.int("blocksize", default: 1))]
      model.set(node, try model.add("space-to-depth", attributes, [data]))
    },
  ]
}

extension Translation {
  fileprivate mutating func reshape(
    _ node: OperatorNode, _ data: Flow, _ rule: ([Int]) throws(FoldingFault) -> [Int]
  ) throws(TranslationFault) {
    let dims: [Int]
    do throws(FoldingFault) { dims = try rule(data.dims) } catch { throw .invalid(error.message) }
    set(node, try reshaped(data, dims))
  }

  /// The same elements under other dims; one reshape stands for several in a row, and none for those that
  /// lead back.
  mutating func reshaped(_ data: Flow, _ dims: [Int], layout: Layout? = nil)
    throws(TranslationFault) -> Flow
  {
    let wanted = try type(dims, layout ?? spatialLayout(data, dims))
    var source = data
    while case .draft(let index) = source.operand, let before = reshapes[index] { source = before }
    if source.type.dims == wanted.dims, layout == nil || source.type.layout == layout {
      source.dims = dims
      return source
    }
    var attributes = ["shape": NumberText.dims(wanted.dims)]
    let implied: Layout =
      wanted.shape.rank == source.type.shape.rank
      ? source.type.layout : .natural(wanted.shape.rank)
    if wanted.layout != implied { attributes["layout"] = wanted.layout.rawValue }
    let isFlatten =
      wanted.dims.count == 2 && source.type.dims.count > 2 && wanted.layout == .nc
      && source.type.layout != .tnc && wanted.dims[0] == source.type.dims[0]
    var result =
      try isFlatten
      ? add("flatten", [:], [source]) : add("reshape", attributes, [source])
    reshapes[drafts.count - 1] = source
    result.dims = dims
    result.elementType = data.elementType
    return result
  }

  /// Space that loses or gains dimensions of 1 stays space.
  private func spatialLayout(_ data: Flow, _ dims: [Int]) -> Layout {
    if data.type.layout.spatialRank > 0, dims.count >= 2, dims.count <= 5,
      Array(dims[..<2]) == Array(data.type.dims[..<2]),
      dims[2...].filter({ $0 != 1 }) == data.type.dims[2...].filter({ $0 != 1 })
    {
      return .spatial(dims.count - 2)
    }
    return dims == data.dims ? data.type.layout : .natural(dims.count)
  }

  /// Dimension i of the result is dimension `order[i]`; two in a row are one, or none.
  mutating func transposed(_ data: Flow, _ order: [Int]) throws(TranslationFault) -> Flow {
    var (source, order) = (data, order)
    if case .draft(let index) = data.operand, let before = transposes[index],
      before.order.count == order.count
    {
      source = before.source
      order = order.map { before.order[$0] }
    }
    if order == order.sorted() { return source }
    let dims = order.map { source.dims[$0] }
    let moved = order.filter { source.dims[$0] > 1 }
    if moved == moved.sorted() { return try reshaped(source, dims) }
    let result = try add("transpose", ["perm": NumberText.list(order)], [source])
    transposes[drafts.count - 1] = (source, order)
    return result
  }

  /// Numbers stay what they are in f32; only what cuts fractions off changes them.
  fileprivate mutating func cast(_ node: OperatorNode) throws(TranslationFault) {
    var data = try flow(node, 0)
    let target: ElementType
    do throws(ImportError) {
      target = try ONNXReader.elementType(node.int("to", default: 1)) {
        ImportError(file: file, $0)
      }
    } catch {
      throw .unsupported(error.message)
    }
    let keeps = target.isReal || data.elementType == .bool || target == data.elementType
    // Whatever looks rows up cuts fractions off itself.
    let isIndex = node.outputs.first.map { isReadAsIndexOnly($0) } ?? false
    let widens =
      !data.elementType.isReal && !target.isReal && target.byteCount >= data.elementType.byteCount
      && target != .bool
    guard keeps || isIndex || widens || target == .i64 && !data.elementType.isReal else {
      throw .unsupported("from \(data.elementType.rawValue) to \(target.rawValue)")
    }
    data.elementType = target
    set(node, data)
  }

  private func isReadAsIndexOnly(_ name: String) -> Bool {
    let readers = consumers[name] ?? []
    return !readers.isEmpty && !graph.outputs.contains(name)
      && readers.allSatisfy { index in
        let node = graph.nodes[index]
        switch node.type {
        case "Gather": return node.inputs.count == 2 && node.inputs[1] == name
        case "OneHot": return node.inputs.first == name
        default: return false
        }
      }
  }

  fileprivate mutating func concat(_ node: OperatorNode) throws(TranslationFault) {
    var parts: [Flow] = []
    for index in node.inputs.indices {
      if case .constant(let tensor)? = try value(node, index), tensor.count == 0 { continue }
      parts.append(try flow(node, index))
    }
    guard let first = parts.first else { throw .unsupported("a tensor without elements") }
    let axis = try axis(node.int("axis", default: 1), first.rank)
    if parts.count == 1 { return set(node, first) }
    for part in parts {
      var (one, other) = (part.dims, first.dims)
      guard one.count == other.count else { throw .invalid("its operands differ in rank") }
      (one[axis], other[axis]) = (0, 0)
      guard one == other else {
        throw .invalid(
          "\(shapeText(part.dims)) and \(shapeText(first.dims)) differ outside axis \(axis)")
      }
    }
    set(node, try add("concat", axis == 1 ? [:] : ["axis": String(axis)], parts))
  }

  func axis(_ axis: Int, _ rank: Int) throws(TranslationFault) -> Int {
    do throws(FoldingFault) { return try ShapeRules.axis(axis, rank) } catch {
      throw .invalid(error.message)
    }
  }

  func axes(_ axes: [Int], _ rank: Int) throws(TranslationFault) -> [Int] {
    do throws(FoldingFault) { return try ShapeRules.axes(axes, rank) } catch {
      throw .invalid(error.message)
    }
  }

  fileprivate mutating func slice(_ node: OperatorNode) throws(TranslationFault) {
    let data = try flow(node, 0)
    guard let starts = try list(node, "starts", 1), let ends = try list(node, "ends", 2) else {
      throw .invalid("has no starts or ends")
    }
    let axes = try list(node, "axes", 3)
    let steps = try list(node, "steps", 4)
    let part: (starts: [Int], steps: [Int], dims: [Int])
    do throws(FoldingFault) {
      part = try ShapeRules.slice(data.dims, starts, ends, axes, steps)
    } catch {
      throw .invalid(error.message)
    }
    set(node, try sliced(data, part))
  }

  /// A part of a value.
  mutating func sliced(_ data: Flow, _ part: (starts: [Int], steps: [Int], dims: [Int]))
    throws(TranslationFault) -> Flow
  {
    guard !part.dims.contains(0) else { throw .unsupported("a tensor without elements") }
    let changed = data.dims.indices.filter {
      part.dims[$0] != data.dims[$0] || part.starts[$0] != 0 || part.steps[$0] != 1
    }
    if changed.isEmpty { return data }
    let ends = changed.map { axis in
      let end = part.starts[axis] + part.dims[axis] * part.steps[axis]
      // A negative one would count from the end; so far below 0 it means before the first one.
      return end < 0 ? -data.dims[axis] - 1 : end
    }
    var attributes = [
      "starts": NumberText.list(changed.map { part.starts[$0] }), "ends": NumberText.list(ends),
      "axes": NumberText.list(changed),
    ]
    if changed.contains(where: { part.steps[$0] != 1 }) {
      attributes["steps"] = NumberText.list(changed.map { part.steps[$0] })
    }
    return try add("slice", attributes, [data])
  }

  fileprivate mutating func split(_ node: OperatorNode) throws(TranslationFault) {
    let data = try flow(node, 0)
    let axis = try axis(node.int("axis", default: 0), data.rank)
    let extents: [Int]
    do throws(FoldingFault) {
      extents = try ShapeRules.split(
        data.dims[axis], try? list(node, "split", 1), parts: node.outputs.count)
    } catch {
      throw .invalid(error.message)
    }
    guard !extents.contains(0) else { throw .unsupported("a part without elements") }
    let isEven = extents.allSatisfy { $0 == extents[0] }
    for index in node.outputs.indices where isUsed(node, index) {
      var attributes = ["axis": String(axis), "index": String(index)]
      attributes[isEven ? "parts" : "split"] =
        isEven ? String(extents.count) : NumberText.list(extents)
      set(node, index, .flow(try add("split", attributes, [data])))
    }
  }

  fileprivate mutating func pad(_ node: OperatorNode) throws(TranslationFault) {
    let data = try flow(node, 0)
    var pads = node.ints("paddings")
    if pads == nil { pads = try list(node, "pads", 1) }
    guard let given = pads else { throw .invalid("has no pads") }
    var axes = Array(0..<data.rank)
    if let list = try list(node, "axes", 3) { axes = try self.axes(list, data.rank) }
    guard given.count == 2 * axes.count else { throw .invalid("\(given.count) pads") }
    var all = Array(repeating: 0, count: 2 * data.rank)
    for (place, axis) in axes.enumerated() {
      all[axis] = given[place]
      all[data.rank + axis] = given[axes.count + place]
    }
    guard all.allSatisfy({ $0 >= 0 }) else { throw .unsupported("negative pads") }
    if all.allSatisfy({ $0 == 0 }) { return set(node, data) }
    var attributes = ["pads": NumberText.list(all)]
    switch node.string("mode") ?? "constant" {
    case "constant":
      let value = try number(node, "value", 2) ?? 0
      if value != 0 { attributes["value"] = NumberText.real(value) }
    case let mode where mode == "reflect" || mode == "edge": attributes["mode"] = mode
    case let mode: throw .unsupported("mode '\(mode)'")
    }
    set(node, try add("pad", attributes, [data]))
  }

  /// A value with its extents of 1 stretched.
  mutating func expanded(_ data: Flow, _ dims: [Int]) throws(TranslationFault) -> Flow {
    if dims == data.dims { return data }
    return try add("expand", ["shape": NumberText.dims(dims)], [data])
  }

  fileprivate mutating func tile(_ node: OperatorNode) throws(TranslationFault) {
    var data = try flow(node, 0)
    guard let counts = try list(node, "repeats", 1), counts.count == data.rank,
      counts.allSatisfy({ $0 > 0 })
    else { throw .unsupported("its repeats") }
    let stretched = data.dims.indices.map { data.dims[$0] == 1 ? counts[$0] : data.dims[$0] }
    data = try expanded(data, stretched)
    for (axis, count) in counts.enumerated() where count > 1 && stretched[axis] == data.dims[axis] {
      if try flow(node, 0).dims[axis] == 1 { continue }
      guard count <= 64 else { throw .unsupported("\(count) repeats") }
      data = try add(
        "concat", ["axis": String(axis)], Array(repeating: data, count: count))
    }
    set(node, data)
  }
}
