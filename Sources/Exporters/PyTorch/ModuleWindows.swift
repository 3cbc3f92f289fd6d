import Topology

extension LayerText {
  /// Cells around the spatial dimensions; PyTorch counts from the last one.
  private func pads(_ begins: [Int], _ ends: [Int]) -> String {
    Python.plain(zip(begins, ends).reversed().flatMap { [$0, $1] })
  }

  mutating func writeConvolution(_ convolution: Convolution) {
    let rank = convolution.kernel.count
    let isEven = convolution.paddingBegin == convolution.paddingEnd
    var constructor: Snippet =
      "nn.Conv\(rank)d(\("inputs", inputType().dims[1]), \("outputs", convolution.filters), \("kernel", Python.tuple(convolution.kernel))"
    func add(_ name: String, _ values: [Int], unless usual: Int) {
      if values.contains(where: { $0 != usual }) {
        constructor += ", \(name)=\(name, Python.tuple(values))"
      }
    }
    add("stride", convolution.stride, unless: 1)
    if isEven { add("padding", convolution.paddingBegin, unless: 0) }
    add("dilation", convolution.dilation, unless: 1)
    if convolution.groups > 1 { constructor += ", groups=\("groups", convolution.groups)" }
    constructor += Snippet(convolution.bias ? ")" : ", bias=False)")
    let call = contain(constructor)
    guard !isEven else {
      assign(Snippet("\(call)(\(input()))"))
      return module(constructor)
    }
    let cells = pads(convolution.paddingBegin, convolution.paddingEnd)
    assign("\(call)(F.pad(\(input()), \("cells", "(\(cells))")))")
  }

  /// Padding that differs at both ends is cut off behind a convolution without any.
  mutating func writeDeconvolution(_ convolution: Convolution) {
    let rank = convolution.kernel.count
    let extra = convolution.kernel.indices.map { axis in
      let extent = convolution.dilation[axis] * (convolution.kernel[axis] - 1) + 1
      let pads = convolution.paddingBegin[axis] + convolution.paddingEnd[axis]
      let spread = (inputType().dims[2 + axis] - 1) * convolution.stride[axis]
      return type.dims[2 + axis] - (spread + extent - pads)
    }
    let isEven = convolution.paddingBegin == convolution.paddingEnd
    var constructor: Snippet =
      "nn.ConvTranspose\(rank)d(\("inputs", inputType().dims[1]), \("outputs", convolution.filters), \("kernel", Python.tuple(convolution.kernel)), stride=\("stride", Python.tuple(convolution.stride))"
    if isEven {
      constructor += ", padding=\("padding", Python.tuple(convolution.paddingBegin))"
      if extra.contains(where: { $0 != 0 }) {
        constructor += ", output_padding=\("output_padding", Python.tuple(extra))"
      }
    }
    if convolution.groups > 1 { constructor += ", groups=\("groups", convolution.groups)" }
    if convolution.dilation.contains(where: { $0 != 1 }) {
      constructor += ", dilation=\("dilation", Python.tuple(convolution.dilation))"
    }
    constructor += Snippet(convolution.bias ? ")" : ", bias=False)")
    let call = contain(constructor)
    guard !isEven else {
      assign(Snippet("\(call)(\(input()))"))
      return module(constructor)
    }
    let ends = zip(extra, convolution.paddingEnd).map { $0 - $1 }
    let cells = pads(convolution.paddingBegin.map { -$0 }, ends)
    assign("F.pad(\(call)(\(input())), \("cells", "(\(cells))"))")
  }

  mutating func writePooling(_ pooling: Pooling) {
    let source = Array(inputType().dims.dropFirst(2))
    let rank = pooling.kernel.count
    let isMaximum = pooling.kind == .max
    let hasPads = (pooling.paddingBegin + pooling.paddingEnd).contains { $0 != 0 }
    if !isMaximum, !hasPads, pooling.kernel == source {
      assign(
        Snippet("\(input()).mean(\(Python.list(Array(2..<2 + rank))), keepdim=True)"))
      return module(Snippet("nn.AdaptiveAvgPool\(rank)d(1)"))
    }
    var numbers: Snippet =
      "\("kernel", Python.tuple(pooling.kernel)), stride=\("stride", Python.tuple(pooling.stride))"
    let isEven = pooling.paddingBegin == pooling.paddingEnd
    let isCeiling = !isEven && endsAreCeilings(pooling, source)
    let fits = zip(pooling.paddingBegin, pooling.kernel).allSatisfy { 2 * $0 <= $1 }
    guard fits, isEven || isCeiling && (isMaximum || !pooling.countIncludePad) else {
      return writePaddedPooling(pooling, rank)
    }
    if pooling.paddingBegin.contains(where: { $0 != 0 }) {
      numbers += ", padding=\("padding", Python.tuple(pooling.paddingBegin))"
    }
    if isCeiling { numbers += Snippet(", ceil_mode=True") }
    if !isMaximum, hasPads, !pooling.countIncludePad {
      numbers += Snippet(", count_include_pad=False")
    }
    let name = isMaximum ? "max" : "avg"
    assign("F.\(name)_pool\(rank)d(\(input()), " + numbers + ")")
    module("nn.\(isMaximum ? "Max" : "Avg")Pool\(rank)d(" + numbers + ")")
  }

  /// Whether the larger paddings at the ends are what rounding up makes of those at the beginnings.
  private func endsAreCeilings(_ pooling: Pooling, _ source: [Int]) -> Bool {
    pooling.kernel.indices.allSatisfy { axis in
      let pad = pooling.paddingBegin[axis]
      guard pooling.paddingEnd[axis] >= pad else { return false }
      let span = source[axis] + 2 * pad - pooling.kernel[axis]
      var count = (span + pooling.stride[axis] - 1) / pooling.stride[axis] + 1
      if (count - 1) * pooling.stride[axis] >= source[axis] + pad { count -= 1 }
      return count == type.dims[2 + axis]
    }
  }

  /// Cells that are no numbers, or zeros, and a pool without padding; where they do not count, the
  /// mean is of the others.
  private mutating func writePaddedPooling(_ pooling: Pooling, _ rank: Int) {
    let cells = Snippet.number("cells", "(\(pads(pooling.paddingBegin, pooling.paddingEnd)))")
    let numbers: Snippet =
      "\("kernel", Python.tuple(pooling.kernel)), stride=\("stride", Python.tuple(pooling.stride))"
    if pooling.kind == .max {
      assign(
        "F.max_pool\(rank)d(F.pad(\(input()), " + cells + ", value=float(\"-inf\")), " + numbers
          + ")")
      return
    }
    let sums: Snippet = "F.avg_pool\(rank)d(F.pad(\(input()), " + cells + "), " + numbers + ")"
    guard !pooling.countIncludePad else { return assign(sums) }
    assign(
      sums + " / F.avg_pool\(rank)d(F.pad(torch.ones_like(\(input())), " + cells + "), " + numbers
        + ")")
  }
}
