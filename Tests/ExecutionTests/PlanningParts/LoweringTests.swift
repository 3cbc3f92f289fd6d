import DNNL
import TestSupport
import Testing
import Topology

@testable import Execution
@testable import Measuring

/// Lowerings, each by itself.
@Suite struct LoweringTests {
  @Test func aPoolingIsOneStep() throws {
    var net = try Net([1, 16, 6, 6], .nchw)
    try net.layer("pool", .init("pool", ["kernel": "2"]))
    let parts = try Parts(net.program())
    let context = parts.context()
    guard case .pooling(let pooling) = parts.flow.program.instructions[0].operation else {
      Issue.record("a pool lowers to something else")
      return
    }
    try context.table.addInput(0)
    context.emitter.begin(layer: 7)
    try PoolingLowering(context: context, pooling: pooling).lower(0)
    let step = try #require(context.emitter.steps.last).step
    #expect(step.kind == "pooling" && step.layer == 7 && step.sources == [0])
    #expect(context.table.isPlanned(0))
    #expect(context.table.made(1)?.descriptor.dims == [1, 16, 3, 3])
    #expect(context.emitter.fusedInto == [0: 7])
  }

  @Test func aReshapeIsNoStep() throws {
    var net = try Net([1, 4, 3, 3], .nchw)
    try net.layer("flat", .init("flatten"))
    let parts = try Parts(net.program())
    let context = parts.context()
    try context.table.addInput(0)
    try ReshapeLowering(context: context).lower(0)
    #expect(context.emitter.steps.isEmpty)
    #expect(context.table.made(1)?.descriptor.dims == [1, 36])
    #expect(context.table.made(1)?.buffer == context.table.made(0)?.buffer)
  }

  /// What only moves constants is done while planning.
  @Test func movedConstantsAreConstants() throws {
    var builder = ProgramBuilder(inputs: [try TensorType(dims: [1, 2], .nc)])
    let type = try TensorType(dims: [2, 3], .nc)
    let constant = builder.emit(
      .constant(name: "c"), [], weights: [WeightSlot(.weights, dims: [2, 3])], type: type)
    let turned = builder.emit(
      .transpose(order: [1, 0]), [constant], type: try TensorType(dims: [3, 2], .nc))
    let parts = try Parts(builder.program(outputs: [turned]))
    let context = parts.context()
    try context.emitter.folding(if: true) { () throws(DNNLError) in
      try ConstantLowering(context: context).lower(0)
      try TransposeLowering(context: context, order: [1, 0]).lower(1)
    }
    #expect(!context.emitter.isFolding && context.emitter.steps.isEmpty)
    let made = try #require(context.table.made(turned))
    #expect(context.table.constant(made) != nil && made.descriptor.dims == [3, 2])
  }

  /// Every operation is lowered by something, but another name of a value.
  @Test func everyOperationHasALowering() throws {
    for (element, attributes, types) in OperationTraitsTests.layers {
      let graph = try Graph.single(
        element, attributes,
        on: types.map { text in
          let parts = text.split(separator: " ")
          return try TensorType(
            dims: parts[0].split(separator: "x").compactMap { Int($0) },
            Layout(rawValue: String(parts[1])) ?? .other)
        })
      let parts = try Parts(graph.program())
      let context = parts.context()
      for instruction in parts.flow.program.instructions {
        let lowering = instruction.operation.lowering(in: context)
        if case .identity = instruction.operation {
          #expect(lowering == nil)
        } else {
          #expect(lowering != nil, "\(instruction.operation)")
        }
      }
    }
  }
}
