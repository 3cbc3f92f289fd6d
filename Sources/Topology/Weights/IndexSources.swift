extension Program {
  /// The operand by which an instruction looks rows up, and how many there are; nil where it does not.
  func rows(of instruction: Instruction) -> (operand: Int, rows: Int)? {
    switch instruction.operation {
    case .embedding: (0, instruction.weights[0].dims[0])
    case .gather(let axis): (1, values[instruction.inputs[0]].dims[axis])
    case .oneHot(let oneHot): (0, values[instruction.output].dims[oneHot.axis])
    default: nil
    }
  }

  /// What each operand of an instruction must lie between so that its result meets a demand.
  ///
  /// An operation that is not listed here computes something that is no index: a new one that only
  /// moves data gets its line.
  ///
  /// - Returns: The demands on the operands; nil where the result cannot be told to meet it.
  func sources(of instruction: Instruction, meeting demand: IndexDemand) -> [IndexDemand]? {
    let types = instruction.inputs.map { values[$0] }
    let type = values[instruction.output]
    switch instruction.operation {
    case .identity, .reshape, .copy, .reorder: return [demand]
    case .constant: return meets(demand, instruction.weights[0]) ? [] : nil
    case .transpose(let order):
      let strides = Shape.strides(types[0].dims)
      return moved(demand, to: types[0], type) { place in
        zip(place, order).reduce(0) { $0 + $1.0 * strides[$1.1] }
      }
    case .slice(let slice):
      let strides = Shape.strides(types[0].dims)
      return moved(demand, to: types[0], type) { place in
        place.indices.reduce(0) {
          $0 + (slice.starts[$1] + place[$1] * slice.steps[$1]) * strides[$1]
        }
      }
    case .roll(let shifts):
      let (dims, strides) = (types[0].dims, Shape.strides(types[0].dims))
      return moved(demand, to: types[0], type) { place in
        place.indices.reduce(0) {
          $0 + (place[$1] + dims[$1] - shifts[$1]) % dims[$1] * strides[$1]
        }
      }
    case .expand: return [stretched(demand, to: types[0], type)]
    case .spaceBlocks(let blocks):
      let (dims, order) = blocks.transposition(of: types[0].dims)
      let strides = Shape.strides(dims)
      var result = IndexDemand(count: types[0].elementCount)
      Shape.forEachPlace(order.map { dims[$0] }) { element, place in
        let offset = zip(place, order).reduce(0) { $0 + $1.0 * strides[$1.1] }
        result.narrow(offset, demand.low[element], demand.high[element])
      }
      return [result]
    case .select:
      return [
        IndexDemand(count: types[0].elementCount), stretched(demand, to: types[1], type),
        stretched(demand, to: types[2], type),
      ]
    case .topK(let top) where top.output == .values: return all(demand, types[0])
    case .topK(let top): return positions(demand, along: types[0].dims[top.axis], types[0])
    case .pad(let padding): return padded(demand, padding, types[0], type)
    case .concat(let axis): return parted(demand, axis, types, type)
    case .gather:
      // Which row is copied depends on the indices: all must be right.
      let (low, high) = demand.strictest
      return [
        IndexDemand(count: types[0].elementCount, low: low, high: high),
        IndexDemand(count: types[1].elementCount),
      ]
    case .resampling(.nearest), .reduction(.max), .reduction(.min): return all(demand, types[0])
    case .pooling(let pooling) where pooling.kind == .max: return all(demand, types[0])
    case .eltwise(let eltwise): return eltwise.source(of: demand).map { [$0] }
    case .binary(let kind): return combined(demand, kind, types, type)
    case .host(let kernel):
      guard kernel.name == Argmax.name, let width = types[0].dims.last else { return nil }
      return positions(demand, along: width, types[0])
    default: return nil
    }
  }

  /// Whether the elements of a constant meet a demand; those that are not told by a rule do not.
  private func meets(_ demand: IndexDemand, _ slot: WeightSlot) -> Bool {
    guard let pattern = slot.pattern else { return false }
    var values = [Float](repeating: 0, count: slot.elementCount)
    values.withUnsafeMutableBufferPointer { pattern.write(offset: 0, dims: slot.dims, into: $0) }
    return values.indices.allSatisfy { element in
      demand.isFree(element)
        || Float(demand.low[element]) <= values[element]
          && values[element] <= Float(demand.high[element])
    }
  }

  /// Positions along an axis meet a demand of themselves, whatever stands there.
  private func positions(
    _ demand: IndexDemand, along extent: Int, _ source: TensorType
  ) -> [IndexDemand]? {
    guard demand.low.allSatisfy({ $0 <= 0 }), demand.high.allSatisfy({ extent - 1 <= $0 }) else {
      return nil
    }
    return [IndexDemand(count: source.elementCount)]
  }

  /// Each element of the result is the source's at its place, where axes of extent 1 are stretched.
  private func stretched(
    _ demand: IndexDemand, to source: TensorType, _ type: TensorType
  ) -> IndexDemand {
    let ones = Array(repeating: 1, count: type.dims.count - source.dims.count)
    let dims = ones + source.dims
    let strides = Shape.strides(dims)
    return moved(demand, to: source, type) { place in
      place.indices.reduce(0) { dims[$1] == 1 ? $0 : $0 + place[$1] * strides[$1] }
    }[0]
  }

  /// The strictest bounds, for every element: any of them may become any of the result.
  private func all(_ demand: IndexDemand, _ source: TensorType) -> [IndexDemand] {
    let (low, high) = demand.strictest
    return [IndexDemand(count: source.elementCount, low: low, high: high)]
  }

  /// Each element of the result is the source's at `offset` of its place.
  private func moved(
    _ demand: IndexDemand, to source: TensorType, _ type: TensorType, _ offset: ([Int]) -> Int
  ) -> [IndexDemand] {
    var result = IndexDemand(count: source.elementCount)
    Shape.forEachPlace(type.dims) { element, place in
      result.narrow(offset(place), demand.low[element], demand.high[element])
    }
    return [result]
  }

  private func padded(
    _ demand: IndexDemand, _ padding: Padding, _ source: TensorType, _ type: TensorType
  ) -> [IndexDemand]? {
    let strides = Shape.strides(source.dims)
    var result = IndexDemand(count: source.elementCount)
    var isMet = true
    Shape.forEachPlace(type.dims) { element, place in
      var offset = 0
      for axis in place.indices {
        let extent = source.dims[axis]
        var index = place[axis] - padding.begins[axis]
        if !(0..<extent).contains(index) {
          switch padding.mode {
          case .constant:
            let value = padding.value
            isMet =
              isMet
              && (demand.isFree(element)
                || (value.rounded() == value && Double(demand.low[element]) <= value
                  && value <= Double(demand.high[element])))
            return
          case .edge: index = min(max(index, 0), extent - 1)
          case .reflect: index = index < 0 ? -index : 2 * (extent - 1) - index
          }
        }
        offset += index * strides[axis]
      }
      result.narrow(offset, demand.low[element], demand.high[element])
    }
    return isMet ? [result] : nil
  }

  private func parted(
    _ demand: IndexDemand, _ axis: Int, _ sources: [TensorType], _ type: TensorType
  ) -> [IndexDemand] {
    var result = sources.map { IndexDemand(count: $0.elementCount) }
    let inner = type.dims[(axis + 1)...].reduce(1, *)
    let outer = type.dims[..<axis].reduce(1, *)
    var element = 0
    for slab in 0..<outer {
      for part in sources.indices {
        let run = sources[part].dims[axis] * inner
        for offset in 0..<run {
          result[part].narrow(slab * run + offset, demand.low[element], demand.high[element])
          element += 1
        }
      }
    }
    return result
  }

  /// Shares a demand between two operands, so that whatever each holds the result meets it.
  private func combined(
    _ demand: IndexDemand, _ kind: BinaryKind, _ sources: [TensorType], _ type: TensorType
  ) -> [IndexDemand]? {
    let bounds: (first: IndexDemand, second: IndexDemand)
    switch kind {
    case .add:
      bounds = (
        demand.mapped { ($0 - ($0 >> 1), $1 - ($1 >> 1)) }, demand.mapped { ($0 >> 1, $1 >> 1) }
      )
    case .sub:
      bounds = (
        demand.mapped { ($0 + ($1 - $0) / 2, $1) }, demand.mapped { (0, ($1 - $0) / 2) }
      )
    case .mul:
      guard demand.low.allSatisfy({ $0 <= 0 }), demand.high.allSatisfy({ $0 >= 0 }) else {
        return nil
      }
      let shared = demand.mapped { (0, Int(Double($1).squareRoot())) }
      bounds = (shared, shared)
    case .max, .min: bounds = (demand, demand)
    default: return nil
    }
    return zip(sources, [bounds.first, bounds.second]).map { stretched($1, to: $0, type) }
  }
}

