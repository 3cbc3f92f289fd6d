import Profiling
import Reports
import TestSupport
import Testing

/// The reasons of slow layers in words, in every format for people.
@Suite struct HindranceTextTests {
  /// A record whose fourth layer states some reasons.
  private func record(_ reasons: [Hindrance]) -> RunRecord {
    var record = SampleRecords.deepspeech()
    record.layers[3].hindrances = reasons
    return record
  }

  private func table(_ record: RunRecord, verbose: Bool = true) -> String {
    String(
      decoding: TableFormat().render(record, options: ReportOptions(width: 1000, verbose: verbose)),
      as: UTF8.self)
  }

  private func text(_ format: any ReportFormat, _ record: RunRecord) -> String {
    String(decoding: format.render(record), as: UTF8.self)
  }

  @Test func tablesSaySoWhenAsked() {
    let record = record([
      Hindrance(
        .steps,
        evidence: ["steps": 16, "step_ns": 3.8e6, "batch": 1, "weight_bytes": 2.69e8])
    ])
    #expect(
      table(record).contains(
        "• 16 steps one after another of 3.80 ms, each reads the recurrent weights for one row "
          + "(weights: 269 MB)\n"))
    #expect(table(record).contains("Below 80 % of their roof, and why\n"))
    #expect(!table(record, verbose: false).contains("Below 80 %"))
  }

  @Test func pageAndMarkdownAlwaysDo() {
    let record = record([
      Hindrance(.reorders, share: 0.25, evidence: ["reorder_ns": 2e5, "count": 2])
    ])
    let sentence = "2 changes of format, 200 µs: 25 % of its time"
    let page = text(HTMLFormat(), record)
    #expect(page.contains("<li>\(sentence)</li>"))
    #expect(page.contains("<a href=\"#layer-3\">bilstm</a>"))
    #expect(text(MarkdownFormat(), record).contains("- **bilstm** (memory 88 %): \(sentence)\n"))
  }

  @Test func whatIsNotKnownLeadsFurther() {
    var record = record([Hindrance(.unknown, evidence: ["explained": 0.6])])
    #expect(
      table(record).contains(
        "• the numbers at hand explain 60 % of its time; the rest is not known"))
    #expect(table(record).contains("What is not known: `--tuning search` says"))
    record.options.tuning = "search"
    #expect(!table(record).contains("`--tuning search` says"))
    record.layers[0].counters = CounterRecord(source: "papi", events: [:])
    #expect(table(record).contains("`--events topdown` says what the core waited for"))
  }

  @Test func recordsWithoutSlowLayersHaveNoSuchPart() {
    #expect(!table(SampleRecords.deepspeech()).contains("and why"))
    #expect(!text(HTMLFormat(), SampleRecords.deepspeech()).contains("and why"))
  }

  /// Every reason has words of its own, with nothing missing in them.
  @Test func allReasonsHaveWords() {
    let numbers = [
      "call_ns", "calls", "undisturbed_ns", "thread_imbalance", "threads", "clock_hz",
      "calibrated_hz", "reference_ns", "host_ns", "column_bytes", "bandwidth_gbs", "reorder_ns",
      "count", "pieces", "piece_bytes", "piece_ns", "other_ns", "channels", "terms", "lanes",
      "filled", "row", "places", "window", "load_bytes", "l1_gbs", "memory_ns", "compute_ns",
      "working_set_bytes", "outer_gbs", "output_bytes", "steps", "step_ns", "batch",
      "weight_bytes", "function_ns", "elements", "instructions", "per_vector",
      "algorithm_flops_ratio", "peak_fraction", "explained",
    ]
    let evidence = Evidence(
      byName: Dictionary(uniqueKeysWithValues: numbers.map { ($0, 3.0) }))
    var seen: Set<String> = []
    for code in Hindrance.Code.allCases {
      let lines = table(record([Hindrance(code, share: 0.5, evidence: evidence)]))
        .split(separator: "\n").filter { $0.hasPrefix("• ") || $0.hasPrefix("  • ") }
      let line = String(lines.first ?? "")
      #expect(seen.insert(line).inserted, "\(code) says what another one says: \(line)")
      #expect(!line.contains("nan") && line.count > 20)
    }
  }
}
