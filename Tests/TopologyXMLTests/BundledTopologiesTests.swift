import Foundation
import Testing
import Topology
import TopologyXML

/// The directory `topologies` of the repository.
let topologies = URL(filePath: #filePath).deletingLastPathComponent()
  .appending(path: "../../topologies").standardizedFileURL

/// The files in it.
let bundled = ((try? FileManager.default.contentsOfDirectory(atPath: topologies.path)) ?? [])
  .filter { $0.hasSuffix(".xml") }.sorted()

@Suite struct BundledTopologiesTests {
  struct Expectation: CustomTestStringConvertible {
    let name: String
    let parameters: Double
    let macs: Double?
    var testDescription: String { name }
  }

  /// Parameters in millions, MACs in billions, from torchvision's metadata, tensorflow/models and
  /// Mozilla's training graph.
  static let published = [
    Expectation(name: "alexnet", parameters: 61.1008, macs: 0.7142),
    Expectation(name: "deepspeech-0.9", parameters: 47.2249, macs: nil),
    Expectation(name: "mobilenet-v1", parameters: 4.2320, macs: 0.5687),
    Expectation(name: "resnet101", parameters: 44.5492, macs: 7.8014),
    Expectation(name: "resnet152", parameters: 60.1928, macs: 11.5136),
    Expectation(name: "resnet18", parameters: 11.6895, macs: 1.8141),
    Expectation(name: "resnet34", parameters: 21.7977, macs: 3.6639),
    Expectation(name: "resnet50", parameters: 25.5570, macs: 4.0892),
    Expectation(name: "vgg16", parameters: 138.3575, macs: 15.4703),
  ]

  func read(_ name: String, _ options: TopologyReader.Options = .init()) throws -> Graph {
    let path = topologies.appending(path: name + ".xml").path
    return try TopologyReader(options: options).read(file: path).graph
  }

  @Test(arguments: published) func costsAreThePublishedOnes(_ expected: Expectation) throws {
    let cost = try read(expected.name).cost
    #expect(abs(Double(cost.parameters) / 1e6 / expected.parameters - 1) < 0.001)
    if let macs = expected.macs { #expect(abs(Double(cost.macs) / 1e9 / macs - 1) < 0.001) }
  }

  @Test(arguments: bundled) func opensWithItsSourceAndItsName(_ file: String) throws {
    let text = try String(contentsOf: topologies.appending(path: file), encoding: .utf8)
    #expect(text.hasPrefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!--\n"))
    let name = String(file.dropLast(4))
    #expect(try read(name).name == name)
  }

  /// `--layers` defaults to what is marked, so markers that leave a layer out would hide it.
  @Test(arguments: bundled) func marksNothingOrEverything(_ file: String) throws {
    let graph = try read(String(file.dropLast(4)))
    let marked = Set(graph.segments.flatMap(\.layers))
    #expect(marked.isEmpty || marked.count == graph.layers.count)
  }

  @Test func everyListedTopologyIsThere() {
    let names = Self.published.map { $0.name + ".xml" } + ["deepspeech.xml", "deepspeech-e2e.xml"]
    #expect(Set(bundled).isSuperset(of: names))
  }

  @Test func deepSpeechIsThePapers() throws {
    let graph = try read("deepspeech")
    #expect(graph.layers.map(\.name) == ["fc1", "fc2", "fc3", "bilstm", "fc4", "fc5"])
    #expect(graph.segments.map(\.name) == ["fc1-3", "rnn", "fc4-5"])
    #expect(graph.segments.map(\.layers) == [[0, 1, 2], [3], [4, 5]])
    #expect(graph.inputs[0].type.description == "16x1x494 tnc")
    #expect(graph.layers[5].outputType.description == "16x1x29 tnc")
  }

  @Test func deepSpeechVariantsAreParameters() throws {
    let variant = try read("deepspeech", .init(parameters: ["hidden": 512, "lstm": 1024]))
    #expect(variant.layers.map { $0.outputType.dims[2] } == [512, 512, 512, 2048, 512, 29])
  }

  @Test func endToEndGoesFromSoundToLabels() throws {
    let graph = try read("deepspeech-e2e", .init(batch: 2))
    #expect(graph.inputs[0].type.description == "2x16000 nc")
    #expect(graph.layers[0].outputType.description == "49x2x494 tnc")
    #expect(graph.layers.last?.outputType.dims == [2, 49])
  }

  @Test func widthMultiplierIsInQuarters() throws {
    // 0.25 MobileNet-224: 0.47 M parameters, 41 M MACs (arXiv:1704.04861, table 6).
    let quarter = try read("mobilenet-v1", .init(parameters: ["alpha": 1])).cost
    #expect(quarter.parameters == 470_072)
    #expect((40_000_000...42_000_000).contains(quarter.macs))
  }

  @Test func resNetBlocksAreNamedByStage() throws {
    let graph = try read("resnet50")
    #expect(graph.layers.count == 1 + 1 + 4 * 4 + (2 + 3 + 5 + 2) * 3 + 2)
    let wires = wiring(graph)
    #expect(
      wires[2...5] == [
        "conv2/1/shortcut <- pool1", "conv2/1/reduce <- pool1", "conv2/1/spatial <- conv2/1/reduce",
        "conv2/1/expand <- conv2/1/spatial conv2/1/shortcut",
      ])
    #expect(wires[8] == "conv2/2/expand <- conv2/2/spatial conv2/1/expand")
  }
}
