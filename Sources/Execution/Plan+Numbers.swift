import DNNL
public import Measuring
public import Topology

extension Plan {
  /// What the layers of the graph that the plan was made of really got.
  ///
  /// A value that was fused away counts as what the layer that computes it is made of.
  public func numbers(of graph: Graph) -> [LayerNumbers] {
    var outputs: [Int: ValueID] = [:]
    for instruction in program.instructions {
      outputs[instruction.layer] = flow.canonical[instruction.output]
    }
    let precisions = precisions(layers: graph.layers.count)
    func bytes(_ value: ValueID?, _ precision: Precision) -> Int {
      value.flatMap { placement.tensors[$0]?.first?.type.size } ?? precision.bytes
    }
    let kept = keptInF32
    return graph.layers.map { layer in
      let precision =
        precisions[fusedInto[layer.index] ?? layer.index]
        ?? Precision(bytes: bytes(outputs[layer.index], options.precision))
      return LayerNumbers(
        precision: precision,
        inputBytes: layer.inputs.map { source in
          switch source {
          case .input: Precision.f32.bytes
          case .layer(let index), .state(let index, _):
            bytes(outputs[index], precisions[index] ?? precision)
          case .constant, .previous: precision.bytes
          }
        }, outputBytes: bytes(outputs[layer.index], precision), keptInF32: kept[layer.index])
    }
  }

  /// The narrowest numbers that each layer's primitives compute with.
  private func precisions(layers: Int) -> [Int: Precision] {
    var narrowest: [Int: Precision] = [:]
    for step in steps where !step.sources.isEmpty {
      if let known = narrowest[step.layer], known.bytes <= step.precision.bytes { continue }
      narrowest[step.layer] = step.precision
    }
    return narrowest
  }

  /// By layer: its primitives that compute in f32 although another precision was asked for.
  private var keptInF32: [Int: String] {
    var kept: [Int: [String]] = [:]
    for step in steps {
      guard let reason = step.reasonForF32 else { continue }
      let name = step.kind == "host" ? step.implementation : step.kind
      let text = "\(name): \(reason)"
      if kept[step.layer]?.contains(text) != true { kept[step.layer, default: []].append(text) }
    }
    return kept.mapValues { $0.joined(separator: "; ") }
  }
}

extension Precision {
  fileprivate init(bytes: Int) {
    self = Precision.allCases.first { $0.bytes == bytes } ?? .f32
  }
}
