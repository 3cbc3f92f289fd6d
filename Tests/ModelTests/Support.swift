import Model
import TestSupport
import Topology

/// Numbers that differ from one another, the same for a key whatever else there is.
func numbers(_ count: Int, _ seed: Int) -> [Float] {
  var state = UInt64(bitPattern: Int64(seed)) &* 0x9E37_79B9_7F4A_7C15 | 1
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(Int64(state >> 40)) / Float(1 << 24) - 0.5
  }
}

/// Random tensors for all keys of a network.
func randomTensors(_ graph: Graph) throws -> TensorCollection {
  var tensors = TensorCollection(name: "random")
  for (place, entry) in try WeightTable(graph).entries.enumerated() {
    // Variances are positive.
    let lift: Float = entry.key.name == "running_var" ? 1 : 0
    let values = numbers(entry.elementCount, place + 1).map { $0 + lift }
    tensors.add(entry.key, KeyedTensor(values, dims: entry.dims))
  }
  return tensors
}

extension TensorCollection {
  /// The elements of a key.
  func values(_ key: String) -> [Double] { (tensor(key)?.values() ?? []).map(Double.init) }
}

/// What a network of the tensors gives for inputs, computed by the oracle.
func outputs(_ graph: Graph, _ tensors: TensorCollection, _ inputs: [[Float]]) throws -> [Float] {
  let weights = try ModelWeights(graph, source: tensors)
  let program = try graph.program()
  let values = ReferenceInterpreter.run(program, inputs: inputs) { instruction, slot in
    let index = program.instructions[instruction].weights.firstIndex(of: slot) ?? 0
    return weights.values(instruction: instruction, slot: slot, index: index)
  }
  return values[program.outputs[0]]
}

/// The largest difference of two lists of numbers.
func difference(_ one: [Float], _ other: [Double]) -> Double {
  guard one.count == other.count else { return .infinity }
  return zip(one, other).map { abs(Double($0) - $1) }.max() ?? 0
}

/// The type that a text such as `4x2x3 tnc` says.
func type(_ text: String) throws -> TensorType {
  let parts = text.split(separator: " ")
  let dims = parts[0].split(separator: "x").compactMap { Int($0) }
  return try TensorType(dims: dims, Layout(rawValue: String(parts[1])) ?? .other)
}
