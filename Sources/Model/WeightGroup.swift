import Topology

/// Collects what the constants of one primitive are called, and how they are arranged.
struct WeightGroup {
  private let program: Program
  private let instructions: [Int]
  private var layer = ""
  private var primitive: Int?
  private(set) var entries: [WeightEntry] = []
  private(set) var slots: [WeightOwner: WeightTable.SlotForm] = [:]

  /// The constants of the instructions that a primitive lowers to.
  init(_ program: Program, _ instructions: [Int]) {
    self.program = program
    self.instructions = instructions
  }

  /// A constant of the topology.
  mutating func addConstant(_ key: WeightKey) {
    let instruction = program.instructions[instructions[0]]
    guard instruction.weights[0].pattern == nil else { return }
    add(key, dims: instruction.weights[0].dims, WeightOwner(instruction: instructions[0], index: 0))
  }

  /// Everything of a primitive of a layer.
  mutating func addEntries(element: String, layer: String, primitive: Int?) {
    self.layer = layer
    self.primitive = primitive
    var stacked = 0
    for index in instructions {
      let instruction = program.instructions[index]
      let type = program.values[instruction.output]
      switch instruction.operation {
      case .convolution(let convolution):
        addConvolution(convolution, of: index)
      case .deconvolution(let convolution):
        addDeconvolution(convolution, of: index)
      case .innerProduct(let product) where element != "attention":
        let dims = instruction.weights[0].dims
        add(.weights, of: index, "weight", dims: [product.units, dims.dropFirst().reduce(1, *)])
        add(.bias, of: index, "bias")
      case .innerProduct: break
      case .recurrent(let recurrent):
        addRecurrent(recurrent, of: index, number: stacked)
        stacked += 1
      case .batchNormalization:
        add(.scale, of: index, "weight")
        add(.shift, of: index, "bias")
        add(.mean, of: index, "running_mean")
        add(.variance, of: index, "running_var")
      case .layerNormalization, .rootMeanSquareNormalization:
        let width = instruction.weights[0].elementCount
        let dims = WeightGroup.lastDims(of: type.dims, spanning: width)
        add(.scale, of: index, "weight", dims: dims, allowsLeadingOnes: true)
        add(.shift, of: index, "bias", dims: dims, allowsLeadingOnes: true)
      case .groupNormalization:
        add(.scale, of: index, "weight")
        add(.shift, of: index, "bias")
      case .parametricRelu:
        add(.slope, of: index, "weight")
      case .embedding:
        add(.weights, of: index, "weight")
      case .constant(let name):
        guard instruction.weights[0].pattern == nil else { continue }
        add(
          .weights, of: index, name == "relative-bias" ? "relative_position_bias_table" : name)
      case .matrixProduct, .pooling, .eltwise, .binary, .concat, .softmax, .logSoftmax,
        .localResponse, .resampling, .reduction, .transpose, .slice, .pad, .roll, .expand,
        .spaceBlocks, .cumulativeSum, .topK, .oneHot, .select, .gather, .causalMask, .reshape,
        .identity, .copy, .reorder, .host:
        precondition(instruction.weights.isEmpty, "a constant has no name")
      }
    }
    if element == "attention" { addAttention() }
  }

  private func key(_ name: String) -> WeightKey {
    WeightKey(layer: layer, primitive: primitive, name: name)
  }

  private func owner(_ role: WeightRole, of instruction: Int) -> WeightOwner? {
    let index = program.instructions[instruction].weights.firstIndex { $0.role == role }
    return index.map { WeightOwner(instruction: instruction, index: $0) }
  }

  /// A constant that lies as the slot does.
  private mutating func add(
    _ key: WeightKey, dims: [Int], _ owner: WeightOwner, allowsLeadingOnes: Bool = false
  ) {
    let plain = program.slot(owner).dims
    slots[owner] = .init(entries: [entries.count]) { $0[0].reshaped(plain) }
    entries.append(
      WeightEntry(
        key: key, dims: dims, allowsLeadingOnes: allowsLeadingOnes, slots: [owner], isPlain: true
      ) { $0[0].reshaped(dims) })
  }

