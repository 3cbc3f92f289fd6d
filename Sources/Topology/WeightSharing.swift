extension ProgramBuilder {
  /// Makes the constants of instructions those of others, wherever both have one of a role.
  ///
  /// - Throws: ``ShapeError`` when the two do not match.
  mutating func share(_ own: Range<Int>, with source: Range<Int>) throws(ShapeError) {
    let targets = own.filter { instructions[$0].holdsLearned }
    let owners = source.filter { instructions[$0].holdsLearned }
    let pairs = try WeightSharing.pairs(
      targets.map { instructions[$0].weights }, owners.map { instructions[$0].weights })
    for (place, slots) in pairs.enumerated() {
      for (index, match) in slots.enumerated() {
        guard let match else { continue }
        let slot = instructions[targets[place]].weights[index]
        let original = instructions[owners[place]].weights[match]
        instructions[targets[place]].weights[index] = WeightSlot(
          slot.role, dims: slot.dims, fanIn: original.fanIn,
          owner: original.owner ?? WeightOwner(instruction: owners[place], index: match))
      }
    }
  }
}

extension Program {
  /// The program with the random weights of slots that others own as wide as their owners'.
  func sharingScales() -> Program {
    guard instructions.contains(where: { $0.weights.contains { $0.owner != nil } }) else {
      return self
    }
    var changed = instructions
    for index in changed.indices {
      for (place, slot) in changed[index].weights.enumerated() {
        guard let owner = slot.owner else { continue }
        changed[index].weights[place] = WeightSlot(
          slot.role, dims: slot.dims,
          fanIn: instructions[owner.instruction].weights[owner.index].fanIn, owner: owner)
      }
    }
    return Program(values: values, inputCount: inputCount, instructions: changed, outputs: outputs)
  }
}

/// Which constants two layers have in common when one takes those of the other.
enum WeightSharing {
  /// The constants of the operations that primitives lower to, of those that have learned ones.
  static func slots(of primitives: [Primitive]) throws(ShapeError) -> [[WeightSlot]] {
    var slots: [[WeightSlot]] = []
    for primitive in primitives {
      var builder = ProgramBuilder(inputs: primitive.inputTypes)
      _ = try primitive.kind.lower(Array(primitive.inputTypes.indices), into: &builder)
      slots += builder.instructions.filter(\.holdsLearned).map(\.weights)
    }
    return slots
  }

  /// For each constant of each operation the one of the same role in the operation at its place.
  ///
  /// - Throws: ``ShapeError`` when the operations are not as many, or constants differ in their dims.
  static func pairs(
    _ own: [[WeightSlot]], _ source: [[WeightSlot]]
  ) throws(ShapeError) -> [[Int?]] {
    guard own.count == source.count else {
      throw ShapeError(
        "it has \(own.count) operation\(own.count == 1 ? "" : "s") with weights, the layer that it "
          + "shares them with \(source.count)")
    }
    var pairs: [[Int?]] = []
    for (slots, others) in zip(own, source) {
      var matches: [Int?] = []
      for slot in slots {
        let match = others.firstIndex { $0.role == slot.role }
        if let match, others[match].dims != slot.dims {
          throw ShapeError(
            "its \(slot.role.rawValue) are \(Shape.text(slot.dims)), those of the layer that it "
              + "shares them with \(Shape.text(others[match].dims))")
        }
        matches.append(match)
      }
      pairs.append(matches)
    }
    return pairs
  }

  /// The parameters that are counted where they are shared from.
  static func parameters(_ own: [[WeightSlot]], _ pairs: [[Int?]]) -> Int {
    var count = 0
    for (slots, matches) in zip(own, pairs) {
      for (slot, match) in zip(slots, matches) where match != nil && slot.role.isTrained {
        count += slot.elementCount
      }
    }
    return count
  }
}

extension Instruction {
  /// Whether it reads a constant that is learned.
  fileprivate var holdsLearned: Bool { weights.contains { $0.pattern == nil } }
}

extension WeightRole {
  /// Whether training changes it: running statistics are observed.
  fileprivate var isTrained: Bool { self != .mean && self != .variance }
}
