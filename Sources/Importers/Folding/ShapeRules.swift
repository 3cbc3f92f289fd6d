import Model
import Topology

/// How ONNX's operators that compute nothing change dims.
enum ShapeRules {
  /// Refuses dims that no tensor has.
  static func check(_ dims: [Int]) throws(FoldingFault) {
    guard Extents.count(dims, most: Shape.maximumElementCount) != nil else {
      throw FoldingFault("no tensor has the dims \(shapeText(dims))")
    }
  }

  /// An axis counted from the front.
  static func axis(_ axis: Int, _ rank: Int) throws(FoldingFault) -> Int {
    guard (-rank..<rank).contains(axis) else {
      throw FoldingFault("axis \(axis) is outside \(-rank)…\(rank - 1)")
    }
    return axis < 0 ? axis + rank : axis
  }

  static func axes(_ axes: [Int], _ rank: Int) throws(FoldingFault) -> [Int] {
    var result: [Int] = []
    for item in axes { result.append(try axis(item, rank)) }
    guard Set(result).count == result.count else { throw FoldingFault("an axis is named twice") }
    return result
  }

  /// `Reshape`: 0 copies an extent, −1 is inferred.
  static func reshape(_ dims: [Int], _ shape: [Int], allowZero: Bool) throws(FoldingFault)
    -> [Int]
  {
    var result = shape
    let count = dims.reduce(1, *)
    for (axis, extent) in shape.enumerated() where extent == 0 && !allowZero {
      guard axis < dims.count else {
        throw FoldingFault("a 0 in \(shape) copies dimension \(axis), which is not there")
      }
      result[axis] = dims[axis]
    }
    guard result.allSatisfy({ $0 >= -1 }), result.count(where: { $0 == -1 }) <= 1 else {
      throw FoldingFault("\(shape) is no shape")
    }
    if let open = result.firstIndex(of: -1) {
      result[open] = 1
      try check(result)
      let rest = result.reduce(1, *)
      guard rest > 0, count.isMultiple(of: rest) else {
        throw FoldingFault("\(count) elements do not fill \(shape)")
      }
      result[open] = count / rest
    }
    try check(result)
    guard result.reduce(1, *) == count else {
      throw FoldingFault("\(count) elements of \(shapeText(dims)) do not fill \(shapeText(result))")
    }
    return result
  }

  static func flatten(_ dims: [Int], axis: Int) throws(FoldingFault) -> [Int] {
    guard (-dims.count...dims.count).contains(axis) else {
      throw FoldingFault("axis \(axis) is outside \(-dims.count)…\(dims.count)")
    }
    let split = axis < 0 ? axis + dims.count : axis
    return [dims[..<split].reduce(1, *), dims[split...].reduce(1, *)]
  }

  static func squeeze(_ dims: [Int], _ axes: [Int]?) throws(FoldingFault) -> [Int] {
    guard let axes else { return dims.filter { $0 != 1 } }
    let gone = Set(try self.axes(axes, dims.count))
    for axis in gone where dims[axis] != 1 {
      throw FoldingFault("dimension \(axis) of \(shapeText(dims)) is not 1")
    }
    return dims.indices.filter { !gone.contains($0) }.map { dims[$0] }
  }

  static func unsqueeze(_ dims: [Int], _ axes: [Int]) throws(FoldingFault) -> [Int] {
    let rank = dims.count + axes.count
    let added = Set(try self.axes(axes, rank))
    var rest = dims[...]
    return (0..<rank).map { added.contains($0) ? 1 : rest.removeFirst() }
  }

  /// `Slice`: first indices, steps and extents of all axes.
  static func slice(
    _ dims: [Int], _ starts: [Int], _ ends: [Int], _ axes: [Int]?, _ steps: [Int]?
  ) throws(FoldingFault) -> (starts: [Int], steps: [Int], dims: [Int]) {
    let axes = try self.axes(axes ?? Array(starts.indices), dims.count)
    let steps = steps ?? starts.map { _ in 1 }
    guard starts.count == ends.count, axes.count == starts.count, steps.count == starts.count else {
      throw FoldingFault("starts, ends, axes and steps differ in their number")
    }
    var result = (
      starts: dims.map { _ in 0 }, steps: dims.map { _ in 1 }, dims: dims
    )
    for (place, axis) in axes.enumerated() {
      let (extent, step) = (dims[axis], steps[place])
      guard step != 0, step > Int.min else { throw FoldingFault("a slice without step") }
      func resolved(_ index: Int, _ low: Int, _ high: Int) -> Int {
        min(max(index < 0 ? index + extent : index, low), high)
      }
      if step > 0 {
        let (start, end) = (
          resolved(starts[place], 0, extent), resolved(ends[place], 0, extent)
        )
        result.dims[axis] = end > start ? (end - start - 1) / step + 1 : 0
        result.starts[axis] = start
      } else {
        let start = resolved(starts[place], -1, extent - 1)
        let end = resolved(ends[place], -1, extent - 1)
        result.dims[axis] = start > end ? (start - end - 1) / -step + 1 : 0
        result.starts[axis] = max(start, 0)
      }
      result.steps[axis] = step
    }
    return result
  }

  /// The extents of the parts that `Split` makes.
  static func split(_ extent: Int, _ extents: [Int]?, parts: Int) throws(FoldingFault) -> [Int] {
    if let extents {
      guard extents.allSatisfy({ $0 >= 0 && $0 <= extent }), extents.reduce(0, +) == extent,
        extents.count >= parts
      else { throw FoldingFault("the parts \(extents) do not make up \(extent)") }
      return extents
    }
    guard parts > 0 else { throw FoldingFault("no part is asked for") }
    let part = (extent + parts - 1) / parts
    let last = extent - part * (parts - 1)
    guard last >= 0 else { throw FoldingFault("\(extent) does not make \(parts) parts") }
    return Array(repeating: part, count: parts - 1) + [last]
  }

  /// What two shapes broadcast to; `nil` where they do not.
  static func broadcast(_ a: [Int], _ b: [Int]) -> [Int]? {
    let rank = max(a.count, b.count)
    let first = Array(repeating: 1, count: rank - a.count) + a
    let second = Array(repeating: 1, count: rank - b.count) + b
    var result: [Int] = []
    for (one, other) in zip(first, second) {
      guard one == other || one == 1 || other == 1 else { return nil }
      result.append(one == 1 ? other : one)
    }
    return result
  }

  /// `Shape`, of all dims or of those between `start` and `end`.
  static func shape(_ dims: [Int], _ node: OperatorNode) -> [Int] {
    func place(_ index: Int) -> Int {
      min(max(index < 0 ? index + dims.count : index, 0), dims.count)
    }
    let start = place(node.int("start", default: 0))
    let end = place(node.int("end", default: dims.count))
    return start < end ? Array(dims[start..<end]) : []
  }
}
