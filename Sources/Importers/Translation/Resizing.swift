import Topology

extension Translation {
  /// `Resize` and `Upsample`, as far as a `resample` picks or mixes the same cells, else a `gather` that
  /// picks them.
  mutating func resize(_ node: OperatorNode) throws(TranslationFault) {
    let input = try image(try flow(node, 0))
    let rank = input.rank
    let isOld = node.type == "Upsample" || opset < 11
    let axes: [Int]
    do throws(FoldingFault) {
      axes =
        try node.ints("axes").map { (list) throws(FoldingFault) in
          try ShapeRules.axes(list, rank)
        } ?? Array(0..<rank)
    } catch {
      throw .invalid(error.message)
    }
    if node.int("antialias", default: 0) == 1 { throw .unsupported("antialias") }
    if let policy = node.string("keep_aspect_ratio_policy"), policy != "stretch" {
      throw .unsupported("keep_aspect_ratio_policy '\(policy)'")
    }
    var scales = input.dims.map { _ in 1.0 }
    var sizes = input.dims
    let givenSizes = isOld ? nil : try constant(node, 3)
    if let givenSizes, givenSizes.count > 0 {
      guard givenSizes.count == axes.count else { throw .invalid("\(givenSizes.count) sizes") }
      for (axis, size) in zip(axes, givenSizes.integers()) {
        sizes[axis] = Int(size)
        scales[axis] = Double(size) / Double(input.dims[axis])
      }
    } else {
      var given = node.floats("scales")
      if given == nil { given = try constant(node, isOld ? 1 : 2)?.reals() }
      guard let given, given.count == axes.count else { throw .invalid("has no scales") }
      for (axis, scale) in zip(axes, given) {
        scales[axis] = scale
        sizes[axis] = Int((Double(input.dims[axis]) * scale).rounded(.down))
      }
    }
    guard sizes.allSatisfy({ $0 > 0 }) else { throw .invalid("a size of 0") }
    let rule = ResizeRule(node, isOld: isOld)
    guard rule.isKnown else {
      throw .unsupported("mode '\(rule.mode)', coordinates '\(rule.coordinates)'")
    }
    if sizes == input.dims, scales.allSatisfy({ $0 == 1 }) { return set(node, input) }
    guard sizes[..<2].elementsEqual(input.dims[..<2]) else {
      throw .unsupported("a size of N or of channels that changes")
    }
    let space = Array(2..<rank)
    let isResample = space.allSatisfy {
      rule.isResample(from: input.dims[$0], to: sizes[$0], scale: scales[$0])
    }
    if isResample {
      let factors = space.map { sizes[$0] / input.dims[$0] }
      let isWhole = space.allSatisfy { sizes[$0].isMultiple(of: input.dims[$0]) }
      var attributes =
        isWhole
        ? ["scale": NumberText.extents(factors)]
        : ["size": NumberText.extents(space.map { sizes[$0] })]
      if rule.mode == "linear" { attributes["kind"] = "linear" }
      return set(node, try add("resample", attributes, [input]))
    }
    guard rule.mode == "nearest" else {
      throw .unsupported(
        "mode '\(rule.mode)' with coordinates '\(rule.coordinates)', which no <resample> equals")
    }
    var value = input
    for axis in space where sizes[axis] != input.dims[axis] {
      let cells = rule.cells(from: input.dims[axis], to: sizes[axis], scale: scales[axis])
      let indices = try flow(
        of: ConstantTensor(cells), named: "\(node.title)/cells\(axis)")
      value = try add("gather", ["axis": String(axis)], [value, indices])
    }
    set(node, try with(input.type.layout, value))
  }
}

/// Which cells of an image the cells of a resized one come from.
private struct ResizeRule {
  let mode: String
  let coordinates: String
  let rounding: String

  init(_ node: OperatorNode, isOld: Bool) {
    mode = node.string("mode") ?? "nearest"
    coordinates =
      isOld ? "asymmetric" : node.string("coordinate_transformation_mode") ?? "half_pixel"
    rounding = isOld ? "floor" : node.string("nearest_mode") ?? "round_prefer_floor"
  }

  var isKnown: Bool {
    (mode == "nearest" || mode == "linear")
      && [
        "half_pixel", "pytorch_half_pixel", "asymmetric", "align_corners", "half_pixel_symmetric",
        "tf_half_pixel_for_nn",
      ].contains(coordinates)
  }

  /// Where a cell of the result lies in the source.
  private func place(_ cell: Int, _ source: Int, _ target: Int, _ scale: Double) -> Double {
    let x = Double(cell)
    switch coordinates {
    case "asymmetric": return x / scale
    case "align_corners":
      return target == 1 ? 0 : x * Double(source - 1) / Double(target - 1)
    case "pytorch_half_pixel": return target == 1 ? 0 : (x + 0.5) / scale - 0.5
    case "tf_half_pixel_for_nn": return (x + 0.5) / scale
    case "half_pixel_symmetric":
      let adjustment = Double(target) / (scale * Double(source))
      let center = Double(source) / 2
      return center * (1 - adjustment) + (x + 0.5) / scale - 0.5
    default: return (x + 0.5) / scale - 0.5
    }
  }

  /// The cells that are picked.
  func cells(from source: Int, to target: Int, scale: Double) -> [Int] {
    (0..<target).map { cell in
      let place = place(cell, source, target, scale)
      let rounded: Double
      switch rounding {
      case "floor": rounded = place.rounded(.down)
      case "ceil": rounded = place.rounded(.up)
      case "round_prefer_ceil": rounded = (place + 0.5).rounded(.down)
      default: rounded = (place - 0.5).rounded(.up)
      }
      return min(max(Int(rounded), 0), source - 1)
    }
  }

  /// Whether `resample` gives the same: centres of cells at the same share of the whole.
  func isResample(from source: Int, to target: Int, scale: Double) -> Bool {
    let ratio = Double(source) / Double(target)
    if mode == "nearest" {
      let picked = (0..<target).map { min(Int((Double($0) + 0.5) * ratio), source - 1) }
      return cells(from: source, to: target, scale: scale) == picked
    }
    return (0..<target).allSatisfy { cell in
      let wanted = min(max(place(cell, source, target, scale), 0), Double(source - 1))
      let given = min(max((Double(cell) + 0.5) * ratio - 0.5, 0), Double(source - 1))
      return abs(wanted - given) < 1e-6
    }
  }
}
