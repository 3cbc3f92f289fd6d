import DNNL
import Measuring
import Topology

/// The commands of a split LSTM and the buffers they share.
struct SplitCommands {
  private(set) var commands: [PendingCommand] = []

  private let engine: DNNL.Engine
  private let table: ValueTable
  private let shape: SplitLSTM
  private let inputs: Product
  private let states: Product
  private let activation: Product
  private let tanh: Product
  /// One step's gates; one number a hidden unit; the same as a part of the result.
  private let wide: MemoryDescriptor
  private let narrow: MemoryDescriptor
  private let output: MemoryDescriptor
  private let wideType: TensorType
  private let narrowType: TensorType
  /// The gates of all steps; directions take turns.
  private let gates: Tensor
  private let cell: Tensor
  private let bent: Tensor
  /// What gives the output of a step its type, and where it lies before; nil where that is f32.
  private let rounding: (product: Product, source: Tensor)?

  /// A primitive that runs many times.
  private struct Product {
    let primitive: DNNL.Primitive
    let source: MemoryDescriptor?
    let result: MemoryDescriptor
    let scratchpad: MemoryDescriptor?

    init(_ descriptor: borrowing PrimitiveDescriptor) throws(DNNLError) {
      primitive = try DNNL.Primitive(descriptor)
      source = try descriptor.descriptor(.src)
      result = try descriptor.required(.dst)
      scratchpad = try descriptor.descriptor(.scratchpad)
    }
  }

  init(
    _ engine: DNNL.Engine, _ table: ValueTable, _ shape: SplitLSTM,
    inputs: borrowing PrimitiveDescriptor,
    states: borrowing PrimitiveDescriptor
  ) throws(DNNLError) {
    self.engine = engine
    self.table = table
    self.shape = shape
    self.inputs = try Product(inputs)
    self.states = try Product(states)
    wide = try MemoryDescriptor([shape.batch, shape.width])
    narrow = try MemoryDescriptor([shape.batch, shape.hidden])
    output = try MemoryDescriptor([shape.batch, shape.hidden], shape.type)
    wideType = try SplitCommands.type(wide)
    narrowType = try SplitCommands.type(narrow)
    activation = try Product(
      .eltwise(
        engine, .logistic, src: wide, alpha: 0, beta: 0, .planned()))
    tanh = try Product(
      .eltwise(engine, .tanh, src: narrow, alpha: 0, beta: 0, .planned()))
    gates = table.newBuffer(
      try MemoryDescriptor([shape.steps * shape.batch, shape.width]))
    cell = table.newBuffer(narrow)
    bent = table.newBuffer(narrow)
    rounding =
      shape.type == .f32
      ? nil
      : (
        try Product(.reorder(engine, src: narrow, dst: output, .planned())),
        table.newBuffer(narrow)
      )
  }

  /// Appends a direction; its result is T N H.
  ///
  /// `states` are the weights of its slices of the gates, one after another.
  mutating func append(
    direction: Int, source: Tensor, weights: Constant, bias: Constant, states: [Constant]
  ) throws(DNNLError) -> Tensor {
    let result = table.newBuffer(
      try MemoryDescriptor([shape.steps, shape.batch, shape.hidden], shape.type))
    let plain = try MemoryDescriptor(
      [shape.steps * shape.batch, shape.channels], shape.type)
    let rows = source.viewed(as: inputs.source ?? plain)
    append(
      inputs,
      [
        (.src, .tensor(rows)), (.weights, .constant(weights)), (.bias, .constant(bias)),
        (.dst, .tensor(gates.viewed(as: inputs.result))),
      ])
    var before: Tensor?
    for step in shape.order(direction) {
      let row = gates.part(wide, at: step * wide.size)
      let gates = Operand.tensor(row)
      if let before {
        let state = before.viewed(as: self.states.source ?? output)
        for (slice, weights) in states.enumerated() {
          let part = row.part(self.states.result, at: slice * self.states.result.size)
          append(
            self.states,
            [(.src, .tensor(state)), (.weights, .constant(weights)), (.dst, .tensor(part))])
        }
      } else {
        append(activation, [(.src, gates), (.dst, gates)])
      }
      let after = result.part(output, at: step * output.size)
      commands.append(
        .host(
          LSTMState(isFirst: before == nil), inputs: [gates], types: [wideType], output: cell,
          narrowType))
      append(tanh, [(.src, .tensor(cell)), (.dst, .tensor(bent))])
      commands.append(
        .host(
          LSTMOutput(), inputs: [gates, .tensor(bent)], types: [wideType, narrowType],
          output: rounding?.source ?? after, narrowType))
      if let rounding {
        append(rounding.product, [(.src, .tensor(rounding.source)), (.dst, .tensor(after))])
      }
      before = after
    }
    return result
  }

  /// Appends what makes one result of those of the directions.
  mutating func join(_ parts: [Tensor], _ dims: [Int]) throws(DNNLError) -> Tensor {
    guard parts.count > 1 else { return parts[0] }
    let result = table.newBuffer(try MemoryDescriptor(dims, shape.type))
    let sources = parts.map(\.descriptor)
    let joint =
      shape.direction == .bidirectionalSum
      ? try Product(
        .sum(
          engine, scales: parts.map { _ in 1 }, src: sources, dst: result.descriptor,
          .planned()))
      : try Product(
        .concat(
          engine, axis: 2, src: sources, dst: result.descriptor, .planned()))
    append(
      joint,
      parts.enumerated().map { (.multipleSrc($0.offset), .tensor($0.element)) }
        + [(.dst, .tensor(result))])
    return result
  }

  private mutating func append(_ product: Product, _ arguments: [(Argument, Operand)]) {
    commands.append(.primitive(product.primitive, arguments, scratchpad: product.scratchpad))
  }

  private static func type(_ descriptor: MemoryDescriptor) throws(DNNLError) -> TensorType {
    do throws(ShapeError) { return try TensorType(dims: descriptor.dims, .nc) } catch {
      throw PlanError("shape of a recurrent layer").thrown
    }
  }
}
