import Topology

/// A convolution or pooling window in three dimensions; fewer are padded with ones in front.
private struct Window {
  var source: [Int]
  var output: [Int]
  var kernel: [Int]
  var stride: [Int]
  var dilation: [Int]
  var padding: [Int]

  init(
    source: [Int], output: [Int], kernel: [Int], stride: [Int], dilation: [Int], padding: [Int]
  ) {
    func extend(_ values: [Int], _ filler: Int) -> [Int] {
      Array(repeating: filler, count: 3 - values.count) + values
    }
    self.source = extend(Array(source[2...]), 1)
    self.output = extend(Array(output[2...]), 1)
    self.kernel = extend(kernel, 1)
    self.stride = extend(stride, 1)
    self.dilation = extend(dilation, 1)
    self.padding = extend(padding, 0)
  }

  var outputCount: Int { output.reduce(1, *) }
  var sourceCount: Int { source.reduce(1, *) }
  var kernelCount: Int { kernel.reduce(1, *) }

  /// Calls `body` with every kernel cell of an output position that lies inside the source.
  func forEachCell(at position: Int, _ body: (_ cell: Int, _ source: Int) -> Void) {
    let place = unravel(position, output)
    for cell in 0..<kernelCount {
      let tap = unravel(cell, kernel)
      var index = 0
      var isInside = true
      for axis in 0..<3 {
        let coordinate = place[axis] * stride[axis] - padding[axis] + tap[axis] * dilation[axis]
        isInside = isInside && (0..<source[axis]).contains(coordinate)
        index = index * source[axis] + coordinate
      }
      if isInside { body(cell, index) }
    }
  }

  private func unravel(_ index: Int, _ dims: [Int]) -> [Int] {
    [index / (dims[1] * dims[2]), index / dims[2] % dims[1], index % dims[2]]
  }
}

extension ReferenceInterpreter {
  static func convolve(
    _ source: Tensor, _ weights: [WeightRole: [Float]], _ convolution: Convolution,
    _ type: TensorType
  ) -> [Float] {
    let window = Window(
      source: source.dims, output: type.dims, kernel: convolution.kernel,
      stride: convolution.stride, dilation: convolution.dilation,
      padding: convolution.paddingBegin)
    let kernel = weights[.weights] ?? []
    let bias = weights[.bias]
    let channels = source.dims[1] / convolution.groups
    let filters = convolution.filters / convolution.groups
    var result: [Float] = []
    for sample in 0..<source.dims[0] {
      for filter in 0..<convolution.filters {
        let firstChannel = sample * source.dims[1] + filter / filters * channels
        for position in 0..<window.outputCount {
          var sum = Double(bias?[filter] ?? 0)
          for channel in 0..<channels {
            let kernelBase = (filter * channels + channel) * window.kernelCount
            let sourceBase = (firstChannel + channel) * window.sourceCount
            window.forEachCell(at: position) { cell, index in
              sum += Double(kernel[kernelBase + cell]) * Double(source.data[sourceBase + index])
            }
          }
          result.append(Float(sum))
        }
      }
    }
    return result
  }

  /// Every source cell is spread over a window of the result: the convolution window turned round.
  static func deconvolve(
    _ source: Tensor, _ weights: [WeightRole: [Float]], _ convolution: Convolution,
    _ type: TensorType
  ) -> [Float] {
    let window = Window(
      source: type.dims, output: source.dims, kernel: convolution.kernel,
      stride: convolution.stride, dilation: convolution.dilation,
      padding: convolution.paddingBegin)
    let kernel = weights[.weights] ?? []
    let bias = weights[.bias]
    let channels = source.dims[1] / convolution.groups
    let filters = convolution.filters / convolution.groups
    var result: [Float] = []
    for sample in 0..<source.dims[0] {
      for filter in 0..<convolution.filters {
        var plane = [Double](repeating: Double(bias?[filter] ?? 0), count: window.sourceCount)
        let firstChannel = sample * source.dims[1] + filter / filters * channels
        for channel in 0..<channels {
          let kernelBase = (filter * channels + channel) * window.kernelCount
          let sourceBase = (firstChannel + channel) * window.outputCount
          for position in 0..<window.outputCount {
            let value = Double(source.data[sourceBase + position])
            window.forEachCell(at: position) { cell, index in
              plane[index] += Double(kernel[kernelBase + cell]) * value
            }
          }
        }
        result += plane.map { Float($0) }
      }
    }
    return result
  }

  static func pool(_ source: Tensor, _ pooling: Pooling, _ type: TensorType) -> [Float] {
    let window = Window(
      source: source.dims, output: type.dims, kernel: pooling.kernel, stride: pooling.stride,
      dilation: pooling.kernel.map { _ in 1 }, padding: pooling.paddingBegin)
    var result: [Float] = []
    for plane in 0..<source.dims[0] * source.dims[1] {
      for position in 0..<window.outputCount {
        var sum = 0.0
        var largest = -Float.greatestFiniteMagnitude
        var count = 0
        window.forEachCell(at: position) { _, index in
          let value = source.data[plane * window.sourceCount + index]
          sum += Double(value)
          largest = max(largest, value)
          count += 1
        }
        switch pooling.kind {
        case .max: result.append(largest)
        case .avg:
          result.append(Float(sum / Double(pooling.countIncludePad ? window.kernelCount : count)))
        }
      }
    }
    return result
  }

  static func innerProduct(
    _ source: Tensor, _ weights: [WeightRole: [Float]], _ product: InnerProduct
  ) -> [Float] {
    let kernel = weights[.weights] ?? []
    let bias = weights[.bias]
    let width = kernel.count / product.units
    var result: [Float] = []
    for row in 0..<source.data.count / width {
      for unit in 0..<product.units {
        var sum = Double(bias?[unit] ?? 0)
        for index in 0..<width {
          sum += Double(kernel[unit * width + index]) * Double(source.data[row * width + index])
        }
        result.append(Float(sum))
      }
    }
    return result
  }
}
