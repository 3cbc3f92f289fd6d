public import Topology

/// The constants of a network from a source of weights, such as a safetensors file or a model.
///
/// It gives each slot of the program what the source has under the slot's key, in the slot's order. A
/// slot that holds a pattern is filled by that.
public struct ModelWeights: WeightProvider {
  /// What makes constants that the source has not.
  public enum Missing: Sendable {
    /// They are an error.
    case refused
    /// Random numbers of a seed.
    case seeded(UInt64)
  }

  /// How many constants the source gave.
  public let found: Int
  /// The keys that were filled from the seed.
  public let seeded: [WeightKey]
  private let tensors: [WeightOwner: KeyedTensor]
  private let ownSteps: [WeightOwner: [Float]]
  private let fallback: SeededWeights

  /// Finds the constants of a network in a source.
  ///
  /// - Parameters:
  ///   - graph: The network.
  ///   - source: What holds them, in PyTorch's dims and order.
  ///   - missing: What becomes of those that it does not hold.
  ///   - ignoresLeftOver: Whether keys that the network has no constant for are allowed.
  ///   - looksForNaN: Whether all numbers are read, and NaN is an error.
  /// - Throws: ``WeightsError`` with everything that does not fit, all at once.
  /// - Complexity: One pass over the source's numbers, if NaN is looked for.
  public init(
    _ graph: Graph, source: any TensorSource, missing: Missing = .refused,
    ignoresLeftOver: Bool = false, looksForNaN: Bool = true
  ) throws(WeightsError) {
    let table: WeightTable
    do throws(GraphError) { table = try WeightTable(graph) } catch {
      throw WeightsError(source: source.name, problems: [error.description])
    }
    var search = WeightSearch(source, looksForNaN: looksForNaN)
    let stored = table.entries.map { search.tensor(of: $0) }
    for (place, entry) in table.entries.enumerated() { search.findSteps(of: entry, place) }
    if case .refused = missing { search.refuseMissing() }
    if !ignoresLeftOver { search.refuseLeftOver() }
    if !search.problems.isEmpty {
      throw WeightsError(source: source.name, problems: search.problems)
    }
    var tensors: [WeightOwner: KeyedTensor] = [:]
    var ownSteps: [WeightOwner: [Float]] = [:]
    var seeded = Set<Int>()
    for (owner, form) in table.slots {
      let parts = form.entries.compactMap { stored[$0] }
      if parts.count == form.entries.count {
        tensors[owner] = form.arrange(parts)
        if form.entries.count == 1, let steps = search.steps[form.entries[0]] {
          ownSteps[owner] = steps
        }
      } else {
        seeded.formUnion(form.entries)
      }
    }
    self.tensors = tensors
    self.ownSteps = ownSteps
    self.seeded = seeded.sorted().map { table.entries[$0].key }
    found = table.entries.count - seeded.count
    if case .seeded(let seed) = missing {
      fallback = SeededWeights(seed: seed)
    } else {
      fallback = SeededWeights(seed: 0)
    }
  }

  /// Writes elements of a constant; see ``WeightProvider``.
  public func fill(
    instruction: Int, slot: WeightSlot, index: Int, offset: Int,
    into buffer: UnsafeMutableBufferPointer<Float>
  ) {
    let owner = slot.owner ?? WeightOwner(instruction: instruction, index: index)
    guard slot.pattern == nil, let tensor = tensors[owner] else {
      return fallback.fill(
        instruction: instruction, slot: slot, index: index, offset: offset, into: buffer)
    }
    tensor.read(from: offset, into: buffer)
  }

  /// What the source says of the integers that a constant was made of; see ``WeightProvider``.
  public func steps(instruction: Int, slot: WeightSlot, index: Int) -> WeightSteps {
    let owner = slot.owner ?? WeightOwner(instruction: instruction, index: index)
    guard slot.pattern == nil, tensors[owner] != nil else { return .free }
    return ownSteps[owner].map { .own($0) } ?? .none
  }
}

/// Looks constants up in a source, and collects what does not fit.
private struct WeightSearch {
  let source: any TensorSource
  let looksForNaN: Bool
  private let keys: Set<String>
  private var used: Set<String> = []
  private var missing: [String] = []
  private(set) var problems: [String] = []
  /// The steps of weights that were integers, by their entries.
  private(set) var steps: [Int: [Float]] = [:]

