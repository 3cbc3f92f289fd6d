import Foundation
import Profiling
import TestSupport
import Testing

/// Convolutions whose taps lie in the padding, as a user profiles them: rates and bounds are of what
/// runs, the published counts stay.
@Suite("Taps in the padding")
struct PaddingTests {
  private func record(_ body: String) async throws -> RunRecord {
    try await Tool.withFolder { folder in
      let file = folder.appending(path: "topology.xml")
      try "<topology name=\"padding\" version=\"1\">\(body)</topology>"
        .write(to: file, atomically: true, encoding: .utf8)
      let result = try await Tool.run([
        "profile", file.path(percentEncoded: false), "--threads", "1", "--iterations", "5",
        "--no-save", "--quiet", "--format", "json",
      ])
      #expect(result.status == 0, "\(result.error)")
      return try RecordCoding.decode(Array(result.output.utf8))
    }
  }

  private func unfolds(_ layer: LayerRecord) -> Bool {
    layer.primitives.contains {
      $0.kind == "convolution"
        && ($0.implementation.hasPrefix("gemm") || $0.implementation.contains(":gemm"))
    }
  }

  @Test("dilation 24 on 28 × 28: 36² of 84² taps meet a cell")
  func dilated() async throws {
    let found = try await record(
      """
      <input name="x" shape="1x512x28x28"/>
      <layer name="aspp"><conv filters="256" kernel="3" padding="24" dilation="24" bias="false"/></layer>
      <layer name="point" inputs="x"><conv filters="64" kernel="1" bias="false"/></layer>
      """)
    let layer = found.layers[0]
    #expect(layer.macs == 256 * 512 * 9 * 784 && layer.flops == 2 * layer.macs)
    // An implementation that unfolds its input multiplies the padding, too.
    let executed = unfolds(layer) ? Double(layer.flops) : 2.0 * 256 * 512 * 1296
    #expect(layer.metrics["executed_flops"] == (unfolds(layer) ? nil : executed))
    let time = try #require(layer.time?.median)
    let rate = try #require(layer.metrics["gflops_per_second"])
    #expect(abs(rate * time / executed - 1) < 1e-9)
    let evidence = try #require(layer.bound?.evidence)
    let peak = try #require(evidence["peak_gflops"])
    #expect(abs(try #require(evidence["compute_ns"]) * peak / executed - 1) < 1e-9)
    #expect(found.layers[1].metrics["executed_flops"] == nil)
    let pass = Double(found.totals.flops)
    #expect(found.executedFlops == pass - Double(layer.flops) + executed)
  }

  @Test("without any valid tap nothing is executed, and the core is not to blame")
  func noTap() async throws {
    let found = try await record(
      """
      <input name="x" shape="4x64x1x1"/>
      <layer name="conv"><conv filters="1" kernel="125x1" stride="2" padding="63x63"/></layer>
      """)
    let layer = try #require(found.layers.first)
    if unfolds(layer) {
      #expect(layer.metrics["executed_flops"] == nil)
    } else {
      #expect(layer.flops > 0 && layer.metrics["executed_flops"] == 0)
      #expect(layer.metrics["gflops_per_second"] == 0)
      #expect(layer.bound?.class != .core)
    }
    #expect(!found.warnings.contains { $0.code.hasPrefix("suspect") })
  }
}
