import Execution
import Measuring
import Profiling
import TestSupport
import Testing
import Topology
import TopologyXML

/// What the roofs allow layers that have not run.
@Suite struct PredictionTests {
  /// 100 GFLOP/s in f32; 10 GB/s whatever the working set.
  private static let roofs = Rooflines(
    peakFlops: .init(f32: 1e11, int8: 4e11), bandwidth: [.init(bytes: 1 << 30, gbs: 10)],
    clockHz: 3e9, threads: 1)

  private func rows(
    _ layers: String, input: String, layout: String = "", roofs: Rooflines? = roofs,
    precision: Precision = .f32
  ) throws -> RunRecord {
    let text = """
      <topology name="t" version="1"><input name="x" shape="\(input)"\(layout)/>\(layers)</topology>
      """
    let graph = try TopologyReader().read(bytes: Array(text.utf8), file: "t.xml").graph
    let assembler = RecordAssembler(
      graph: graph, selection: [Bool](repeating: true, count: graph.layers.count),
      numbers: LayerNumbers.uniform(graph, precision))
    var record = SampleRecords.deepspeechShown()
    record.machine.rooflines = roofs
    record.layers = assembler.layers()
    assembler.predict(&record, of: try graph.program(), on: OneDNNEngine())
    return record
  }

  @Test func theLongerOfTheTwoTimesCounts() throws {
    let fc = try rows(#"<layer name="a"><fc units="1000" bias="false"/></layer>"#, input: "1x1000")
    // 10⁶ weights of 4 bytes, 1000 numbers in and out; 2 · 10⁶ FLOP.
    #expect(
      fc.layers[0].predicted
        == RoofPrediction(class: .memory, leastNs: 400_800, memoryNs: 400_800, computeNs: 20_000))
    let conv = try rows(
      #"<layer name="a"><conv filters="64" kernel="3" padding="1" bias="false"/></layer>"#,
      input: "1x64x56x56")
    let predicted = try #require(conv.layers[0].predicted)
    // 9 · 64 · 64 multiply-adds for each of 56 · 56 pixels, less those of taps in the padding.
    #expect(predicted.class == .core && predicted.leastNs == predicted.computeNs)
    #expect(predicted.computeNs == Double(2 * 64 * 64 * (3 * 56 - 2) * (3 * 56 - 2)) / 100)
  }

  @Test func precisionsHaveTheirOwnPeaks() throws {
    let int8 = try rows(
      #"<layer name="a"><fc units="1000" bias="false"/></layer>"#, input: "1x1000", precision: .int8
    )
    #expect(int8.layers[0].predicted?.computeNs == 5000)
  }

  @Test func weightsOfStatesAreReadAtEveryStep() throws {
    let lstm = try rows(
      #"<layer name="a"><lstm hidden="16" direction="bidirectional"/></layer>"#, input: "5x1x8",
      layout: #" layout="tnc""#)
    let row = lstm.layers[0]
    // Four steps after the first, two directions, four gates of 16 x 16 numbers.
    let again = 4 * 2 * 4 * 16 * 16 * 4
    #expect(row.predicted?.memoryNs == Double(row.bytes.total + again) / 10)
  }

  @Test func whatDoesNotRunHasNone() throws {
    let layers = """
      <layer name="a"><activation kind="relu"/></layer><layer name="view"><flatten/></layer>
      <layer name="b"><fc units="4"/></layer>
      """
    let record = try rows(layers, input: "1x2x3x3")
    #expect(record.layers.map { $0.predicted == nil } == [false, true, false])
    #expect(record.predictedNs == record.layers.compactMap { $0.predicted?.leastNs }.reduce(0, +))
    let unknown = try rows(layers, input: "1x2x3x3", roofs: nil)
    #expect(unknown.layers.allSatisfy { $0.predicted == nil } && unknown.predictedNs == nil)
  }
}
