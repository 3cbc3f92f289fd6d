import Profiling
import Reports
import TestSupport
import Testing

/// Machines side by side, in every format that shows them.
@Suite struct HardwareTests {
  private static let formats = ReportFormats.all.filter(\.showsOverviews)

  private func made(_ records: RunRecord...) throws -> HardwareComparison {
    try HardwareComparison(records)
  }

  private func text(
    _ format: any ReportFormat, _ hardware: HardwareComparison, width: Int = 120
  ) -> String {
    String(
      decoding: format.render(hardware, options: ReportOptions(width: width)), as: UTF8.self)
  }

  @Test func table() throws {
    let hardware = try made(SampleRecords.deepspeech(), SampleRecords.narrowDeepspeech())
    let expected = """
      deepspeech
      A  AMD EPYC 9R45 · topologies/deepspeech.xml · batch 1 · 2 threads · f32
      B  AMD EPYC 7763 (zen3) · topologies/deepspeech.xml · batch 1 · 2 threads · f32
      ratio of the medians of one process a side; two processes of one network may lie ±4.6 % apart (measured on its machine,
        18 processes): less than that cannot be told, and the intervals hold it; profile --processes 6 on both tells more

      Verdict
      • B takes 1.99 × the time of A [1.90, 2.08]; the chip explains 1.34 × of it; 1.48 × is left [1.41, 1.55], most of it
        (100 %) in bilstm, which ran ref on A, gemm:jit on B
      • Of what is left: 100 % in 1 layer that runs other code
      • So the library makes most of the difference: most is left, in layers that run other code

      What differs besides the machines
      • oneDNN: 2.6.3 against 3.7.1

      Machines
      machine                A                                B                                 B/A
                                                                                                  ×
      ─────────────────────────────────────────────────────────────────────────────────────────────
      CPU                    AMD EPYC 9R45                    AMD EPYC 7763
      microarchitecture      –                                zen3
      best vector ISA        avx512_core_bf16                 avx2
      cores                  2 (2 logical)                    8 (16 logical)
      caches                 L1 48 KiB, L2 1 MiB, L3 32 MiB   L1 32 KiB, L2 1 MiB, L3 32 MiB
      memory                 8 GiB                            8 GiB
      virtualized            yes                              yes
      peak f32, GFLOP/s      550                              250                             0.455
      peak bf16, GFLOP/s     1100                             –                                   –
      peak int8, GOP/s       2200                             –                                   –
      L1 reads, GB/s         1078                             809                             0.750
      L2 reads, GB/s         547                              410                             0.750
      L3 reads, GB/s         241                              181                             0.750
      DRAM reads, GB/s       52.0                             39.0                            0.750
      clock under load, GHz  4.52                             3.40                            0.752
      threads of the roofs   2                                2
      oneDNN                 2.6.3, avx512_core_bf16, openmp  3.7.1, avx2, openmp
      kernel                 6.18.0                           6.1.0
      OS                     –                                Debian GNU/Linux 12 (bookworm)
      network, median        51.19 ms                         101.79 ms
      layers, of their roof  88.2 %                           59.6 %

      Layers
      layer             A  of roof         B  of roof  bound       B/A  from    to  roofs   left     left
                       ms        %        ms        %                ×     ×     ×      ×      ×       ms
      ───────────────────────────────────────────────────────────────────────────────────────────────────
      fc1           0.105       75     0.172       75  balanced   1.65  1.55  1.75   1.65  0.996   −0.001
      fc2           0.425       76     0.704       76  balanced   1.66  1.56  1.76   1.66  0.999   −0.001
      fc3           0.437       74     0.724       74  balanced   1.66  1.56  1.76   1.66  0.999   −0.001
      bilstm       49.604       88    99.207       59  memory     2.00  1.88  2.13   1.33   1.50  +33.069
      fc4           0.753       86     1.248       86  balanced   1.66  1.56  1.76   1.66  0.999   −0.001
      fc5           0.007       68     0.011       72  balanced   1.52  1.43  1.61   1.60  0.946   −0.001
      end to end   51.190       88   101.788       60  –          1.99  1.90  2.08   1.34   1.48  +33.065

      What ran otherwise
      • fc1, fc2, fc3 and 2 more: brgemm:avx512_core on A, brgemm:avx2 on B
      • bilstm: ref on A, gemm:jit on B

      """
    #expect(text(TableFormat(), hardware) == expected)
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
    let widths = text(CSVFormat(), hardware).split(separator: "\n").map { line in
      line.replacing(/"[^"]*"(?:"[^"]*")*/, with: "x").filter { $0 == "," }.count
    }
    #expect(Set(widths) == [23])
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
