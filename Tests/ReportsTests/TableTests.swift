import Profiling
import Reports
import TestSupport
import Testing

@Suite struct TableTests {
  private func table(_ record: RunRecord, width: Int = 120, color: Bool = false) -> String {
    let options = ReportOptions(width: width, color: color)
    return String(decoding: TableFormat().render(record, options: options), as: UTF8.self)
  }

  @Test func colourOnlyWhenAsked() {
    let plain = table(SampleRecords.withHardwareCounters())
    let painted = table(SampleRecords.withHardwareCounters(), color: true)
    #expect(!plain.contains("\u{1b}"))
    #expect(painted.contains("\u{1b}[34mmemory 88 %\u{1b}[0m"))
    #expect(painted.replacing(/\u{1b}\[\d+m/, with: "") == plain)
  }

  @Test func verySmallRatesHaveThreeDigits() {
    var record = SampleRecords.deepspeech()
    record.layers[0].metrics["gflops_per_second"] = 2.6746739718699525e-06
    record.layers[1].metrics["gflops_per_second"] = 0.00099951
    let text = table(record)
    #expect(text.contains(" 2.67e−6 "))
    #expect(text.contains(" 1.00e−3 "))
  }

  @Test func hardwareCountersGetATableOfTheirOwn() {
    let text = table(SampleRecords.withHardwareCounters())
    #expect(text.contains("LLC misses  MPKI"))
    #expect(text.contains("3  bilstm   226 M         179 M  0.792      13.5 M  75.0 "))
    #expect(!text.contains("no hardware counters"))
    #expect(!table(SampleRecords.deepspeech()).contains("LLC misses"))
  }

  @Test(arguments: [60, 80, 100, 120, 160])
  func linesFitTheWidth(width: Int) {
    for sample in SampleRecords.all {
      let lines = table(sample.record, width: width).split(separator: "\n")
      // Wide characters take two columns.
      let widths = lines.map { line in line.count + line.filter { $0 == "層" }.count }
      let longest = widths.max() ?? 0
      #expect(longest <= width, "\(sample.testDescription)")
      #expect(lines.allSatisfy { !$0.hasSuffix(" ") })
    }
  }

  @Test func everyLayerHasItsRow() {
    let lines = table(SampleRecords.large(layers: 300)).split(separator: "\n")
    #expect(lines.filter { $0.contains("brgconv") }.count == 300)
  }

  @Test func namesDoNotSteerTheTerminal() {
    let text = table(SampleRecords.hostile())
    #expect(!text.contains("\u{1b}") && !text.contains("\u{202e}"))
  }

  @Test func whatIsMissingIsADash() {
    let text = table(SampleRecords.interrupted())
    #expect(text.contains("interrupted: what was measured until then stands"))
    #expect(text.contains("5  fc5           fc    16x1x29         –      –"))
    #expect(text.contains("(3 samples: no interval below 6)"))
  }

  /// A network of one small layer: the page's card has room for six characters or so.
  @Test(arguments: [
    (12.34, "12.3 inferences/s"), (99_999, "99999 inferences/s"), (99_999.6, "100 k inferences/s"),
    (1_865_672, "1.87 M inferences/s"),
  ]) func largeRatesHavePrefixes(rate: Double, text: String) {
    var record = SampleRecords.deepspeech()
    record.endToEnd?.throughputPerSecond = rate
    #expect(table(record).contains("throughput  \(text)"))
    let page = String(decoding: HTMLFormat().render(record), as: UTF8.self)
    #expect(!page.contains("1865672"))
  }

  @Test func missingCountersAreOneLineAtTheEnd() {
    var record = SampleRecords.deepspeech()
    let line = "\nno hardware counters here, so cycles are estimated: `ntprof machine` says why\n"
    for warnings in [record.warnings, []] {
      record.warnings = warnings
      #expect(table(record).hasSuffix(line))
      #expect(!table(record).contains("! no hardware counters"))
    }
    // Who asked for something else misses nothing.
    for choice in ["none", "estimated", "software"] {
      record.options.counters = choice
      #expect(!table(record).contains("hardware counters"))
    }
  }

  @Test func aRowWithoutATimeSaysWhy() {
    var record = SampleRecords.deepspeech()
    for index in [0, 1, 2] {
      record.layers[index].time = nil
      record.layers[index].share = nil
      record.layers[index].bound = nil
    }
    record.layers[0].untimed = .fused
    record.layers[0].fusedInto = "fc4"
    record.layers[1].untimed = .nothingRuns
    let known = table(record, width: 140)
    #expect(known.contains(/fc1 .* fused .* into fc4/) && known.contains(/fc2 .* nothing runs/))
    #expect(known.contains("unattributed"))
    record.layers[2].untimed = .notMeasured
    let text = table(record, width: 140)
    #expect(text.contains(/fc3 .* not measured/))
    #expect(text.contains("layers not measured") && !text.contains("unattributed"))
    let markdown = String(
      decoding: MarkdownFormat().render(record, options: .init()), as: UTF8.self)
    #expect(
      markdown.contains(/fc1 .* fused .* into fc4/) && markdown.contains("layers not measured"))
    let csv = String(decoding: CSVFormat().render(record, options: .init()), as: UTF8.self)
    let rows = csv.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let columns = ["untimed", "fused_into", "time_mean_ns"].map { rows[0].firstIndex(of: $0[...]) }
    #expect(columns.map { rows[1][$0 ?? 0] } == ["fused", "fc4", ""])
    #expect(columns.map { rows[3][$0 ?? 0] } == ["not-measured", "", ""])
    let page = String(decoding: HTMLFormat().render(record), as: UTF8.self)
    #expect(
      page.contains("<small>into fc4</small>") && page.contains("<small>not measured</small>"))
    // Older records name only the layer.
    record.layers[0].untimed = nil
    #expect(table(record, width: 140).contains(/fc1 .* fused .* into fc4/))
  }

  @Test func nothingInARecordSteersATerminal() {
    var record = SampleRecords.deepspeech()
    let evil = "fc\u{1b}[31m\u{202e}\u{200f}\u{9b}1"
    record.layers[0].name = evil
    record.topology.name = evil
    record.warnings = [Warning(code: "x", message: evil, remedy: evil)]
    let unsafe: [Unicode.Scalar] = ["\u{1b}", "\u{202e}", "\u{200f}", "\u{9b}"]
    for format in ReportFormats.all where format.name != "json" {
      let text = String(decoding: format.render(record, options: .init()), as: UTF8.self)
      #expect(!text.unicodeScalars.contains(where: unsafe.contains), "\(format.name)")
      if format.isText { #expect(text.contains("fc\u{fffd}"), "\(format.name)") }
    }
    #expect(DisplayText.clean("a\n\u{7}b", keeping: ["\n"]) == "a\n\u{fffd}b")
  }

  @Test func comparabilityIsSaidFirst() {
    let script = ScriptedProcesses()
    let factors = [1, 1.001, 1.002, 1.003, 1.004, 1.005, 1.006, 1.007]
    var candidate = script.record(factors.map { $0 * 1.05 })
    candidate.machine.cpu = "another"
    let diff = Diff(baseline: script.record(factors), candidate: candidate)
    let text = String(decoding: TableFormat().render(diff), as: UTF8.self)
    #expect(text.contains("\nnot comparable: CPU: AMD EPYC 9R45 against another\n"))
    #expect(text.contains("bilstm, fc4, fc3 and 3 more: same FLOP and bytes, same implementation"))
  }
}
