import Measuring
import Topology

/// How large the arena of a plan will be, told from the program alone: its values are laid out as
/// ``ValueTable`` and ``Arena`` do, without knowing the formats that oneDNN will choose.
///
/// Not foreseen: copies in other formats, channels that are filled up to a vector, operands that oneDNN
/// cannot take as they lie.
struct ValueForecast {
  /// Bytes of the arena.
  private(set) var bytes = 0
  /// The steps of a pass.
  private(set) var steps = 0
  /// The largest working memory of a primitive.
  private(set) var scratchpad = 0
  /// Normalisations that become part of others' weights.
  private(set) var folded: Set<Int> = []

  /// A buffer, as ``ActivationBuffer`` is one.
  private struct Buffer {
    var interval: Arena.Interval
    var values: Set<ValueID> = []
    var isPinned = false
    /// Whether it became a part of another one.
    var isPart = false
    /// The numbers of the value that it was made for.
    var elements = 0
  }

  /// No tensor is larger, and sums of a million such ones stay numbers.
  private static let largest = 4 * Shape.maximumElementCount

  private let flow: Dataflow
  private let options: PlanOptions
  private let widths: NumberWidths
  private var buffers: [Buffer] = []
  private var home: [Int?]
  private var remaining: [Int]
  private var isPlanned: [Bool]

  init(_ flow: Dataflow, _ options: PlanOptions) {
    self.flow = flow
    self.options = options
    widths = NumberWidths(flow, options.precision)
    home = flow.program.values.map { _ in nil }
    remaining = flow.readers.map(\.count)
    isPlanned = flow.program.instructions.map {
      if case .identity = $0.operation { true } else { false }
    }
    walk()
  }

  private mutating func walk() {
    let program = flow.program
    for value in 0..<program.inputCount {
      home[value] = add(4 * Self.clamped(flow.dims(value)), value, isPinned: true)
    }
    let fusion = FusionForecast(flow: flow, isOn: options.fusion && !options.keepAllValues)
    for index in program.instructions.indices where !isPlanned[index] {
      let output = program.instructions[index].output
      if flow.isConstant[output] {
        finish([index])
        continue
      }
      let chain = fusion.chain(from: index) { value in home[value] != nil || flow.isConstant[value]
      }
      for link in chain {
        if case .intoWeights = program.instructions[link].operation.traits.fusion {
          folded.insert(link)
        }
      }
      take([index] + chain)
    }
    let intervals = buffers.map { buffer in
      var interval = buffer.interval
      if buffer.isPart { interval.size = 0 }
      if buffer.isPinned || options.keepAllValues {
        (interval.first, interval.last) = (0, .max)
      } else if buffer.values.contains(where: { flow.isOutput[$0] }) {
        interval.last = .max
      }
      return interval
    }
    bytes = Arena.place(intervals, steps: steps).size
  }

  /// A step of several instructions, the first of which is the primitive's own.
  private mutating func take(_ group: [Int]) {
    let instructions = flow.program.instructions
    let anchor = instructions[group[0]]
    let result = instructions[group[group.count - 1]].output
    for input in group.flatMap({ instructions[$0].inputs }) { touch(flow.canonical[input]) }
    let size = widths.bytes(of: result, madeBy: anchor.operation) * Self.clamped(flow.dims(result))
    addCopies(of: anchor)
    let place =
      view(anchor) ?? joined(group[0], size) ?? overwritten(group, size) ?? add(size, result)
    finish(group)
    // What nobody reads any more may be overwritten.
    buffers[place].values = buffers[place].values.filter { remaining[$0] > 0 || flow.isOutput[$0] }
    hold(result, in: place)
    for state in anchor.states { hold(state, in: add(4 * Self.clamped(flow.dims(state)), state)) }
    scratchpad = max(scratchpad, workingMemory(of: anchor))
    if anchor.operation.traits.place != .nothing { steps += 1 }
  }

  // MARK: Places

  /// The buffer of what an instruction gives another shape to.
  private func view(_ instruction: Instruction) -> Int? {
    guard instruction.operation.traits.place == .nothing, !options.keepAllValues,
      let input = instruction.inputs.first
    else { return nil }
    return home[flow.canonical[input]]
  }

  /// The buffer that several values are made in from the start, so that joining them moves nothing.
  private mutating func joined(_ index: Int, _ size: Int) -> Int? {
    let instruction = flow.program.instructions[index]
    guard case .concat(let axis) = instruction.operation, options.fusion, !options.keepAllValues
    else { return nil }
    let parts = instruction.inputs.map { flow.canonical[$0] }
    let places = parts.compactMap { home[$0] }
    let dims = flow.dims(instruction.output)
    guard places.count == parts.count, Set(places).count == places.count,
      dims[..<axis].allSatisfy({ $0 == 1 })
    else { return nil }
    for (part, place) in zip(parts, places) {
      // Images lie in blocks of channels.
      let isInBlocks = dims.count < 4 || flow.dims(part)[axis] % 8 == 0
      guard isInBlocks, !buffers[place].isPinned,
        buffers[place].elements == Self.clamped(flow.dims(part))
      else { return nil }
    }
    let whole = add(size, instruction.output)
    for place in places {
      buffers[place].isPart = true
      let part = buffers[place]
      buffers[whole].interval.first = min(buffers[whole].interval.first, part.interval.first)
      buffers[whole].values.formUnion(part.values)
    }
    for value in buffers[whole].values { home[value] = whole }
    return whole
  }

