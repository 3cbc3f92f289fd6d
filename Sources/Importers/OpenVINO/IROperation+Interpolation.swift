import Model

extension IROperation {
  /// An image in another size, as ONNX's `Resize`.
  mutating func interpolation() throws(IRFault) {
    let isOldest = layer.version == "opset1"
    let modes = [
      "nearest": "nearest", "linear": "linear", "linear_onnx": "linear", "cubic": "cubic",
    ]
    let pads = (layer.ints("pads_begin") ?? []) + (layer.ints("pads_end") ?? [])
    let rounding = layer.data["nearest_mode"] ?? "round_prefer_floor"
    guard let mode = modes[layer.data["mode"]?.lowercased() ?? ""], pads.allSatisfy({ $0 == 0 }),
      !layer.flag("antialias"), rounding != "simple"
    else { return keep() }
    var attributes: [String: OperatorAttribute] = [
      "mode": .string(mode), "nearest_mode": .string(rounding),
    ]
    if let factor = layer.number("cube_coeff") { attributes["cubic_coeff_a"] = .float(factor) }
    let coordinates =
      isOldest
      ? layer.flag("align_corners", default: true) ? "align_corners" : "asymmetric"
      : layer.data["coordinate_transformation_mode"] ?? "half_pixel"
    attributes["coordinate_transformation_mode"] = .string(coordinates)
    // Sizes, then scales in operands of their own, or either in one.
    let takesSizes = isOldest || layer.data["shape_calculation_mode"]?.lowercased() == "sizes"
    let hasOne = isOldest || layer.version == "opset11"
    let given = input(hasOne || takesSizes ? 1 : 2)
    let place = hasOne ? 2 : 3
    if isOldest {
      attributes["axes"] = .ints(layer.ints("axes") ?? [])
    } else if !input(place).isEmpty {
      attributes["axes"] = .ints(try ints(place, "axes"))
    }
    add(
      "Resize", takesSizes ? [input(0), "", "", given] : [input(0), "", given], nil, attributes)
  }

  /// Numbers less their mean, over the root of their variance.
  mutating func standardization() throws(IRFault) {
    guard let rank = layer.inputRanks.first else { throw IRFault("its operand has no rank") }
    let across = layer.flag("across_channels")
    let axes =
      inputs.count > 1 ? try ints(1, "axes") : Array((across ? 1 : 2)..<max(rank, across ? 1 : 2))
    let list = constant(.init(axes), "axes")
    let keeps: [String: OperatorAttribute] = ["keepdims": .int(1)]
    let mean = step("ReduceMean", [input(0), list], "mean", keeps)
    guard layer.flag("normalize_variance", default: true) else {
      return add("Sub", [input(0), mean])
    }
    let difference = step("Sub", [input(0), mean], "difference")
    let squares = step("Mul", [difference, difference], "squares")
    var root = step("ReduceMean", [squares, list], "variance", keeps)
    let epsilon = constant(.init(dims: [], reals: [Double(layer.number("eps") ?? 1e-9)]), "epsilon")
    if layer.data["eps_mode"]?.lowercased() == "outside_sqrt" {
      root = step("Add", [step("Sqrt", [root], "root"), epsilon], "sum")
    } else {
      root = step("Sqrt", [step("Add", [root, epsilon], "sum")], "root")
    }
    add("Div", [difference, root])
  }
}
