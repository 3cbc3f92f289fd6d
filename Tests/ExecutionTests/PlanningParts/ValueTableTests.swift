import DNNL
import TestSupport
import Testing
import Topology

@testable import Execution
@testable import Measuring

/// Where values lie and for how long, with no plan around it.
@Suite struct ValueTableTests {
  /// Two functions of one input, and their sum.
  private func parts() throws -> Parts {
    var net = try Net([1, 4], .nc)
    try net.layer("a", .init("activation", ["kind": "tanh"]))
    try net.layer("b", from: ["data"], .init("activation", ["kind": "abs"]))
    try net.layer("c", .init("add", with: ["a"]))
    return try Parts(net.program())
  }

  @Test func buffersLiveFromTheirStepToTheLastThatTouchesThem() throws {
    let table = try parts().table
    try table.addInput(0)
    let first = table.newBuffer(try MemoryDescriptor([1, 4]))
    table.advance()
    let second = table.newBuffer(try MemoryDescriptor([1, 4]))
    table.touch(first)
    table.advance()
    table.touch(second)
    let ends = table.buffers.map { [$0.first, $0.last] }
    #expect(ends == [[0, 0], [0, 1], [1, 2]])
    #expect(table.buffers.map(\.isPinned) == [true, false, false])
    table.keep(first)
    #expect(table.buffers[first.buffer].last == .max)
  }

  @Test func whatHasReadersLeftIsNotOverwritten() throws {
    let parts = try parts()
    let table = parts.table
    try table.addInput(0)
    let made = table.newBuffer(try MemoryDescriptor([1, 4]))
    table.complete([0], in: made)
    // The sum alone reads it.
    #expect(table.isOverwritable(made, by: [2]))
    #expect(!table.isOverwritable(made, by: [1]))
    // The input of the network outlives every reader.
    #expect(!table.isOverwritable(try table.tensor(of: 0), by: [0, 1]))
    let keeping = ValueTable(parts.flow, keepsAll: true)
    let kept = keeping.newBuffer(try MemoryDescriptor([1, 4]))
    keeping.complete([0], in: kept)
    #expect(!keeping.isOverwritable(kept, by: [2]))
  }

  @Test func outputsAreTakenOnceTheyAreMade() throws {
    let parts = try parts()
    let table = parts.table
    let output = parts.flow.canonical[parts.flow.program.outputs[0]]
    #expect(table.takeOpenOutput() == nil)
    #expect(table.made(output) == nil)
    #expect(!table.isPlanned(2))
    table.complete([2], in: table.newBuffer(try MemoryDescriptor([1, 4])))
    #expect(table.isPlanned(2))
    #expect(table.takeOpenOutput() == output)
    #expect(table.takeOpenOutput() == nil)
  }

  @Test func formsBelongToTheirValue() throws {
    let table = try parts().table
    #expect(throws: DNNLError.self) { try table.tensor(of: 1) }
    let own = table.newBuffer(try MemoryDescriptor([1, 4]))
    table.complete([0], in: own)
    let copy = table.newBuffer(try MemoryDescriptor([1, 4], .bf16))
    table.add(copy, as: 1)
    #expect(table.forms(of: 1).map(\.type) == [.f32, .bf16])
    #expect(table.made(1)?.buffer == own.buffer)
    #expect(table.buffers[copy.buffer].values == [1])
  }

  /// Tensors of joined buffers are found in the whole one, and it lives as long as any part.
  @Test func joinedBuffersBecomeParts() throws {
    let table = try parts().table
    let descriptor = try MemoryDescriptor([1, 4])
    let first = table.newBuffer(descriptor)
    table.complete([0], in: first)
    table.advance()
    let second = table.newBuffer(descriptor)
    table.complete([1], in: second)
    #expect(Joining.isPossible([first, second], axis: 1, in: table))
    #expect(!Joining.isPossible([first, first], axis: 1, in: table))
    let whole = table.newBuffer(try MemoryDescriptor([1, 8]))
    table.join([first, second], into: whole)
    #expect(table.buffers[whole.buffer].first == 0)
    #expect(table.made(1)?.buffer == whole.buffer && table.made(1)?.offset == 0)
    #expect(table.made(2)?.buffer == whole.buffer && table.made(2)?.offset == descriptor.size)
    // What is a part already is joined no more.
    #expect(!Joining.isPossible([first, second], axis: 1, in: table))
  }
}
