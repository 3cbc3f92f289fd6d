import Execution
import Measuring
import TestSupport
import Testing
import Topology
import TopologyXML

/// The bundled topologies, small enough to compute twice.
@Suite struct BundledTopologyTests {
  func program(_ name: String, _ parameters: [String: Int] = [:], batch: Int? = nil) throws
    -> Program
  {
    let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let options = TopologyReader.Options(batch: batch, parameters: parameters)
    return try TopologyReader(options: options)
      .read(file: "/\(folder)/topologies/\(name).xml").graph.program()
  }

  @Test(arguments: [1, 3])
  func deepSpeechAgreesWithNaiveLoops(batch: Int) throws {
    try expectAgreement(
      program("deepspeech", ["hidden": 32, "steps": 5, "classes": 11], batch: batch), threads: [1])
  }

  @Test func oneDirectionAgreesWithNaiveLoops() throws {
    try expectAgreement(
      program("deepspeech-0.9", ["hidden": 32, "steps": 5, "classes": 11]), threads: [1])
  }

  @Test func endToEndSpeechAgreesWithNaiveLoops() throws {
    try expectAgreement(
      program("deepspeech-e2e", ["hidden": 16, "samples": 4000, "beam": 4]), threads: [1])
  }

  @Test func mobileNetAgreesWithNaiveLoops() throws {
    try expectAgreement(
      program("mobilenet-v1", ["alpha": 1, "resolution": 32, "classes": 10]), threads: [2])
  }

  /// Networks that shrink to what naive loops can follow.
  static let small: [(String, [String: Int])] = [
    ("mobilenet-v2", ["alpha": 1, "resolution": 32, "classes": 10]),
    ("densenet-121", ["growth": 4, "resolution": 32, "classes": 10]),
    ("shufflenet-v1", ["groups": 2, "channels": 40, "resolution": 32, "classes": 10]),
    ("vdsr", ["depth": 4, "filters": 8, "height": 12, "width": 10]),
    ("ptb-lstm", ["hidden": 24, "steps": 5, "words": 40]),
    (
      "gnmt",
      ["hidden": 16, "layers": 3, "words": 40, "sourceSteps": 5, "targetSteps": 4]
    ),
    (
      "transformer-base",
      ["model": 32, "inner": 48, "heads": 4, "layers": 2, "steps": 5, "words": 40]
    ),
    (
      "wavenet",
      ["samples": 20, "levels": 8, "residual": 4, "skip": 6, "stacks": 2, "layers": 3]
    ),
    (
      "rnn-t",
      ["frames": 6, "labels": 3, "hidden": 8, "predict": 6, "joint": 7, "classes": 5]
    ),
    ("seq2seq-gru", ["hidden": 12, "source": 5, "target": 4, "words": 30]),
    ("unet-256", ["features": 3, "depth": 2, "resolution": 16]),
    ("bert-base", ["hidden": 32, "heads": 4, "layers": 2, "steps": 5, "words": 40]),
  ]

  @Test(arguments: small)
  func smallNetworksAgreeWithNaiveLoops(_ name: String, _ parameters: [String: Int]) throws {
    try expectAgreement(program(name, parameters, batch: 2), threads: [2])
  }

  /// The longer ones: fused and primitive by primitive they give the same.
  static let shrunk: [(String, [String: Int])] = [
    ("squeezenet-1.1", ["resolution": 64, "classes": 10]),
    ("googlenet", ["resolution": 64, "classes": 10]),
    ("inception-v1", ["resolution": 64, "classes": 10]),
    ("inception-v3", ["resolution": 75, "classes": 10]),
    ("se-resnext50", ["resolution": 64, "classes": 10]),
    ("ssd-mobilenet-v1", ["alpha": 1, "resolution": 96, "classes": 5]),
    ("efficientnet-b0", ["resolution": 64, "classes": 10]),
    ("mobilenet-v3-large", ["resolution": 64, "classes": 10]),
    ("yolov3-tiny", ["resolution": 64, "classes": 3]),
    ("pix2pix", ["width": 8]),
    ("deepspeech2", ["hidden": 32, "layers": 2, "steps": 20]),
  ]

  @Test(arguments: shrunk)
  func fusionChangesNoOutput(_ name: String, _ parameters: [String: Int]) throws {
    let program = try program(name, parameters)
    let fused = try Plan(program, options: PlanOptions(threads: 2))
    let plain = try Plan(program, options: PlanOptions(threads: 2, keepAllValues: true))
    try fused.run()
    try plain.run()
    for output in program.outputs.indices {
      #expect(error(fused.readOutput(output), plain.readOutput(output)) < 1e-4)
    }
    #expect(fused.scanActivations().isClean)
    #expect(plain.scanActivations().isClean)
    expectConsistency(fused, program)
  }

  @Test(arguments: ["resnet18", "resnet50"])
  func residualNetworksDoNotDependOnFusion(_ name: String) throws {
    let program = try program(name, ["classes": 10])
    let fused = try Plan(program, options: PlanOptions(threads: 2))
    let plain = try Plan(program, options: PlanOptions(threads: 2, keepAllValues: true))
    try fused.run()
    try plain.run()
    #expect(error(fused.readOutput(0), plain.readOutput(0)) < 1e-4)
    #expect(fused.scanActivations().isClean)
    expectConsistency(fused, program)
    // Convolutions have taken everything element-wise in.
    #expect(
      !fused.steps.contains { ["eltwise", "binary", "batch_normalization"].contains($0.kind) })
    #expect(plain.steps.contains { $0.kind == "batch_normalization" })
    expectForecast(of: fused, program)
    expectForecast(of: plain, program)
  }
}
