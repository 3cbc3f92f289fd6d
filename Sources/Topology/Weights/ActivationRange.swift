extension Program {
  /// The program with the random weights before a plain factor made smaller by it.
  ///
  /// Transformers multiply an embedding by the square root of its width, which trained (and freshly
  /// initialised) tables are that much smaller for: Vaswani et al., "Attention is all you need", §3.4.
  /// With weights that ignore it the first softmax would see scores of hundreds and give one 1 among
  /// zeros. The same holds for every product whose result is multiplied by a number above 1 and read by
  /// nothing else.
  func keepingActivationsInRange() -> Program {
    var readers = [Int](repeating: 0, count: values.count)
    for instruction in instructions { for input in instruction.inputs { readers[input] += 1 } }
    for output in outputs { readers[output] += 1 }
    var makers: [ValueID: Int] = [:]
    var factors: [Int: Double] = [:]
    for (index, instruction) in instructions.enumerated() {
      makers[instruction.output] = index
      guard case .eltwise(let eltwise) = instruction.operation, eltwise.kind == .linear,
        abs(eltwise.alpha) > 1, readers[instruction.inputs[0]] == 1
      else { continue }
      var value = instruction.inputs[0]
      // Views of a product are the product.
      while let maker = makers[value], case .reshape = instructions[maker].operation,
        readers[instructions[maker].inputs[0]] == 1
      {
        value = instructions[maker].inputs[0]
      }
      if let maker = makers[value], instructions[maker].isProduct {
        factors[maker] = abs(eltwise.alpha)
      }
    }
    guard !factors.isEmpty else { return self }
    return Program(
      values: values, inputCount: inputCount,
      instructions: instructions.enumerated().map { index, instruction in
        factors[index].map { instruction.dividingWeights(by: $0) } ?? instruction
      }, outputs: outputs)
  }
}

extension Instruction {
  /// Whether its result grows with its weights.
  fileprivate var isProduct: Bool {
    switch operation {
    case .embedding, .innerProduct, .convolution, .deconvolution: true
    default: false
    }
  }

  /// The same with random weights that many times smaller: their width goes by the root of the fan-in.
  fileprivate func dividingWeights(by factor: Double) -> Instruction {
    let slots = weights.map { slot in
      let fanIn = min((Double(slot.fanIn) * factor * factor).rounded(), 0x1p52)
      return slot.role == .weights && slot.pattern == nil && slot.owner == nil
        ? WeightSlot(slot.role, dims: slot.dims, fanIn: Int(fanIn)) : slot
    }
    return Instruction(
      operation: operation, inputs: inputs, output: output, weights: slots, layer: layer,
      primitive: primitive)
  }
}
