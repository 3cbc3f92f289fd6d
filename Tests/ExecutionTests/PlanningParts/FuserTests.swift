import DNNL
import TestSupport
import Testing
import Topology

@testable import Execution
@testable import Measuring

/// What could be fused, and what is, with no plan around it.
@Suite struct FuserTests {
  private func program(_ tail: GraphBuilder.PrimitiveSpec...) throws -> Program {
    var net = try Net([1, 16, 6, 6], .nchw)
    try net.layer("conv", .init("conv", ["filters": "16", "kernel": "1"]), .init("batch-norm"))
    for (index, primitive) in tail.enumerated() { try net.layer("tail\(index)", primitive) }
    return try net.program()
  }

  private func chains(_ parts: Parts, isOn: Bool = true) -> ChainFinder {
    ChainFinder(parts.flow, parts.table, parts.loader(), parts.numbers(), isOn: isOn)
  }

  private func names(_ links: [Link]) -> [String] {
    links.map { link in
      switch link.action {
      case .quantize: "quantize"
      case .fold: "fold"
      case .eltwise: "eltwise"
      case .binary: "binary"
      }
    }
  }

  @Test func chainsEndWhereAnotherReads() throws {
    let whole = try Parts(
      program(.init("activation", ["kind": "relu"]), .init("activation", ["kind": "tanh"])))
    #expect(names(chains(whole).chain(from: 0, channelAxis: 1)) == ["fold", "eltwise", "eltwise"])
    #expect(names(chains(whole).chain(from: 0, channelAxis: nil)).isEmpty)
    #expect(chains(whole, isOn: false).chain(from: 0, channelAxis: 1).isEmpty)
    // A pooling is no part of the step before it.
    let pooled = try Parts(program(.init("pool", ["kernel": "2"])))
    #expect(names(chains(pooled).chain(from: 0, channelAxis: 1)) == ["fold"])
    // What reads the sum's other operand cannot run before it is made.
    var net = try Net([1, 16, 6, 6], .nchw)
    try net.layer("conv", .init("conv", ["filters": "16", "kernel": "1"]))
    try net.layer("other", from: ["data"], .init("conv", ["filters": "16", "kernel": "1"]))
    try net.layer("sum", .init("add", with: ["conv"]))
    let forked = try Parts(net.program())
    #expect(chains(forked).chain(from: 0, channelAxis: 1).isEmpty)
    let made = forked.table.newBuffer(try MemoryDescriptor([1, 16, 6, 6]))
    forked.table.complete([0], in: made)
    #expect(names(chains(forked).chain(from: 1, channelAxis: 1)) == ["binary"])
  }

  /// A layer is fused whole or not at all.
  @Test func lengthsLeaveNoLayerHalf() throws {
    var net = try Net([1, 16, 6, 6], .nchw)
    try net.layer("conv", .init("conv", ["filters": "16", "kernel": "1"]))
    try net.layer(
      "two", .init("activation", ["kind": "relu"]), .init("activation", ["kind": "tanh"]))
    let chains = try chains(Parts(net.program()))
    let links = chains.chain(from: 0, channelAxis: 1)
    #expect(links.count == 2)
    #expect(chains.lengths(of: links, anchor: 0) == [2, 0])
  }

  @Test func whatIsFusedIsNamed() throws {
    let parts = try Parts(program(.init("activation", ["kind": "relu"])))
    let context = parts.context()
    let dst = try MemoryDescriptor.open([1, 16, 6, 6])
    let epilogue = try context.fuser.fuse(site(parts), dst: dst).epilogue
    #expect(epilogue.names == ["batch_normalization", "eltwise_relu"])
    #expect(epilogue.folded == [1])
    let alone = try context.fuser.alone(site(parts), dst: dst).epilogue
    #expect(alone.links.isEmpty)
  }

  private func site(_ parts: Parts) throws -> FusionSite {
    let window = Window(
      strides: [1, 1], dilation: [1, 1], paddingBegin: [0, 0], paddingEnd: [0, 0])
    let src = try MemoryDescriptor.open([1, 16, 6, 6])
    let weights = try MemoryDescriptor.open([16, 16, 1, 1])
    let bias = try MemoryDescriptor([16])
    let engine = parts.engine
    return FusionSite(anchor: 0, dims: [1, 16, 6, 6], channelAxis: 1) {
      (attributes: borrowing PrimitiveAttributes, dst, needsBias) throws(DNNLError) in
      try .convolution(
        engine, .direct, src: src, weights: weights, bias: needsBias ? bias : nil, dst: dst, window,
        attributes)
    }
  }
}