  /// A constant that lies as the slot of a role does, if there is one.
  private mutating func add(
    _ role: WeightRole, of instruction: Int, _ name: String, dims: [Int]? = nil,
    allowsLeadingOnes: Bool = false
  ) {
    guard let owner = owner(role, of: instruction) else { return }
    add(
      key(name), dims: dims ?? program.slot(owner).dims, owner,
      allowsLeadingOnes: allowsLeadingOnes)
  }

  /// A constant that lies otherwise than its slots do.
  private func arranged(
    _ name: String, dims: [Int], _ owners: [WeightOwner],
    _ assemble: @escaping @Sendable ([KeyedTensor]) -> KeyedTensor
  ) -> WeightEntry {
    WeightEntry(
      key: key(name), dims: dims, allowsLeadingOnes: false, slots: owners, isPlain: false,
      assemble: assemble)
  }

  /// The last dims that span as many elements.
  private static func lastDims(of dims: [Int], spanning width: Int) -> [Int] {
    var axis = dims.count - 1
    while axis > 0, dims[axis...].reduce(1, *) < width { axis -= 1 }
    return Array(dims[axis...])
  }
}

// MARK: Windows

extension WeightGroup {
  /// The groups stand one behind the other in O.
  private mutating func addConvolution(_ convolution: Convolution, of index: Int) {
    let dims = program.instructions[index].weights[0].dims
    let spatial = dims.suffix(convolution.kernel.count)
    let channels = dims[dims.count - spatial.count - 1]
    add(.weights, of: index, "weight", dims: [convolution.filters, channels] + spatial)
    add(.bias, of: index, "bias")
  }

  /// PyTorch has I before O/groups, and the groups one behind the other in I.
  private mutating func addDeconvolution(_ convolution: Convolution, of index: Int) {
    guard let owner = owner(.weights, of: index) else { return }
    let plain = program.slot(owner).dims
    let kernel = Array(plain.suffix(convolution.kernel.count))
    let groups = convolution.groups
    let outputs = convolution.filters / groups
    let inputs = plain[plain.count - kernel.count - 1]
    let dims = [groups * inputs, outputs] + kernel
    let order = [0, 2, 1] + Array(3..<3 + kernel.count)
    slots[owner] = .init(entries: [entries.count]) {
      $0[0].reshaped([groups, inputs, outputs] + kernel).transposed(order).reshaped(plain)
    }
    entries.append(
      arranged("weight", dims: dims, [owner]) {
        $0[0].reshaped([groups, outputs, inputs] + kernel).transposed(order).reshaped(dims)
      })
    add(.bias, of: index, "bias")
  }
}

// MARK: Recurrent layers

extension WeightGroup {
  /// One of the stacked layers, whose slots hold all its directions.
  private mutating func addRecurrent(_ recurrent: Recurrent, of index: Int, number: Int) {
    for (role, name) in [(WeightRole.weights, "weight_ih"), (.weightsIteration, "weight_hh")] {
      guard let owner = owner(role, of: index) else { continue }
      addGates(recurrent, owner, "\(name)_l\(number)")
    }
    if let owner = owner(.bias, of: index) { addBiases(recurrent, owner, number) }
  }

  /// Slot `[1, D, I, G, H]`; in a file G·H x I, a tensor for each direction.
  private mutating func addGates(_ recurrent: Recurrent, _ owner: WeightOwner, _ name: String) {
    let plain = program.slot(owner).dims
    let (ways, channels, gates, hidden) = (plain[1], plain[2], plain[3], plain[4])
    let dims = [gates * hidden, channels]
    let order = recurrent.cell.orderInPyTorch
    let back = recurrent.cell.orderHere
    slots[owner] = .init(entries: Array(entries.count..<entries.count + ways)) { parts in
      KeyedTensor.stacked(
        parts.map {
          $0.reshaped([gates, hidden, channels]).reordered(back).transposed([2, 0, 1])
        }
      ).reshaped(plain)
    }
    for way in 0..<ways {
      entries.append(
        arranged(way == 0 ? name : name + "_reverse", dims: dims, [owner]) { parts in
          parts[0].reshaped(Array(plain.dropFirst())).part(way..<way + 1)
            .reshaped([channels, gates, hidden]).transposed([1, 2, 0]).reordered(order)
            .reshaped(dims)
        })
    }
  }

