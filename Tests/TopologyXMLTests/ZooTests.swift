import Foundation
import Testing
import Topology
import TopologyXML

/// The bundled networks against what their reference implementations hold.
@Suite struct ZooTests {
  /// Exact counts, and the shape of the output.
  struct Reference: CustomTestStringConvertible {
    let name: String
    var parameters: [String: Int] = [:]
    let count: Int
    let macs: Int
    var output = "1x1000 nc"
    var testDescription: String {
      ([name] + parameters.map { "\($0)=\($1)" }.sorted()).joined(separator: " ")
    }
  }

  /// Counted over the modules of torchvision 0.28 (those with metadata give the same there), timm and
  /// pytorchcv, multiply-adds of convolutions and fully connected layers.
  static let classifiers = [
    Reference(name: "densenet-121", count: 7_978_856, macs: 2_834_161_664),
    Reference(name: "densenet-169", count: 14_149_480, macs: 3_359_843_328),
    Reference(name: "googlenet", count: 6_624_904, macs: 1_498_376_192),
    Reference(name: "inception-resnet-v2", count: 55_843_464, macs: 13_155_794_016),
    Reference(name: "inception-v3", count: 23_834_568, macs: 5_713_216_096),
    Reference(name: "inception-v4", count: 42_679_816, macs: 12_253_974_624),
    Reference(name: "mobilenet-v2", count: 3_504_872, macs: 300_774_272),
    Reference(name: "mobilenet-v2", parameters: ["alpha": 1], count: 1_519_112, macs: 37_201_312),
    Reference(name: "mobilenet-v2", parameters: ["alpha": 2], count: 1_968_680, macs: 97_131_840),
    Reference(name: "mobilenet-v2", parameters: ["alpha": 3], count: 2_636_424, macs: 209_069_792),
    Reference(name: "mobilenet-v2", parameters: ["alpha": 5], count: 5_050_376, macs: 486_590_240),
    Reference(name: "mobilenet-v2", parameters: ["alpha": 6], count: 6_858_152, macs: 672_832_704),
    Reference(name: "resnext50", count: 25_028_904, macs: 4_230_479_872),
    Reference(name: "se-resnext50", count: 27_559_896, macs: 4_232_994_816),
    Reference(name: "shufflenet-v1", count: 1_865_728, macs: 137_460_672),
    shuffleNet(groups: 1, channels: 144, count: 1_531_936, macs: 143_078_976),
    shuffleNet(groups: 2, channels: 200, count: 1_733_848, macs: 140_836_512),
    shuffleNet(groups: 4, channels: 272, count: 1_968_344, macs: 134_339_776),
    shuffleNet(groups: 8, channels: 384, count: 2_434_768, macs: 138_365_952),
    Reference(name: "squeezenet-1.0", count: 1_248_424, macs: 818_924_576),
    Reference(name: "squeezenet-1.1", count: 1_235_496, macs: 349_151_936),
    Reference(name: "vgg19", count: 143_667_240, macs: 19_632_062_464),
    Reference(name: "wide-resnet50-2", count: 68_883_240, macs: 11_398_021_120),
    // torchvision's ResNet-50.
    Reference(
      name: "wide-resnet50-2", parameters: ["factor": 1], count: 25_557_032, macs: 4_089_184_256),
  ]

  /// As above, or summed by hand where the comment in the file says how.
  static let others = [
    // Parameters of torch, MACs by torch.utils.flop_counter, of the implementations that the files name.
    Reference(
      name: "conformer-s", count: 8_353_728, macs: 1_207_790_352, output: "99x1x144 tnc"),
    Reference(name: "dlrm", count: 17_139_521, macs: 544_576, output: "1x1 nc"),
    Reference(
      name: "gpt2-prefill", count: 124_439_808, macs: 16_114_089_984, output: "128x1x50257 tnc"),
    Reference(
      name: "gpt2-prefill", parameters: ["tied": 0], count: 163_037_184, macs: 16_114_089_984,
      output: "128x1x50257 tnc"),
    Reference(
      name: "llama-block", count: 60_821_504, macs: 3_909_091_328, output: "64x1x2048 tnc"),
    Reference(name: "swin-t", count: 28_288_354, macs: 4_490_566_656),
    Reference(name: "vit-b-16", count: 86_567_656, macs: 17_563_828_224, output: "1x1x1000 tnc"),
    Reference(
      name: "bert-base", count: 109_482_240, macs: 12 * encoderMACs(768, 128) + 768 * 768,
      output: "1x1x768 tnc"),
    // bert-large-uncased as BertModel.
    Reference(
      name: "bert-base", parameters: ["hidden": 1024, "heads": 16, "layers": 24],
      count: 335_141_888, macs: 24 * encoderMACs(1024, 128) + 1024 * 1024, output: "1x1x1024 tnc"),
    Reference(
      name: "deepspeech2", count: 41_187_968 - 5 * 2 * 2 * 800,
      macs: 81 * 100 * 32 * 41 * 11 + 41 * 100 * 32 * 32 * 21 * 11
        + 100 * (6 * 800 * (1312 + 800) + 4 * 6 * 800 * 1600 + 29 * 800),
      output: "100x1x29 tnc"),
    Reference(
      name: "gnmt", count: 210_883_584,
      macs: 25 * 4096 * (2 * 2048 + 3072 + 2 * 2048 + 4 * 3072)
        + 25 * 1024 * (2 * 1024 + 2 * 25 + 36_549),
      output: "25x1x36549 tnc"),
    // bvlc_googlenet without its auxiliary classifiers.
    Reference(name: "inception-v1", count: 6_998_552, macs: 1_582_671_872),
    Reference(
      name: "pix2pix", count: 54_413_955, macs: 6_048_186_368, output: "1x3x256x256 nchw"),
    Reference(
      name: "ptb-lstm", count: 66_022_000, macs: 35 * (2 * 6000 * 3000 + 10_000 * 1500),
      output: "35x1x10000 tnc"),
    Reference(
      name: "ssd-mobilenet-v1", count: 6_807_167 + 12_672, macs: 1_237_129_408,
      output: "1x1917x91"),
    Reference(
      name: "ssd-resnet34", count: 19_972_534, macs: 216_415_931_904, output: "1x81x15130"),
    Reference(
      name: "ssd-vgg300", count: 26_285_486, macs: 31_374_277_120, output: "1x8732x21"),
    // torchvision's ssd300_vgg16.
    Reference(
      name: "ssd-vgg300", parameters: ["classes": 91], count: 35_641_826, macs: 34_858_892_800,
      output: "1x8732x91"),
    Reference(
      name: "transformer-base", count: 18_914_304 + 37_000 * 512, macs: 6 * encoderMACs(512, 32),
      output: "32x1x512 tnc"),
    Reference(
      name: "transformer-big", count: 75_577_344 + 37_000 * 1024, macs: 6 * encoderMACs(1024, 32),
      output: "32x1x1024 tnc"),
    Reference(
      name: "vdsr", count: 664_704, macs: 664_704 * 256 * 256, output: "1x1x256x256 nchw"),
    Reference(
      name: "yolo-v2", count: 50_962_889, macs: 14_732_084_224, output: "1x425x13x13 nchw"),
  ]

