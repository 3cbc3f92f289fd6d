import Model
import TestSupport
import Testing
import Topology

/// Seeded constants written under their keys, and read again.
@Suite struct RoundTripTests {
  struct Case: CustomTestStringConvertible {
    let element: String
    let attributes: [String: String]
    let input: String
    var testDescription: String { "\(element) \(attributes) \(input)" }

    init(_ element: String, _ attributes: [String: String], _ input: String) {
      self.element = element
      self.attributes = attributes
      self.input = input
    }
  }

  static let cases = [
    Case("conv", ["filters": "6", "kernel": "3", "groups": "2"], "1x4x5x5 nchw"),
    Case("conv", ["filters": "6", "kernel": "3x1x2"], "1x4x5x5x5 ncdhw"),
    Case("deconv", ["filters": "6", "kernel": "3x2", "groups": "2"], "1x4x5x5 nchw"),
    Case("deconv", ["filters": "3", "kernel": "3"], "1x5x5x5 nchw"),
    Case("fc", ["units": "3"], "2x4x3x3 nchw"), Case("fc", ["units": "3"], "4x2x5 tnc"),
    Case("lstm", ["hidden": "5", "layers": "2", "direction": "bidirectional"], "4x2x3 tnc"),
    Case("gru", ["hidden": "20", "direction": "bidirectional-sum"], "4x2x33 tnc"),
    Case("gru", ["hidden": "5", "linear-before-reset": "true", "layers": "3"], "4x2x3 tnc"),
    Case("rnn", ["hidden": "5", "direction": "backward"], "4x2x3 tnc"),
    Case("batch-norm", [:], "1x4x5x5 nchw"), Case("layer-norm", ["axis": "1"], "2x3x4 tnc"),
    Case("rms-norm", [:], "2x3x4 tnc"), Case("group-norm", ["groups": "2"], "1x4x5x5 nchw"),
    Case("instance-norm", [:], "1x4x5x5 nchw"), Case("prelu", [:], "1x4x5x5 nchw"),
    Case("embedding", ["rows": "7", "dim": "5"], "2x3 nc"),
    Case("attention", ["heads": "2"], "6x2x8 tnc"),
    Case("attention", ["heads": "4", "kv-heads": "1", "rotary": "10000"], "6x2x8 tnc"),
    Case("attention", ["heads": "2", "relative-bias": "2", "bias": "false"], "4x3x8 tnc"),
  ]

  /// The kinds that have constants, found by lowering a case of each kind that there is.
  static let weighted: Set<String> = [
    "conv", "deconv", "fc", "lstm", "gru", "rnn", "batch-norm", "layer-norm", "rms-norm",
    "group-norm", "instance-norm", "prelu", "embedding", "attention",
  ]

  @Test func everyKindWithConstantsHasACase() {
    #expect(Set(Self.cases.map(\.element)) == Self.weighted)
  }

  @Test(arguments: cases) func seededConstantsComeBack(_ test: Case) throws {
    let graph = try Graph.single(test.element, test.attributes, on: [type(test.input)])
    let seeded = SeededWeights(seed: 5)
    let writer = try SafetensorsWriter(graph, weights: seeded)
    var bytes: [UInt8] = []
    writer.write { $0.withUnsafeBytes { bytes += $0 } }
    #expect(bytes.count == writer.byteCount)
    let file = try SafetensorsFile(memory(bytes), name: "seeded.safetensors")
    #expect(file.metadata["format"] == "pt")
    let weights = try ModelWeights(graph, source: file)
    let program = try graph.program()
    for (instruction, operation) in program.instructions.enumerated() {
      for (index, slot) in operation.weights.enumerated() {
        let expected = seeded.values(instruction: instruction, slot: slot, index: index)
        #expect(weights.values(instruction: instruction, slot: slot, index: index) == expected)
        // From anywhere in it.
        let begin = slot.elementCount / 3
        let part = [Float](unsafeUninitializedCapacity: slot.elementCount - begin) {
          buffer, count in
          count = buffer.count
          weights.fill(
            instruction: instruction, slot: slot, index: index, offset: begin, into: buffer)
        }
        #expect(part == Array(expected[begin...]))
      }
    }
  }
}
