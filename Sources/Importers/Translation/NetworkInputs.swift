import Model
import Topology

extension Translation {
  mutating func addInputs() throws(ImportError) {
    let open = graph.inputs.filter { graph.constants[$0.name] == nil }
    let names = Set(open.map(\.name))
    let unknown = Set(options.shapes.keys).union(options.values.keys).subtracting(names).sorted()
    guard unknown.isEmpty else {
      let list = unknown.map { "'\($0)'" }.joined(separator: ", ")
      throw ImportError(
        .usage, file: file, "has no input\(unknown.count == 1 ? "" : "s") \(list)",
        remedy: "its inputs: " + open.map(\.name).joined(separator: ", "))
    }
    try checkRanks(open)
    var missing: [String] = []
    for input in open {
      guard values[input.name] == nil else {
        throw ImportError(file: file, "the name '\(input.name)' is that of two inputs")
      }
      if let value = options.values[input.name] {
        let dims = options.shapes[input.name] ?? input.dims.map { $0 ?? 1 }
        values[input.name] = .constant(
          ConstantTensor(dims: dims, elementType: input.elementType, fill: value))
        continue
      }
      if let offered = options.offered[input.name], offered.count == 0 {
        values[input.name] = .constant(offered)
        continue
      }
      let layout = layout(of: input)
      var dims = input.dims
      if let offered = options.offered[input.name], dims.contains(nil) {
        dims = offered.dims
      }
      if let shape = options.shapes[input.name] {
        dims = shape
      } else if let batch = options.batch, layout.batchAxis < dims.count {
        dims[layout.batchAxis] = batch
      }
      guard !dims.contains(nil) else {
        missing.append(Translation.openShape(input, dims))
        // Whatever is known goes on, for the other inputs' sake.
        continue
      }
      do throws(TranslationFault) {
        let known = dims.compactMap { $0 }
        let type = try type(
          known, known.count == layout.rank ?? known.count ? layout : .natural(known.count))
        inputs.append(NetworkInput(name: input.name, type: type))
        values[input.name] = .flow(
          Flow(.input(inputs.count - 1), type, input.elementType, dims: known))
      } catch {
        throw ImportError(file: file, "the input '\(input.name)' has no shape that can be run")
      }
    }
    guard missing.isEmpty else {
      throw ImportError(
        file: file,
        "the model leaves extents of its inputs open: " + missing.joined(separator: ", "),
        remedy: "say what they are: "
          + missing.map { "--shape " + $0.replacing(/[^x=]*[?][^x]*/, with: "N") }.joined(
            separator: " "))
    }
  }

  /// Refuses shapes of another rank than their inputs', all at once.
  private func checkRanks(_ inputs: [OperatorInput]) throws(ImportError) {
    let wrong = inputs.compactMap { input -> String? in
      guard let shape = options.shapes[input.name], options.values[input.name] == nil,
        !input.dims.isEmpty, shape.count != input.dims.count
      else { return nil }
      return "--shape \(input.name) has \(shape.count) dimensions, the input has "
        + "\(input.dims.count)"
    }
    guard wrong.isEmpty else {
      throw ImportError(.usage, file: file, wrong.joined(separator: "; "))
    }
  }

  /// `data=?x3x224x224`, with names of extents that have one.
  private static func openShape(_ input: OperatorInput, _ dims: [Int?]) -> String {
    let texts = dims.enumerated().map { axis, extent in
      extent.map(String.init) ?? "?"
        + (axis < input.dimNames.count && !input.dimNames[axis].isEmpty
          ? "(\(input.dimNames[axis]))" : "")
    }
    return "\(input.name)=\(texts.joined(separator: "x"))"
  }

  /// What an input's dims mean: what the first operator that cares takes them for.
  private func layout(of input: OperatorInput) -> Layout {
    if let name = input.layout, let layout = Layout(rawValue: name) { return layout }
    let rank = input.dims.count
    guard rank == 3 else { return .natural(rank) }
    var queue = [input.name]
    var seen: Set<String> = []
    while let name = queue.popLast(), seen.count < 64 {
      guard seen.insert(name).inserted else { continue }
      for index in consumers[name] ?? [] {
        let node = graph.nodes[index]
        guard node.inputs.first == name || Operators.keepsShape(node.type) else { continue }
        switch node.type {
        case "Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalAveragePool":
          return .spatial(rank - 2)
        case "LSTM", "GRU", "RNN": return .tnc
        case "MatMul", "Gemm": queue += node.outputs
        default: if Operators.keepsShape(node.type) { queue += node.outputs }
        }
      }
    }
    return .natural(rank)
  }
}
