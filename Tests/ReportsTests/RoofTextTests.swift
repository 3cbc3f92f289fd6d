import Profiling
import Reports
import TestSupport
import Testing

/// Table and roofline plot say the same of a layer and of its roof.
@Suite struct RoofTextTests {
  private func table(_ record: RunRecord) -> String {
    String(
      decoding: TableFormat().render(record, options: ReportOptions(width: 120)), as: UTF8.self)
  }

  private func page(_ record: RunRecord) -> String {
    let options = ReportOptions(assets: PageAssetsTests.Fake())
    return String(decoding: HTMLFormat().render(record, options: options), as: UTF8.self)
  }

  @Test(arguments: [
    (0.994, "memory 99 %"), (1.0, "memory, at the roof"), (1.08, "memory, at the roof"),
    (1.15, "memory, at the roof"), (1.3, "memory? 130 %"),
  ])
  func atTheRoof(efficiency: Double, text: String) {
    var record = SampleRecords.deepspeech()
    record.layers[3].bound = Bound(
      class: .memory, method: .roofline,
      confidence: efficiency > Roofline.suspectAbove ? "low" : "high",
      evidence: ["efficiency": efficiency, "memory_ns": 1, "compute_ns": 0.1])
    let row = table(record).split(separator: "\n").first { $0.contains("bilstm") } ?? ""
    #expect(row.contains(text), "\(row)")
  }

  /// One LSTM reads its weights 16 times: its AI is 1 where each byte counted once gives 8.
  @Test func tableAndPlotHaveOneIntensity() throws {
    let record = SampleRecords.deepspeech()
    let layer = record.layers[3]
    let intensity = try #require(layer.trafficIntensity)
    #expect(layer.arithmeticIntensity > 7 && intensity < 1)
    let rate = try #require(layer.metrics["gflops_per_second"])
    let bytes = try #require(layer.metrics["gigabytes_per_second"])
    #expect(abs(intensity * bytes / rate - 1) < 1e-12)
    let row = table(record).split(separator: "\n").first { $0.contains("bilstm") } ?? ""
    #expect(row.contains("0.941") || row.contains("0.94"), "\(row)")
    #expect(page(record).contains("AI, model: FLOP per byte of traffic"))
  }

  @Test func theRoofThatIsDrawnIsTheRunS() {
    var record = SampleRecords.deepspeech()
    record.machine.rooflines?.memoryGbs = [60, 64, 70]
    #expect(page(record).contains("DRAM 64.0 GB/s"))
    // Since copies are measured the whole curve is the run's, and its end counts.
    let last = (record.machine.rooflines?.bandwidth.count ?? 1) - 1
    record.machine.rooflines?.bandwidth[last].gbs = 66
    record.machine.rooflines?.bandwidth[last].copyGbs = 50
    #expect(page(record).contains("DRAM 66.0 GB/s"))
    record.options.cache = "cold"
    record.machine.rooflines?.cold = .init(gbs: 33)
    #expect(page(record).contains("DRAM 33.0 GB/s"))
  }

  /// Rates and totals are of what ran: 36² of 84² taps of a convolution with dilation 24.
  @Test func ratesAreOfWhatRan() {
    var record = SampleRecords.deepspeech()
    let counted = Double(record.layers[0].flops)
    #expect(record.executedFlops == Double(record.totals.flops))
    record.layers[0].metrics["executed_flops"] = counted / 4
    record.layers[1].fusedInto = record.layers[0].name
    let fused = Double(record.layers[1].flops)
    #expect(
      record.executedFlops == Double(record.totals.flops) - counted - fused + counted / 4)
  }
}
