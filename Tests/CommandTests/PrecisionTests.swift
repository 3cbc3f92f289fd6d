import Foundation
import Profiling
import TestSupport
import Testing

/// `--precision` end to end.
@Suite("Precision")
struct PrecisionTests {
  private static let small = ProfileTests.small + ["--counters", "none"]

  @Test("8-bit runs name what stays in f32, and how close they are")
  func int8() async throws {
    let f32 = try await ProfileTests.record(Self.small)
    let int8 = try await ProfileTests.record(Self.small + ["--precision", "int8"])
    #expect(f32.endToEnd?.cosineSimilarity == nil)
    #expect(f32.layers.allSatisfy { $0.precision == "f32" && $0.keptInF32 == nil })
    #expect(int8.options.precision == "int8")
    #expect(try #require(int8.endToEnd?.cosineSimilarity) >= 0.99)
    #expect(int8.layers[0].precision == "int8")
    // The last layer's softmax.
    let last = try #require(int8.layers.last)
    #expect(try #require(last.keptInF32).hasPrefix("softmax: "))
    #expect(int8.warnings.contains { $0.code == "kept-in-f32" })
    // The first layer reads the network's f32 input; its weights are a quarter as long.
    #expect(int8.layers[0].bytes.weights * 4 == f32.layers[0].bytes.weights)
    #expect(int8.layers[0].bytes.input == f32.layers[0].bytes.input)
    #expect(int8.layers[0].primitives.first?.kind == "reorder")
    let traffic = try #require(int8.layers[1].metrics["traffic_bytes"])
    #expect(try traffic < 0.5 * #require(f32.layers[1].metrics["traffic_bytes"]))
  }

  @Test("the roofs are those of the precision")
  func roofs() async throws {
    let record = try await ProfileTests.record(Self.small + ["--precision", "int8"])
    let peaks = try #require(record.machine.rooflines?.peakFlops)
    let int8 = try #require(peaks.int8)
    let evidence = try #require(record.layers[1].bound?.evidence["peak_gflops"])
    #expect(abs(evidence * 1e9 - int8) <= 1e-6 * int8)
    // A record judged again gives the same bound.
    let again = Reclassification.apply(to: record)
    #expect(again.layers.map(\.bound?.class) == record.layers.map(\.bound?.class))
  }

  @Test("bf16 where there is code for it, else refused by name")
  func bf16() async throws {
    let isa = try await ProfileTests.record(Self.small).machine.onednn?.isa ?? ""
    if isa.hasPrefix("avx512") {
      let record = try await ProfileTests.record(Self.small + ["--precision", "bf16"])
      #expect(record.layers.allSatisfy { $0.precision == "bf16" })
      #expect(try #require(record.endToEnd?.cosineSimilarity) >= 0.999)
      #expect(
        record.warnings.contains { $0.code == "emulated-precision" }
          == !(isa.contains("bf16") || isa.contains("amx")))
    }
    let refused = try await Tool.run(
      ["profile"] + Self.small + ["--precision", "bf16", "--isa", "avx2", "--no-save"])
    #expect(refused.status == 69)
    #expect(refused.error.contains("oneDNN has no bf16 code for avx2"))
  }

  @Test("show counts bytes in the precision")
  func show() async throws {
    func total(_ precision: String) async throws -> Int {
      let result = try await Tool.run([
        "show", Tool.topology("resnet18"), "--precision", precision, "--format", "json",
      ])
      let record = try RecordCoding.decode(Array(result.output.utf8))
      #expect(record.options.precision.rawValue == precision)
      return try #require(record.layers.dropFirst().first).bytes.total
    }
    let f32 = try await total("f32")
    #expect(try await total("bf16") * 2 == f32)
    #expect(try await total("int8") * 4 == f32)
  }
}