extension Eltwise {
  /// What the argument must lie between so that the result meets a demand; nil where whole numbers do
  /// not stay whole.
  fileprivate func source(of demand: IndexDemand) -> IndexDemand? {
    switch kind {
    case .round: return demand
    case .relu, .abs: return demand.mapped { (Swift.max($0, 0), $1) }
    case .boundedRelu: return clipped(demand, 0, alpha)
    case .clip: return clipped(demand, alpha, beta)
    case .linear:
      guard alpha.rounded() == alpha, beta.rounded() == beta, alpha != 0,
        Swift.max(abs(alpha), abs(beta)) < 0x1p24
      else { return nil }
      return demand.mapped { low, high in
        let ends = [(Double(low) - beta) / alpha, (Double(high) - beta) / alpha].sorted()
        return (Int(ends[0].rounded(.up)), Int(ends[1].rounded(.down)))
      }
    default: return nil
    }
  }

  /// Numbers between the two ends pass unchanged.
  private func clipped(_ demand: IndexDemand, _ least: Double, _ most: Double) -> IndexDemand? {
    guard least <= most, abs(least) < 0x1p24 else { return nil }
    let most = Swift.min(most, 0x1p24)
    return demand.mapped {
      (Swift.max($0, Int(least.rounded(.up))), Swift.min($1, Int(most.rounded(.down))))
    }
  }
}

extension Shape {
  /// The distance in plain order between neighbours along each axis.
  static func strides(_ dims: [Int]) -> [Int] {
    var strides = Array(repeating: 1, count: dims.count)
    for axis in dims.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * dims[axis + 1]
    }
    return strides
  }

  /// Calls `body` for every element in plain order, with its place along each axis.
  static func forEachPlace(_ dims: [Int], _ body: (_ element: Int, _ place: [Int]) -> Void) {
    var place = Array(repeating: 0, count: dims.count)
    for element in 0..<dims.reduce(1, *) {
      body(element, place)
      for axis in dims.indices.reversed() {
        place[axis] += 1
        if place[axis] < dims[axis] { break }
        place[axis] = 0
      }
    }
  }
}
