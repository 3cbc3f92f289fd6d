import Profiling
import Reports
import TestSupport
import Testing

/// Machines side by side, in every format that shows them.
@Suite struct HardwareTests {
  private static let formats = ReportFormats.all.compactMap { $0 as? any OverviewFormat }

  private func made(_ records: RunRecord...) throws -> HardwareComparison {
    try HardwareComparison(records)
  }

  private func text(
    _ format: any OverviewFormat, _ hardware: HardwareComparison, width: Int = 120
  ) -> String {
    String(
      decoding: format.render(hardware, options: ReportOptions(width: width)), as: UTF8.self)
  }

  @Test func table() throws {
    let hardware = try made(SampleRecords.deepspeech(), SampleRecords.narrowDeepspeech())
    #expect(text(TableFormat(), hardware) == "")
  }

  @Test(arguments: [80, 100, 120])
  func linesFitTheWidth(width: Int) throws {
    let hardware = try made(SampleRecords.deepspeech(), SampleRecords.narrowDeepspeech())
    let lines = text(TableFormat(), hardware, width: width).split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= width }, "\(lines.filter { $0.count > width })")
  }

  @Test func pagesHaveTheNumbers() throws {
    let hardware = try made(SampleRecords.deepspeech(), SampleRecords.narrowDeepspeech())
    var assets = PageAssetsTests.Fake()
    assets.chartLibrary = "library"
    let drawn = String(
      decoding: HTMLFormat().render(hardware, options: ReportOptions(assets: assets)),
      as: UTF8.self)
    let plain = text(HTMLFormat(), hardware)
    #expect(drawn.contains("<canvas id=\"sides\"") && drawn.contains("<canvas id=\"ratios-b\""))
    #expect(!plain.contains("<canvas"))
    for page in [drawn, plain] {
      for layer in hardware.layers {
        #expect(page.contains("<th scope=\"row\">\(layer.name)</th>"))
      }
      for number in ["250", "0.455", "AMD EPYC 7763", "Debian GNU/Linux 12", "3.7.1, avx2"] {
        #expect(page.contains(number), "\(number)")
      }
      #expect(page.contains("in bilstm, which ran ref on A, gemm:jit on B"))
      #expect(page.contains("fc1, fc2, fc3 and 2 more: brgemm:avx512_core on A, brgemm:avx2 on B"))
      #expect(page.contains("ntprof.hardware/1"))
    }
    let whole = try #require(hardware.candidates[0].whole)
    #expect(plain.contains("data-v=\"\((whole.ratio * 1e6).rounded() / 1e6)"))
  }

  @Test func csvHasARowALayer() throws {
    let hardware = try made(SampleRecords.deepspeech(), SampleRecords.narrowDeepspeech())
    let lines = text(CSVFormat(), hardware).split(separator: "\n")
    #expect(
      lines[0]
        == "layer,a_ns,a_roof_fraction,b_ns,b_roof_fraction,bound,b_ratio,b_low,b_high,"
        + "b_verdict,b_explained,b_left,b_excess_ns,b_code")
    #expect(lines.count == 8 && lines[7].hasPrefix("end to end,"))
    let ratio = try #require(hardware.layers[0].candidates[0].times)
    #expect(lines[1].contains(",\(ratio.ratio),"))
    #expect(lines[1].contains(",\(ratio.left ?? 0),"))
  }

  @Test func columnsWithoutRoofsAreAbsent() throws {
    var other = SampleRecords.narrowDeepspeech()
    other.machine.rooflines = nil
    let hardware = try made(SampleRecords.deepspeech(), other)
    let table = text(TableFormat(), hardware)
    #expect(table.contains("B: no roofs were measured"))
    #expect(table.contains("what the chip would explain is not known"))
    let heads = table.split(separator: "\n").first { $0.hasPrefix("layer ") } ?? ""
    #expect(heads.contains("B/A") && !heads.contains("roofs") && !heads.contains("left"))
    #expect(text(CSVFormat(), hardware).contains("slower,,,,"))
    #expect(!text(HTMLFormat(), hardware).contains("0 ×"))
  }

  @Test func namesSteerNothing() throws {
    var hostile = SampleRecords.hostile()
    hostile.machine.os = "OS\u{1b}[31m<b>"
    hostile.machine.cpu = "CPU <b>\u{202e}"
    hostile.layers[0].primitives[0].implementation = "a\u{9b}<i>|x"
    var other = SampleRecords.hostile()
    other.layers[0].primitives[0].implementation = "b"
    let hardware = try made(other, hostile)
    let unsafe: [Unicode.Scalar] = ["\u{1b}", "\u{202e}", "\u{9b}"]
    for format in Self.formats where format.name != "json" {
      let shown = text(format, hardware)
      #expect(!shown.unicodeScalars.contains(where: unsafe.contains), "\(format.name)")
    }
    let page = text(HTMLFormat(), hardware)
    #expect(!page.contains("<script>alert") && !page.contains("<b>&amp;") && !page.contains("<i>|"))
  }

  @Test func severalMachines() throws {
    let hardware = try made(
      SampleRecords.deepspeech(), SampleRecords.narrowDeepspeech(),
      SampleRecords.remeasured(slowdown: 1.3))
    let table = text(TableFormat(), hardware, width: 220)
    #expect(table.contains("B against A\n") && table.contains("C against A\n"))
    #expect(table.contains("C/A"))
    #expect(text(HTMLFormat(), hardware).contains("C against A: measured, and what the roofs"))
    let csv = text(CSVFormat(), hardware).split(separator: "\n")
    #expect(Set(csv.map { $0.filter { $0 == "," }.count }) == [23])
  }

  @Test func aGateIsShown() throws {
    var hardware = try made(SampleRecords.deepspeech(), SampleRecords.narrowDeepspeech())
    hardware.ask(gate: 3, text: nil)
    for format in Self.formats where !["json", "csv"].contains(format.name) {
      #expect(text(format, hardware).contains("cannot tell whether within 3 %"), "\(format.name)")
    }
  }

  @Test func renderingIsPure() throws {
    let hardware = try made(SampleRecords.deepspeech(), SampleRecords.narrowDeepspeech())
    for format in Self.formats { #expect(text(format, hardware) == text(format, hardware)) }
  }
}
