import Execution
import Measuring
import TestSupport
import Testing
import Topology

/// The bytes of convolutions and poolings are those that their windows meet.
@Suite struct TouchedPartsTests {
  private func traffic(
    _ dims: [Int], _ element: String, _ attributes: [String: String], kind: String
  ) throws -> StepTraffic {
    var net = try Net(dims, .nchw)
    try net.layer("layer", .init(element, attributes))
    let plan = try Plan(net.program(), options: PlanOptions())
    return try #require(plan.steps.first { $0.kind == kind }).traffic
  }

  @Test func aStrideSkipsCells() throws {
    // 4 × 4 of 8 × 8 places.
    let found = try traffic(
      [1, 32, 8, 8], "conv", ["filters": "64", "kernel": "1", "stride": "2", "bias": "false"],
      kind: "convolution")
    #expect(found.activationBytes == 4 * (32 * 16 + 64 * 16))
    #expect(found.writtenBytes == 4 * 64 * 16)
    #expect(found.weightBytes == 4 * 32 * 64)
  }

  @Test func tapsInThePaddingAreNotRead() throws {
    // Dilation 8 on 8 × 8: the middle one of nine taps.
    let found = try traffic(
      [1, 32, 8, 8], "conv",
      ["filters": "32", "kernel": "3", "padding": "8", "dilation": "8", "bias": "false"],
      kind: "convolution")
    #expect(found.weightBytes == 4 * 32 * 32)
    #expect(found.activationBytes == 4 * 2 * 32 * 64)
  }

  @Test func aPoolingThatSkips() throws {
    // 2 × 2 of every 4 × 4: a quarter.
    let found = try traffic(
      [1, 16, 8, 8], "pool", ["kernel": "2", "stride": "4"], kind: "pooling")
    #expect(found.activationBytes == 4 * (16 * 16 + 16 * 4))
  }
}
