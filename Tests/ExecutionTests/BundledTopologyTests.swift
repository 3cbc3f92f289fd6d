import Execution
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
    #expect(
      Plan.estimateMemory(program) >= fused.peakActivationBytes + fused.weightBytes)
  }
}
