import TestSupport
import Testing
import Topology

/// Taps that meet a cell, by hand and against loops over all of them.
@Suite struct ValidTapsTests {
  private func count(_ axes: ValidTaps.Axis...) -> [Int] {
    let found = ValidTaps(axes)
    return [found.pairs, found.inputs, found.taps]
  }

  @Test func byHand() {
    // 3 taps on 5 cells padded by 1: 4, 5 and 4 positions.
    #expect(
      count(.init(input: 5, output: 5, kernel: 3, begin: 1)) == [13, 5, 3])
    // Dilation 24 on 28 cells: the outer taps meet 4 each.
    #expect(
      count(.init(input: 28, output: 28, kernel: 3, dilation: 24, begin: 24)) == [36, 28, 3])
    // Dilation beyond the input: the middle tap alone.
    #expect(
      count(.init(input: 28, output: 28, kernel: 3, dilation: 28, begin: 28)) == [28, 28, 1])
    // A kernel of 1 with a stride of 2 skips every other cell.
    #expect(count(.init(input: 7, output: 4, kernel: 1, stride: 2)) == [4, 4, 1])
    // One cell, a stride of 2 and padding of 63: every position is even, the cell odd.
    #expect(
      count(.init(input: 1, output: 64, kernel: 1, stride: 2, begin: 63)) == [0, 0, 0])
    #expect(
      count(.init(input: 1, output: 2, kernel: 125, stride: 2, begin: 63)) == [2, 1, 2])
    // Two axes multiply.
    let axis = ValidTaps.Axis(input: 5, output: 5, kernel: 3, begin: 1)
    #expect(count(axis, axis) == [169, 25, 9])
  }

  @Test func againstLoops() {
    var random = 1
    func next(_ range: ClosedRange<Int>) -> Int {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return range.lowerBound + (random >> 33 & 0x7fff_ffff) % range.count
    }
    for _ in 0..<2000 {
      let axis = ValidTaps.Axis(
        input: next(1...12), output: next(1...12), kernel: next(1...6), stride: next(1...4),
        dilation: next(1...5), begin: next(0...9))
      var (pairs, cells, taps): (Int, Set<Int>, Set<Int>) = (0, [], [])
      for position in 0..<axis.output {
        for tap in 0..<axis.kernel {
          let cell = position * axis.stride + tap * axis.dilation - axis.begin
          guard (0..<axis.input).contains(cell) else { continue }
          pairs += 1
          cells.insert(cell)
          taps.insert(tap)
        }
      }
      #expect(count(axis) == [pairs, cells.count, taps.count], "\(axis)")
    }
  }

  /// FLOP that run, of layers whose published count holds the padding.
  @Test(arguments: [
    // ResNet-50's conv5: 3 × 3 on 7 × 7: 19² pairs for 21².
    (
      "conv", ["filters": "512", "kernel": "3", "padding": "1", "bias": "false"],
      "1x512x7x7 nchw", 2 * 512 * 512 * 361
    ),
    // The specimen: 36² pairs for 84².
    (
      "conv",
      ["filters": "256", "kernel": "3", "padding": "24", "dilation": "24", "bias": "false"],
      "1x512x28x28 nchw", 2 * 256 * 512 * 1296
    ),
    (
      "conv", ["filters": "1", "kernel": "125x1", "stride": "2", "padding": "63x63"],
      "100x64x1x1 nchw", 0
    ),
    // Groups of 2 channels; 4 taps at even positions of 1-D: 3, 4, 4, 3 of 4.
    (
      "conv", ["filters": "6", "kernel": "4", "padding": "1", "stride": "2", "groups": "3"],
      "2x6x8 ncw", 2 * 2 * 6 * 2 * 14
    ),
    // Each of 2 cells is spread over 3 of which one falls outside at the front of the first and none
    // else: output (2 − 1)·2 − 1 + 3 = 4.
    (
      "deconv", ["filters": "5", "kernel": "3", "stride": "2", "padding": "1,0"], "1x4x2 ncw",
      2 * 4 * 5 * 5
    ),
    // 2-D with the same axis twice: 5² pairs.
    (
      "deconv", ["filters": "5", "kernel": "3", "stride": "2", "padding": "1,1,0,0"],
      "1x4x2x2 nchw", 2 * 4 * 5 * 25
    ),
    // ResNet's pooling: 3 × 3, stride 2, padding 1 on 112: 167 of 168 on each axis.
    (
      "pool", ["kernel": "3", "stride": "2", "padding": "1"], "1x64x112x112 nchw",
      64 * 167 * 167
    ),
    // The last, partial window of `ceil`.
    ("pool", ["kernel": "2", "ceil": "true"], "1x1x5 ncw", 5),
  ])
  func executed(
    element: String, attributes: [String: String], input: String, flops: Int
  ) throws {
    let cost = try Graph.single(element, attributes, on: [tensorType(input)]).cost
    #expect(cost.executedFlops == flops)
    #expect(cost.flops >= flops)
  }

  @Test func withoutPaddingAllRuns() throws {
    for (element, attributes) in [
      ("conv", ["filters": "8", "kernel": "3", "dilation": "2"]), ("pool", ["kernel": "2"]),
      ("deconv", ["filters": "8", "kernel": "3", "stride": "2", "output-padding": "1"]),
    ] {
      let cost = try Graph.single(element, attributes, on: [tensorType("2x4x10x12 nchw")]).cost
      #expect(cost.paddingFlops == 0 && cost.flops > 0, "\(element)")
    }
  }

  /// What a convolution leaves out is what the layer's cost says.
  @Test func operationsInThePadding() {
    let convolution = Convolution(
      filters: 6, kernel: [4], stride: [2], paddingBegin: [1], paddingEnd: [1], dilation: [1],
      groups: 3, bias: false)
    let valid = convolution.validTaps(input: [8], output: [4])
    #expect(valid.pairs == 14)
    #expect(
      convolution.paddingFlops(valid, positions: [4], batch: 2, channels: 6)
        == 2 * 2 * 6 * 2 * (16 - 14))
  }

  @Test func sumsKeepThePadding() throws {
    let one = Cost(macs: 5, flops: 10, paddingFlops: 4)
    let sum = try one.adding(Cost(macs: 1, flops: 2)).adding(one)
    #expect(sum.executedFlops == 14 && sum.flops == 22)
  }
}
