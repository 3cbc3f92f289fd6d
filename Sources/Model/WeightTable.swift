public import Topology

/// A constant of a network as files of weights have it: key, dims in PyTorch's order, and where it goes.
public struct WeightEntry: Sendable {
  /// What it is called.
  public let key: WeightKey
  /// Extents in PyTorch's order.
  public let dims: [Int]
  /// What layers that share it would call it; a file may have it under any of these names.
  public internal(set) var aliases: [WeightKey] = []
  /// Whether extents of 1 may stand before the dims, or be missing there.
  let allowsLeadingOnes: Bool
  /// The slots of the program that it is made of, and that are made of it.
  public let slots: [WeightOwner]
  /// Whether it lies as its one slot does.
  let isPlain: Bool
  /// How it is put together from the slots.
  let assemble: @Sendable ([KeyedTensor]) -> KeyedTensor

  /// Whether a stored tensor of these extents is the constant.
  public func accepts(_ stored: [Int]) -> Bool {
    if stored == dims { return true }
    return allowsLeadingOnes && stored.drop { $0 == 1 } == dims.drop { $0 == 1 }
  }

  /// The number of elements.
  public var elementCount: Int { dims.reduce(1, *) }

  /// The constant in PyTorch's order.
  ///
  /// - Parameter parts: The constants of ``slots``, in plain order.
  /// - Returns: A view of them, or made of them when it is read.
  public func tensor(of parts: [KeyedTensor]) -> KeyedTensor { assemble(parts) }
}

/// All constants of a network that are no rule's: what a file of its weights holds.
///
/// | layer | keys | dims |
/// |---|---|---|
/// | `conv` | `weight`, `bias` | O x I/groups x k…, O |
/// | `deconv` | `weight`, `bias` | I x O/groups x k…, O |
/// | `fc` | `weight`, `bias` | O x I, O |
/// | `lstm`, `gru`, `rnn` | `weight_ih_lK`, `weight_hh_lK`, `bias_ih_lK`, `bias_hh_lK` of the K-th stacked layer, with `_reverse` of the second direction | G·H x I, G·H x H, G·H, G·H; gates i, f, g, o or r, z, n |
/// | `batch-norm` | `weight`, `bias`, `running_mean`, `running_var` | C |
/// | `layer-norm`, `rms-norm` | `weight`, `bias` | the dims from the axis on |
/// | `group-norm`, `instance-norm` | `weight`, `bias` | C |
/// | `prelu` | `weight` | C or 1 |
/// | `embedding` | `weight` | rows x dim |
/// | `attention` | `in_proj_weight`, `in_proj_bias`, `out_proj.weight`, `out_proj.bias`; where queries, keys and values are not all C x C, `q_proj_weight`, `k_proj_weight`, `v_proj_weight` in place of the first | 3·C x C, 3·C, C x H·D, C |
/// | `attention` with `relative-bias` | `relative_position_bias_table` | (2w − 1)² x heads |
/// | a constant without a rule | its name | its dims |
public struct WeightTable: Sendable {
  /// The constants, in the order of the program.
  public private(set) var entries: [WeightEntry] = []
  /// How each slot that no other owns is made of entries.
  private(set) var slots: [WeightOwner: SlotForm] = [:]
  /// The program that the slots are of.
  let program: Program

  /// How a slot is made of entries.
  struct SlotForm: Sendable {
    /// Indices of the entries.
    let entries: [Int]
    /// Gives the slot's plain order.
    let arrange: @Sendable ([KeyedTensor]) -> KeyedTensor
  }

  /// Lists the constants of a network.
  ///
  /// - Throws: ``GraphError`` from lowering the graph, or when two constants have one key.
  /// - Complexity: O(operations); no constant is made.
  public init(_ graph: Graph) throws(GraphError) {
    program = try graph.program()
    try list(graph)
  }

  private mutating func list(_ graph: Graph) throws(GraphError) {
    // The topology's own constants stand before all layers.
    let constants = graph.layers.reduce(into: Set<Int>()) { read, layer in
      for case .constant(let constant) in layer.primitives.flatMap(\.operands) {
        read.insert(constant)
      }
    }.count
    for index in 0..<constants {
      guard case .constant(let name) = program.instructions[index].operation else { continue }
      var group = WeightGroup(program, [index])
      group.addConstant(WeightKey(constant: name))
      add(group)
    }
    let own = constants..<program.instructions.count
    let byLayer = Dictionary(grouping: own) { program.instructions[$0].layer }
    for layer in graph.layers {
      let indices = byLayer[layer.index, default: []]
      let weighted = Set(indices.filter(isLearned).map { program.instructions[$0].primitive })
      for primitive in weighted.sorted() {
        var group = WeightGroup(
          program, indices.filter { program.instructions[$0].primitive == primitive })
        group.addEntries(
          element: layer.primitives[primitive].element, layer: layer.name,
          primitive: weighted.count > 1 ? primitive : nil)
        add(group)
      }
    }
    var seen: Set<String> = []
    for entry in entries where !seen.insert(entry.key.description).inserted {
      throw GraphError(
        "two constants have the key '\(entry.key)' in a file of weights; rename one",
        layer: entry.key.layer)
    }
  }

  private func isLearned(_ index: Int) -> Bool {
    program.instructions[index].weights.contains { $0.pattern == nil }
  }

  /// Takes the entries of a primitive, or makes them other names of those that it shares.
  private mutating func add(_ group: WeightGroup) {
    var places: [Int?] = []
    for entry in group.entries {
      let owners = entry.slots.map { program.slot($0).owner ?? $0 }
      guard owners != entry.slots else {
        places.append(entries.count)
        entries.append(entry)
        continue
      }
      places.append(nil)
      guard let shared = entries.firstIndex(where: { $0.slots == owners && $0.dims == entry.dims })
      else { continue }
      entries[shared].aliases.append(entry.key)
    }
    for (slot, form) in group.slots where program.slot(slot).owner == nil {
      let indices = form.entries.compactMap { places[$0] }
      guard indices.count == form.entries.count else { continue }
      slots[slot] = SlotForm(entries: indices, arrange: form.arrange)
    }
  }
}

extension WeightTable {
  /// A constant in PyTorch's order, made of what a provider gives for the program's slots.
  ///
  /// - Parameters:
  ///   - entry: One of ``entries``.
  ///   - weights: Gives the slots; where they are arranged, all of them whenever elements are read.
  /// - Returns: The constant, not made yet.
  public func tensor(_ entry: WeightEntry, from weights: any WeightProvider) -> KeyedTensor {
    let slots = entry.slots.map { ($0, program.slot($0)) }
    if entry.isPlain {
      let (owner, slot) = slots[0]
      return KeyedTensor(dims: entry.dims) { offset, buffer in
        weights.fill(
          instruction: owner.instruction, slot: slot, index: owner.index, offset: offset,
          into: buffer)
      }
    }
    return KeyedTensor(dims: entry.dims, inParts: false) { offset, buffer in
      let parts = slots.map { owner, slot in
        let values = weights.values(
          instruction: owner.instruction, slot: slot, index: owner.index)
        return KeyedTensor(values, dims: slot.dims)
      }
      entry.assemble(parts).read(from: offset, into: buffer)
    }
  }
}

extension Program {
  /// The slot at a place.
  func slot(_ owner: WeightOwner) -> WeightSlot {
    instructions[owner.instruction].weights[owner.index]
  }
}