  /// The buffer of an operand that nobody reads any more, where the result takes its place.
  private func overwritten(_ group: [Int], _ size: Int) -> Int? {
    let instructions = flow.program.instructions
    let anchor = instructions[group[0]]
    if options.keepAllValues { return nil }
    if anchor.operation.overwrites {
      return anchor.inputs.map { flow.canonical[$0] }.compactMap { home[$0] }
        .first { isFree($0, by: group, size) }
    }
    // A sum behind a product is added to what lies there.
    let sources = anchor.inputs.compactMap { home[flow.canonical[$0]] }
    for link in group.dropFirst() {
      guard case .binary(.add) = instructions[link].operation else { continue }
      for input in instructions[link].inputs {
        let value = flow.canonical[input]
        if let place = home[value], !sources.contains(place), isFree(place, by: group, size),
          flow.dims(value) == flow.dims(anchor.output)
        {
          return place
        }
      }
    }
    return nil
  }

  /// Whether none but some instructions have yet to read what lies in a buffer of that size.
  private func isFree(_ place: Int, by group: [Int], _ size: Int) -> Bool {
    let buffer = buffers[place]
    guard !buffer.isPinned, buffer.interval.size == size else { return false }
    return buffer.values.allSatisfy { value in
      let uses = group.reduce(0) { count, index in
        count + flow.program.instructions[index].inputs.count { flow.canonical[$0] == value }
      }
      return !flow.isOutput[value] && remaining[value] == uses
    }
  }

  /// Copies in plain order of images that a kernel of ours reads, and the gates of a recurrent layer that
  /// is split.
  private mutating func addCopies(of instruction: Instruction) {
    if instruction.operation.traits.place == .host {
      for input in instruction.inputs where flow.dims(input).count > 3 {
        let dims = flow.dims(input)
        if dims[1] > 1, dims[2...].contains(where: { $0 > 1 }), !flow.isConstant[input],
          flow.canonical[input] >= flow.program.inputCount
        {
          _ = add(4 * Self.clamped(dims), nil)
        }
      }
    }
    if case .recurrent(let layer) = instruction.operation, splits(layer, instruction) {
      let source = flow.dims(instruction.inputs[0])
      _ = add(4 * Self.clamped([source[0], source[1], layer.cell.gates, layer.hidden]), nil)
    }
  }

  private func splits(_ layer: Recurrent, _ instruction: Instruction) -> Bool {
    let source = flow.dims(instruction.inputs[0])
    return layer.cell == .lstm && !instruction.hasStates && source[0] > 1 && layer.hidden >= 256
      && source[1] < (options.precision == .bf16 ? 4 : 16)
  }

  /// Working memory of a primitive: the columns of a transposed convolution, the gates and states of a
  /// recurrent layer.
  private func workingMemory(of instruction: Instruction) -> Int {
    switch instruction.operation {
    case .deconvolution: return 4 * Self.clamped(flow.dims(instruction.output))
    case .recurrent(let layer) where !splits(layer, instruction):
      let source = flow.dims(instruction.inputs[0])
      let cells = [source[0], source[1], layer.direction.count, layer.hidden]
      // Gates, states and copies of them, as measured of GRUs.
      return 16 * Self.clamped(cells + [layer.cell.gates + 3])
    default: return 0
    }
  }

  // MARK: Buffers

  private mutating func add(_ size: Int, _ value: ValueID?, isPinned: Bool = false) -> Int {
    let size = min(size, Self.largest)
    buffers.append(
      Buffer(
        interval: Arena.Interval(size: size, first: steps, last: steps),
        values: value.map { [$0] } ?? [], isPinned: isPinned,
        elements: value.map { Self.clamped(flow.dims($0)) } ?? 0))
    return buffers.count - 1
  }

  private mutating func hold(_ value: ValueID, in place: Int) {
    buffers[place].values.insert(value)
    home[value] = place
    touch(value)
  }

  private mutating func touch(_ value: ValueID) {
    guard let place = home[value] else { return }
    buffers[place].interval.last = max(buffers[place].interval.last, steps)
  }

  private mutating func finish(_ group: [Int]) {
    for index in group {
      isPlanned[index] = true
      for input in flow.program.instructions[index].inputs { remaining[flow.canonical[input]] -= 1 }
    }
  }

  /// The number of elements, or the most that a tensor may have where there are more.
  private static func clamped(_ dims: [Int]) -> Int {
    dims.reduce(1) { product, extent in
      let (more, isTooMuch) = product.multipliedReportingOverflow(by: max(extent, 0))
      return isTooMuch ? Shape.maximumElementCount : min(more, Shape.maximumElementCount)
    }
  }
}

/// How many bytes the numbers of each value take, as ``NumberPolicy`` decides it.
private struct NumberWidths {
  private let precision: Precision
  private let isWorthQuantizing: [Bool]

  init(_ flow: Dataflow, _ precision: Precision) {
    self.precision = precision
    var isWorth = flow.program.values.map { _ in false }
    // Readers stand behind what they read.
    for instruction in flow.program.instructions.reversed() where precision == .int8 {
      let isRead =
        switch instruction.operation.traits.quantization {
        case .multiplies: true
        case .passesOn: isWorth[flow.canonical[instruction.output]]
        case .none: false
        }
      if isRead { for input in instruction.inputs { isWorth[flow.canonical[input]] = true } }
    }
    isWorthQuantizing = isWorth
  }

  /// Bytes of each number of a value.
  func bytes(of value: ValueID, madeBy operation: Topology.Operation) -> Int {
    switch precision {
    case .f32: return 4
    case .bf16: return operation.traits.place == .host ? 4 : 2
    case .int8:
      guard isWorthQuantizing[value] else { return 4 }
      // What computes in f32 is brought to 8 bits by a reorder.
      return operation.traits.quantization == .none ? 5 : 1
    }
  }
}
