import Profiling
import TestSupport
import Testing

@testable import Reports

/// How measured advice is shown, and quoted by a record.
@Suite struct AdviceTests {
  private func text(_ format: any ReportFormat) -> String {
    String(
      decoding: format.render(SampleRecords.advice(), options: ReportOptions(width: 160)),
      as: UTF8.self)
  }

  @Test func table() {
    let table = text(TableFormat())
    #expect(table.contains("latency 50.00 ms in 6 processes · 4 changes tried in 58 s"))
    #expect(table.contains("--precision int8"))
    #expect(
      table.contains("`--precision int8` is 40.0 % faster [37.5, 42.0], cosine 0.99931: ntprof"))
    #expect(table.contains("--set hidden=2032 is undecided: about 9 more processes a side would"))
    for why in [
      "others were faster", "its outputs are too far from those in f32",
      "time was up before its turn", "needs more memory than there is",
    ] {
      #expect(table.contains(why))
    }
    #expect(text(MarkdownFormat()).contains("| --precision int8 |"))
    #expect(text(HTMLFormat()).contains("<h1>"))
    #expect(text(CSVFormat()).hasPrefix("change,percent,low,high,verdict,cosine,command\n"))
    #expect(text(JSONFormat()).contains("\"schema\": \"ntprof.advice/1\""))
  }

  /// Also what was left can be seen again.
  @Test func everyLineHasItsCommand() {
    let rows = SampleRecords.advice().rows
    let lines = text(MarkdownFormat()).split(separator: "\n").filter { $0.hasPrefix("| --") }
    #expect(lines.count == rows.count && rows.contains { $0.difference == nil })
    for row in rows {
      #expect(
        lines.count { $0.hasPrefix("| \(row.change) |") && $0.contains(row.command) } == 1,
        "\(row.change)")
    }
    let page = text(HTMLFormat())
    for row in rows { #expect(page.contains(row.command), "\(row.change)") }
  }

  @Test func whatEndedEarlyIsSaid() {
    var advice = SampleRecords.advice()
    #expect(!text(TableFormat()).contains("Ended early"))
    advice.faults = ["round 2 ended with the baseline: the round before it stands"]
    let said = String(
      decoding: TableFormat().render(advice, options: ReportOptions(width: 160)), as: UTF8.self)
    #expect(said.contains("Ended early"))
    #expect(said.contains("round 2 ended with the baseline: the round before it stands"))
    #expect(said.contains("it ended before its turn") && !said.contains("time was up"))
  }

  @Test func recordsQuoteIt() throws {
    var record = SampleRecords.deepspeech()
    let before = Findings(record).all().map(\.sentence)
    #expect(before.first?.contains(": try ") == true)
    let measured = try #require(MeasuredAdvice(SampleRecords.advice()))
    record.advice = [measured]
    let after = Findings(record).all().map(\.sentence)
    #expect(
      after.first
        == "measured on 2026-03-04, the best of 4 changes: `--precision int8` is 40.0 % faster "
        + "[37.5, 42.0], cosine 0.99931: `ntprof profile deepspeech --precision int8 --processes 6` "
        + "measures it.")
    #expect(after.dropFirst().first == before.first && after.count <= 4)
  }

  @Test func nothingHelped() throws {
    var advice = SampleRecords.advice()
    advice.rows[0].difference?.verdict = .undecided
    #expect(advice.best == nil)
    let measured = try #require(MeasuredAdvice(advice))
    #expect(measured.change == nil && measured.percent == nil)
    let finding = AdviceText.finding(measured)
    #expect(
      finding.sentence
        == "none of 4 changes that were measured on 2026-03-04 makes it faster by more than can be "
        + "told.")
    advice.rows = advice.rows.filter { $0.state != .measured }
    #expect(MeasuredAdvice(advice) == nil)
  }
}
