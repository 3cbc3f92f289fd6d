import Model
import ONNX
import Topology

extension Translation {
  mutating func addConvolution(_ convolution: Convolution) throws(GraphError) {
    let channels = inputType().dims[1] / convolution.groups
    // Grouped weights [G, O/G, I/G, k…] lie as [O, I/G, k…].
    var inputs = [
      input(),
      try weight(
        .weights, "weight", dims: [convolution.filters, channels] + convolution.kernel),
    ]
    if convolution.bias {
      inputs.append(try weight(.bias, "bias", dims: [convolution.filters]))
    }
    finish("Conv", inputs, attributes(of: convolution))
  }

  mutating func addDeconvolution(_ convolution: Convolution) throws(GraphError) {
    let groups = convolution.groups
    let channels = inputType().dims[1] / groups
    let filters = convolution.filters / groups
    let cells = convolution.kernel.reduce(1, *)
    // From [G, O/G, I/G, k…] to [I, O/G, k…].
    let arrangement = StreamedTensor.Arrangement { plain in
      var result: [Float] = []
      result.reserveCapacity(plain.count)
      for group in 0..<groups {
        for channel in 0..<channels {
          for filter in 0..<filters {
            let start = ((group * filters + filter) * channels + channel) * cells
            result += plain[start..<start + cells]
          }
        }
      }
      return result
    } back: { stored in
      stored.reshaped([groups, channels, filters, cells]).transposed([0, 2, 1, 3])
    }
    var inputs = [
      input(),
      try weight(
        .weights, "weight", dims: [inputType().dims[1], filters] + convolution.kernel,
        arrangement: arrangement),
    ]
    if convolution.bias {
      inputs.append(try weight(.bias, "bias", dims: [convolution.filters]))
    }
    let extra = convolution.kernel.indices.map { axis in
      let extent = convolution.dilation[axis] * (convolution.kernel[axis] - 1) + 1
      let pads = convolution.paddingBegin[axis] + convolution.paddingEnd[axis]
      let spread = (inputType().dims[2 + axis] - 1) * convolution.stride[axis]
      return type.dims[2 + axis] - (spread + extent - pads)
    }
    finish(
      "ConvTranspose", inputs, attributes(of: convolution) + [.ints("output_padding", extra)])
  }

  private func attributes(of convolution: Convolution) -> [ONNXAttribute] {
    [
      .ints("kernel_shape", convolution.kernel), .ints("strides", convolution.stride),
      .ints("pads", convolution.paddingBegin + convolution.paddingEnd),
      .ints("dilations", convolution.dilation), .int("group", convolution.groups),
    ]
  }

  mutating func addPooling(_ pooling: Pooling) {
    let isMaximum = pooling.kind == .max
    let pads = pooling.paddingBegin + pooling.paddingEnd
    if pooling.kernel == Array(inputType().dims[2...]), pads.allSatisfy({ $0 == 0 }) {
      finish(isMaximum ? "GlobalMaxPool" : "GlobalAveragePool", [input()])
      return
    }
    var attributes: [ONNXAttribute] = [
      .ints("kernel_shape", pooling.kernel), .ints("strides", pooling.stride), .ints("pads", pads),
    ]
    if !isMaximum {
      attributes.append(.int("count_include_pad", pooling.countIncludePad ? 1 : 0))
    }
    finish(isMaximum ? "MaxPool" : "AveragePool", [input()], attributes)
  }

  mutating func addResampling(_ kind: ResamplingKind) {
    var attributes: [ONNXAttribute] = [
      .string("mode", kind == .nearest ? "nearest" : "linear"),
      .string("coordinate_transformation_mode", "half_pixel"),
    ]
    if kind == .nearest { attributes.append(.string("nearest_mode", "round_prefer_ceil")) }
    finish("Resize", [input(), "", "", integers(type.dims)], attributes)
  }
}