  static func shuffleNet(groups: Int, channels: Int, count: Int, macs: Int) -> Reference {
    Reference(
      name: "shufflenet-v1", parameters: ["groups": groups, "channels": channels], count: count,
      macs: macs)
  }

  /// A transformer layer of the usual proportions: projections, scores and mix, and both products.
  static func encoderMACs(_ width: Int, _ steps: Int) -> Int {
    steps * (4 * width * width + 8 * width * width) + 2 * steps * steps * width
  }

  func read(_ name: String, _ parameters: [String: Int] = [:]) throws -> Graph {
    try TopologyReader(options: .init(parameters: parameters))
      .read(file: topologies.appending(path: name + ".xml").path).graph
  }

  @Test(arguments: classifiers + others) func countsAreTheReferences(_ expected: Reference) throws {
    let graph = try read(expected.name, expected.parameters)
    #expect(graph.cost.parameters == expected.count)
    #expect(graph.cost.macs == expected.macs)
    #expect(graph.layers.last?.outputType.description == expected.output)
  }

  /// Published billions of multiply-adds or operations at other sizes than the default.
  @Test func publishedOperationsAtOtherSizes() throws {
    // pjreddie.com/darknet/yolov2: 62.94 GFLOP.
    let yolo = try read("yolo-v2", ["resolution": 608]).cost
    #expect(abs(Double(2 * yolo.macs) / 62.94e9 - 1) < 0.001)
    // arXiv:1803.08664, table 1: 612.6 G multiply-adds at 1280x720.
    let vdsr = try read("vdsr", ["width": 1280, "height": 720]).cost
    #expect(abs(Double(vdsr.macs) / 612.6e9 - 1) < 0.001)
    // Open Model Zoo counts element-wise operations too.
    #expect(abs(Double(try read("ssd-resnet34").cost.flops) / 433.411e9 - 1) < 0.001)
    #expect(abs(Double(try read("ssd-mobilenet-v1").cost.flops) / 2.494e9 - 1) < 0.001)
    #expect(abs(Double(try read("inception-v4").cost.flops) / 24.584e9 - 1) < 0.001)
  }

  /// Detectors give boxes beside classes; whoever reads them needs both.
  @Test(arguments: ["ssd-vgg300", "ssd-mobilenet-v1", "ssd-resnet34"])
  func detectorsHaveTwoOutputs(_ name: String) throws {
    let graph = try read(name)
    #expect(graph.outputs.map(graph.name) == ["offsets", "classes"])
  }

  @Test func everyTopologyHasItsFigures() {
    let listed = (Self.classifiers + Self.others).map(\.name)
    let held = listed + BundledTopologiesTests.published.map(\.name)
    let rest = Set(bundled).subtracting(held.map { $0 + ".xml" })
    #expect(rest == ["deepspeech.xml", "deepspeech-e2e.xml"])
  }

  /// The table that users read: name, parameters and GMACs of every file.
  @Test func guideListsEveryTopology() throws {
    let guide = topologies.appending(path: "../docs/topologies.md")
    let rows = try String(contentsOf: guide, encoding: .utf8).split(separator: "\n")
      .filter { $0.hasPrefix("| [`") }
      .map { row in
        row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      }
    #expect(rows.count == bundled.count)
    for row in rows {
      let name = String(row[0].dropFirst(2).prefix { $0 != "`" })
      let graph = try read(name)
      #expect(Int(row[5].replacing(",", with: "")) == graph.cost.parameters, "\(name)")
      #expect(abs((Double(row[6]) ?? 0) - Double(graph.cost.macs) / 1e9) < 0.0006, "\(name)")
      let shapes = graph.inputs.map { $0.type.description.split(separator: " ")[0] }
      #expect(Set(row[4].split(separator: ", ")) == Set(shapes), "\(name)")
    }
  }

  /// The batch reaches every shape: no reshape has it written down.
  @Test(arguments: bundled) func takesAnyBatch(_ file: String) throws {
    let path = topologies.appending(path: file).path
    let one = try TopologyReader().read(file: path).graph
    let two = try TopologyReader(options: .init(batch: 2)).read(file: path).graph
    #expect(two.cost.macs == 2 * one.cost.macs)
    #expect(two.cost.parameters == one.cost.parameters)
  }
}
