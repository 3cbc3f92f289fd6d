import Foundation
import Profiling
import TestSupport
import Testing
import Topology
import TopologyXML

/// `ntprof import` as a user runs it.
@Suite struct ImportTests {
  private static let convolution =
    "onednn_verbose,exec,cpu,convolution,jit:avx2,forward_inference,src_f32::blocked:abcd:f0 wei_f32::blocked:abcd:f0 bia_f32::blocked:a:f0 dst_f32::blocked:abcd:f0,,alg:convolution_direct,mb1_ic4oc8_ih6oh6kh3sh1dh0ph1_iw6ow6kw3sw1dw0pw1,"

  private static let log = """
    onednn_verbose,info,oneDNN v2.6.3 (commit N/A)
    onednn_verbose,info,cpu,runtime:OpenMP,nthr:2
    \(convolution)0.5
    \(convolution)0.75
    """

  private func save(_ text: String, as name: String, in folder: URL) throws -> String {
    let file = folder.appending(path: name)
    try Data(text.utf8).write(to: file)
    return file.path(percentEncoded: false)
  }

  @Test func aLogBecomesARecordThatReportAndDiffRead() async throws {
    try await Tool.withFolder { folder in
      let path = folder.path(percentEncoded: false)
      let log = try save(Self.log, as: "net.log", in: folder)
      let run = try await Tool.run(["import", log, "--output", path])
      #expect(run.status == 0)
      #expect(run.output.isEmpty)
      #expect(run.error.contains("net.json"))
      #expect(try Tool.contents(folder) == ["net.json", "net.log"])
      let report = try await Tool.run(["report", "\(path)/net.json", "--format", "table"])
      #expect(report.status == 0)
      for words in ["measured by oneDNN 2.6.3", "conv1", "2 threads", "convolution", "of time"] {
        #expect(report.output.contains(words), "\(words)")
      }
      #expect(!report.output.contains("0 cores"))
      let diff = try await Tool.run([
        "diff", "\(path)/net.json", "\(path)/net.json", "--format", "table", "--no-save",
      ])
      #expect(diff.status == 0)
      #expect(diff.output.contains("conv1"))
      for format in ["csv", "markdown", "json", "html", "trace", "speedscope", "otlp"] {
        let run = try await Tool.run([
          "report", "\(path)/net.json", "--format", format, "--output", path,
        ])
        #expect(run.status == 0, "\(format): \(run.error)")
      }
    }
  }

  @Test func anExportedTopologyComesBackAsItWas() async throws {
    try await Tool.withFolder { folder in
      let path = folder.path(percentEncoded: false)
      let network = try save(
        """
        <topology name="mine" version="1"><input name="x" shape="1x4x6x6"/>
        <layer name="first"><conv filters="4" kernel="3" padding="1"/></layer>
        <marker action="start" name="middle"/>
        <repeat count="3"><layer name="part${i}"><conv filters="4" kernel="1"/><dropout/></layer></repeat>
        <marker action="stop" name="middle"/>
        <layer name="last"><group-norm groups="2"/></layer></topology>
        """, as: "mine.xml", in: folder)
      let model = "\(path)/mine.onnx"
      let back = "\(path)/back.xml"
      #expect(try await Tool.run(["export", network, "-o", model]).status == 0)
      #expect(try await Tool.run(["import", model, "-o", back]).status == 0)
      let reader = TopologyReader()
      let again = try reader.read(file: back).graph
      #expect(again.layers.count == 5)
      #expect(GraphDifference.first(try reader.read(file: network).graph, again) == nil)
    }
  }

  @Test func timesGoToAModelsRows() async throws {
    try await Tool.withFolder { folder in
      let path = folder.path(percentEncoded: false)
      let log = try save(Self.log, as: "net.log", in: folder)
      let model = try save(
        """
        <topology name="mine" version="1"><input name="x" shape="1x4x6x6"/>
        <layer name="own"><conv filters="8" kernel="3" padding="1"/></layer></topology>
        """, as: "m.xml", in: folder)
      let run = try await Tool.run([
        "import", log, "--model", model, "-o", "\(path)/r.json", "--quiet",
      ])
      #expect(run.status == 0)
      #expect(run.error.isEmpty)
      let record = try RecordCoding.decode(
        Array(try Data(contentsOf: folder.appending(path: "r.json"))))
      #expect(record.topology.name == "mine")
      #expect(record.layers.map(\.name) == ["own"])
      #expect(record.layers[0].time?.samples == [500_000, 750_000])
    }
  }

  @Test func aProblemListBecomesATopology() async throws {
    try await Tool.withFolder { folder in
      let path = folder.path(percentEncoded: false)
      let list = try save(
        "g1mb2ic4ih6oc8oh6kh3ph1n\"net:a*3\"\nic512oc10n\"ip\"\n", as: "shapes", in: folder)
      let run = try await Tool.run(["import", list, "--batch", "1", "-o", "\(path)/s.xml"])
      #expect(run.status == 0)
      let check = try await Tool.run(["check", "\(path)/s.xml"])
      #expect(check.status == 0)
      let show = try await Tool.run(["show", "\(path)/s.xml", "--format", "json"])
      let record = try RecordCoding.decode(Array(show.output.utf8))
      #expect(record.layers.map(\.name) == ["a/0", "a/1", "a/2", "ip"])
      #expect(record.totals.macs == 3 * 8 * 36 * 36 + 5120)
      let refused = try await Tool.run(["import", list, "--threads", "2"])
      #expect(refused.status == 64)
    }
  }

  @Test func whatCannotBeImportedIsSaidAndLeavesNothing() async throws {
    try await Tool.withFolder { folder in
      let path = folder.path(percentEncoded: false)
      let cases: [(String, [String], Int32)] = [
        ("hello, world", [], 65), ("", [], 65),
        ("onednn_verbose,exec,cpu,conv\n" + Self.log, [], 65),
        (Self.log, ["--iterations", "7"], 64), (Self.log, ["--iterations", "0"], 64),
        ("mb1ic3ih9oc4oh9kh3ph1n\"a\"\nmb1ic3xx", [], 65),
        (Self.log, ["--model", "\(path)/none.xml"], 66),
        (Self.log, ["-o", "\(path)/no/such/folder.json"], 73),
      ]
      for (text, options, status) in cases {
        let file = try save(text, as: "x", in: folder)
        let run = try await Tool.run(["import", file] + options + ["--output", path])
        #expect(run.status == status, "\(options): \(run.error)")
        #expect(run.error.contains("error: "))
        #expect(try Tool.contents(folder) == ["x"])
      }
      #expect(try await Tool.run(["import", "\(path)/none"]).status == 66)
      #expect(try await Tool.run(["import", path]).status == 66)
    }
  }
}