  /// Slot `[1, D, B, H]`; in a file two vectors of G·H, of the input and of the state, whose sum counts
  /// but for the candidate of a GRU that resets after the product: there each has its own.
  private mutating func addBiases(_ recurrent: Recurrent, _ owner: WeightOwner, _ number: Int) {
    let plain = program.slot(owner).dims
    let (ways, biases, hidden) = (plain[1], plain[2], plain[3])
    let gates = recurrent.cell.gates
    let dims = [gates * hidden]
    let order = recurrent.cell.orderInPyTorch
    let back = recurrent.cell.orderHere
    let split = biases > gates
    slots[owner] = .init(entries: Array(entries.count..<entries.count + 2 * ways)) { parts in
      let each = stride(from: 0, to: parts.count, by: 2).map { place in
        let input = parts[place].reshaped([gates, hidden]).reordered(back)
        let state = parts[place + 1].reshaped([gates, hidden]).reordered(back)
        guard split else { return input + state }
        let summed = gates - 1
        return KeyedTensor.stacked([
          input.part(0..<summed) + state.part(0..<summed), input.part(summed..<gates),
          state.part(summed..<gates),
        ])
      }
      return KeyedTensor.stacked(each.map { $0.reshaped([1] + $0.dims) }).reshaped(plain)
    }
    for way in 0..<ways {
      let suffix = "_l\(number)" + (way == 0 ? "" : "_reverse")
      entries.append(
        arranged("bias_ih" + suffix, dims: dims, [owner]) { parts in
          parts[0].reshaped([ways, biases, hidden]).part(way..<way + 1)
            .reshaped([biases, hidden]).part(0..<gates).reordered(order).reshaped(dims)
        })
      entries.append(
        arranged("bias_hh" + suffix, dims: dims, [owner]) { parts in
          guard split else { return .filled(0, dims: dims) }
          // The candidate stands last in both orders.
          let own = parts[0].reshaped([ways, biases, hidden]).part(way..<way + 1)
            .reshaped([biases, hidden]).part(gates..<biases)
          return KeyedTensor.stacked([.filled(0, dims: [gates - 1, hidden]), own]).reshaped(dims)
        })
    }
  }
}

extension Recurrent.Cell {
  /// Which of oneDNN's gates stand where in PyTorch: a GRU's reset gate before its update gate; an
  /// LSTM's are alike.
  fileprivate var orderInPyTorch: [Int] {
    switch self {
    case .gru, .linearBeforeResetGRU: [1, 0, 2]
    case .lstm, .vanilla: Array(0..<gates)
    }
  }

  /// The other way round.
  fileprivate var orderHere: [Int] {
    let order = orderInPyTorch
    return order.indices.map { gate in order.firstIndex(of: gate) ?? gate }
  }
}

// MARK: Attention

extension WeightGroup {
  /// Queries, keys and values in one matrix where PyTorch has them so, their biases always in one.
  private mutating func addAttention() {
    let products = instructions.filter {
      if case .innerProduct = program.instructions[$0].operation { true } else { false }
    }
    precondition(products.count == 4, "attention has four projections")
    let matrices = products.dropLast().compactMap { owner(.weights, of: $0) }
    let dims = matrices.map { program.slot($0).dims }
    if dims.allSatisfy({ $0 == [dims[0][1], dims[0][1]] }) {
      addStacked(matrices, "in_proj_weight")
    } else {
      for (matrix, name) in zip(matrices, ["q_proj_weight", "k_proj_weight", "v_proj_weight"]) {
        add(key(name), dims: program.slot(matrix).dims, matrix)
      }
    }
    let biases = products.dropLast().compactMap { owner(.bias, of: $0) }
    if !biases.isEmpty { addStacked(biases, "in_proj_bias") }
    add(.weights, of: products[3], "out_proj.weight")
    add(.bias, of: products[3], "out_proj.bias")
  }

  /// One constant whose rows are those of several slots.
  private mutating func addStacked(_ owners: [WeightOwner], _ name: String) {
    var rows = 0
    for owner in owners {
      let plain = program.slot(owner).dims
      let range = rows..<rows + plain[0]
      slots[owner] = .init(entries: [entries.count]) { $0[0].part(range) }
      rows = range.upperBound
    }
    let rest = program.slot(owners[0]).dims.dropFirst()
    entries.append(
      arranged(name, dims: [rows] + rest, owners) { KeyedTensor.stacked($0) })
  }
}
