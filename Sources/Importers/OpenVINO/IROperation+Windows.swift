import Model

extension IROperation {
  /// Strides, dilations and padding in ONNX's words.
  private func window() -> [String: OperatorAttribute] {
    var attributes: [String: OperatorAttribute] = [:]
    if let strides = layer.ints("strides") { attributes["strides"] = .ints(strides) }
    if let dilations = layer.ints("dilations") { attributes["dilations"] = .ints(dilations) }
    switch layer.data["auto_pad"]?.lowercased() ?? "explicit" {
    case "same_upper": attributes["auto_pad"] = .string("SAME_UPPER")
    case "same_lower": attributes["auto_pad"] = .string("SAME_LOWER")
    case "valid": attributes["auto_pad"] = .string("VALID")
    default:
      if let begins = layer.ints("pads_begin"), let ends = layer.ints("pads_end") {
        attributes["pads"] = .ints(begins + ends)
      }
    }
    return attributes
  }

  /// Weights with their groups as one dimension with the one behind it: G × O/G × … becomes O × ….
  private mutating func joiningGroups(_ index: Int) throws(IRFault) -> (name: String, groups: Int) {
    guard let tensor = constant(index), tensor.dims.count > 2 else {
      throw IRFault("its weights are no constant")
    }
    let dims = [tensor.dims[0] * tensor.dims[1]] + tensor.dims.dropFirst(2)
    return (constant(tensor.reshaped(dims), "weights"), tensor.dims[0])
  }

  mutating func convolution() throws(IRFault) {
    var attributes = window()
    var weights = input(1)
    if layer.type == "GroupConvolution" {
      let joined = try joiningGroups(1)
      weights = joined.name
      attributes["group"] = .int(joined.groups)
    }
    add("Conv", [input(0), weights], nil, attributes)
  }

  mutating func deconvolution() throws(IRFault) {
    var attributes = window()
    var weights = input(1)
    if layer.type == "GroupConvolutionBackpropData" {
      let joined = try joiningGroups(1)
      weights = joined.name
      attributes["group"] = .int(joined.groups)
    }
    if let extra = layer.ints("output_padding") { attributes["output_padding"] = .ints(extra) }
    if inputs.count > 2 { attributes["output_shape"] = .ints(try ints(2, "output extents")) }
    add("ConvTranspose", [input(0), weights], nil, attributes)
  }

  mutating func pooling() throws(IRFault) {
    guard let kernel = layer.ints("kernel") else { throw IRFault("has no kernel") }
    var attributes = window()
    attributes["kernel_shape"] = .ints(kernel)
    let rounding = layer.data["rounding_type"]?.lowercased() ?? "floor"
    attributes["ceil_mode"] = .int(rounding.hasPrefix("ceil") ? 1 : 0)
    if layer.type == "AvgPool" {
      attributes["dilations"] = nil
      attributes["count_include_pad"] = .int(
        layer.flag("exclude-pad", default: layer.flag("exclude_pad")) ? 0 : 1)
      return add("AveragePool", [input(0)], nil, attributes)
    }
    add("MaxPool", [input(0)], nil, attributes)
  }
}
