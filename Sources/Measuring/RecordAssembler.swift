public import Profiling
public import Topology

/// Turns a graph and what was measured of it into the rows of a record.
public struct RecordAssembler {
  let graph: Graph
  let selection: [Bool]
  let numbers: [LayerNumbers]

  /// Assembles rows for `graph`; `selection` and `numbers` have one element a layer, the latter is
  /// f32 by default.
  public init(graph: Graph, selection: [Bool], numbers: [LayerNumbers]? = nil) {
    self.graph = graph
    self.selection = selection
    self.numbers = numbers ?? LayerNumbers.uniform(graph, .f32)
  }

  /// The analytic sums.
  public func totals() -> Totals {
    let rows = graph.layers.map(bytes)
    return Totals(
      layers: graph.layers.count, parameters: graph.cost.parameters, macs: graph.cost.macs,
      flops: graph.cost.flops, bytes: rows.reduce(0) { $0 + $1.total })
  }

  /// One row a layer, without measurements.
  public func layers() -> [LayerRecord] {
    var names = [[String]](repeating: [], count: graph.layers.count)
    for segment in graph.segments {
      for layer in segment.layers { names[layer].append(segment.name) }
    }
    return graph.layers.map { layer in
      let traffic = bytes(layer)
      var row = LayerRecord(
        index: layer.index, name: layer.name, line: layer.location?.line, kind: layer.kind,
        segments: names[layer.index], precision: numbers[layer.index].precision.name,
        inputs: inputs(layer),
        inputShapes: layer.inputTypes.map { Dims($0.shape.dims) },
        outputShape: Dims(layer.outputType.shape.dims), parameters: layer.cost.parameters,
        macs: layer.cost.macs, flops: layer.cost.flops, bytes: traffic,
        arithmeticIntensity: traffic.total > 0
          ? Double(layer.cost.flops) / Double(traffic.total) : 0)
      row.keptInF32 = numbers[layer.index].keptInF32
      return row
    }
  }

  /// One row a segment, without measurements.
  public func segments() -> [SegmentRecord] {
    graph.segments.map { segment in
      SegmentRecord(name: segment.name, layers: segment.layers.map { graph.layers[$0].name })
    }
  }

  /// Names of what a layer reads, in the order of its shapes.
  private func inputs(_ layer: Layer) -> [String] {
    layer.inputs.compactMap { source in
      switch source {
      case .input(let index): graph.inputs[index].name
      case .layer(let index), .state(let index, _): graph.layers[index].name
      case .constant, .previous: nil
      }
    }
  }

  private func bytes(_ layer: Layer) -> Bytes {
    let numbers = numbers[layer.index]
    let inputs = zip(layer.inputTypes, numbers.inputBytes)
    return Bytes(
      weights: layer.cost.weightElements * numbers.precision.bytes,
      input: inputs.reduce(0) { $0 + $1.0.elementCount * $1.1 },
      output: layer.outputType.elementCount * numbers.outputBytes)
  }
}