  init(_ source: any TensorSource, looksForNaN: Bool) {
    self.source = source
    self.looksForNaN = looksForNaN
    keys = Set(source.keys)
  }

  /// The tensor of an entry, under its own key or one of a layer that shares it.
  mutating func tensor(of entry: WeightEntry) -> KeyedTensor? {
    let names = ([entry.key] + entry.aliases).map(\.description).filter(keys.contains)
    used.formUnion(names)
    guard let name = names.first, let tensor = source.tensor(name) else {
      missing.append("\(entry.key) (\(text(ofDims: entry.dims))) is missing")
      return nil
    }
    var tensors: [KeyedTensor] = []
    for name in names {
      guard let tensor = source.tensor(name) else { continue }
      guard entry.accepts(tensor.dims) else {
        problems.append(
          "\(name) is \(text(ofDims: tensor.dims)) where the network has \(text(ofDims: entry.dims))"
        )
        return nil
      }
      if looksForNaN, let place = tensor.firstNaN {
        problems.append("\(name) holds NaN at \(place)")
        return nil
      }
      tensors.append(tensor)
    }
    if tensors.dropFirst().contains(where: { !$0.equals(tensors[0]) }) {
      problems.append(
        "\(names.joined(separator: " and ")) differ, but layers share them")
      return nil
    }
    return tensor.reshaped(entry.dims)
  }

  /// Looks for `…weight_scale` beside `…weight`: one step, or one an output channel.
  mutating func findSteps(of entry: WeightEntry, _ place: Int) {
    guard entry.key.name == "weight" else { return }
    for key in [entry.key] + entry.aliases {
      let name = "\(key)\(WeightKey.stepSuffix)"
      guard keys.contains(name), let tensor = source.tensor(name) else { continue }
      used.insert(name)
      let values = tensor.values()
      guard tensor.dims.count <= 1, values.allSatisfy({ $0 > 0 && $0.isFinite }) else {
        problems.append("\(name) is no positive number, or a list of them")
        continue
      }
      steps[place] = values
    }
  }

  mutating func refuseMissing() { problems = missing + problems }

  /// Counters of training batches belong to no inference, and are let be.
  mutating func refuseLeftOver() {
    for key in source.keys where !used.contains(key) && !key.hasSuffix("num_batches_tracked") {
      problems.append("\(key) is left over: the network has no such constant")
    }
  }
}

extension KeyedTensor {
  private static let part = 1 << 16

  /// The coordinates of the first NaN, as a user would write them.
  fileprivate var firstNaN: String? {
    guard elementType.isFloatingPoint else { return nil }
    var buffer = [Float](repeating: 0, count: min(KeyedTensor.part, elementCount))
    for offset in stride(from: 0, to: elementCount, by: KeyedTensor.part) {
      let count = min(KeyedTensor.part, elementCount - offset)
      let place = buffer.withUnsafeMutableBufferPointer { whole -> Int? in
        let part = UnsafeMutableBufferPointer(rebasing: whole[..<count])
        read(from: offset, into: part)
        // NaN is what a sum of differences to oneself is not 0 of; infinities are looked at again.
        var sum: Float = 0
        for number in part { sum += number - number }
        return sum == 0 ? nil : part.firstIndex(where: \.isNaN)
      }
      guard let place else { continue }
      var (rest, coordinates) = (offset + place, [Int]())
      for extent in dims.reversed() {
        coordinates.insert(rest % extent, at: 0)
        rest /= extent
      }
      return "\(coordinates)"
    }
    return nil
  }

  /// Whether all elements are the same.
  fileprivate func equals(_ other: KeyedTensor) -> Bool {
    var first = [Float](repeating: 0, count: min(KeyedTensor.part, elementCount))
    var second = first
    for offset in stride(from: 0, to: elementCount, by: KeyedTensor.part) {
      let count = min(KeyedTensor.part, elementCount - offset)
      first.withUnsafeMutableBufferPointer {
        read(from: offset, into: UnsafeMutableBufferPointer(rebasing: $0[..<count]))
      }
      second.withUnsafeMutableBufferPointer {
        other.read(from: offset, into: UnsafeMutableBufferPointer(rebasing: $0[..<count]))
      }
      if first[..<count] != second[..<count] { return false }
    }
    return true
  }
}
