import Execution
import Foundation
import Importers
import Measuring
import Model
import Subprocess
import SystemPackage
import TestSupport
import Testing
import Topology

/// Models that others made give what others say they give.
@Suite("Models of others")
struct ForeignModelTests {
  private static let isThere = Files.shared("README.md") != nil
  private static let data = "/usr/share/libonnx-testdata/data/node"

  private static func file(_ name: String) throws -> String {
    try #require(Files.shared(name), "the shared test material lacks \(name)")
  }

  @Test(
    "outputs are PyTorch's and OpenVINO's",
    .enabled(if: isThere, "the shared test material is not beside the checkout"),
    arguments: [
      "onnx-torch/mobilenet_v2", "onnx-torch/crnn_lstm", "onnx-light/light_squeezenet_seed5",
      "deepspeech/deepspeech_uni_h256",
    ])
  func numbers(name: String) throws {
    let path = try Self.file("\(name).onnx")
    let reference = try NumPyArchive(try Self.file("\(name).ref.npz"))
    let imported = try ModelImport.onnx(try ModelFile(path))
    let given = try Runner.run(imported, [try reference.array("x")])
    #expect(Runner.error(given[0], try reference.array("y0")) < 1e-4)
  }

  @Test(
    "the light models have the parameters and multiply-adds that are published",
    .enabled(if: isThere, "the shared test material is not beside the checkout"),
    arguments: [
      ("bvlc_alexnet", 60_965_224, 654_560_384), ("resnet50", 25_557_032, 4_089_184_256),
      ("squeezenet", 1_235_496, 349_151_936), ("vgg19", 143_667_240, 19_632_062_464),
    ])
  func light(name: String, parameters: Int, macs: Int) throws {
    let path = try Self.file("onnx-light/light_\(name).onnx")
    let graph = try ModelImport.onnx(try ModelFile(path)).model.graph
    #expect(graph.cost.parameters == parameters)
    #expect(graph.cost.macs == macs)
  }

  @Test(
    "each convolution and product of PyTorch's is a layer with its shape and multiply-adds",
    .enabled(if: isThere, "the shared test material is not beside the checkout"))
  func layers() throws {
    for name in ["mobilenet_v2", "crnn_lstm"] {
      let list = try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(filePath: try Self.file("onnx-torch/\(name).layers.json"))))
      let rows = try #require(list as? [[Any]])
      let graph = try ModelImport.onnx(try ModelFile(try Self.file("onnx-torch/\(name).onnx")))
        .model.graph
      let found = graph.layers.flatMap(\.primitives).filter {
        ["conv", "fc"].contains($0.element)
      }
      #expect(found.map(\.cost.macs) == rows.map { $0[3] as? Int ?? 0 })
    }
  }

  @Test(
    "ONNX's node tests: at least 305 of the 339 pass, and none is wrong",
    .enabled(
      if: FileManager.default.fileExists(atPath: data), "apt-get install libonnx-testdata"))
  func conformance() async throws {
    let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent().appending(path: "conformance").path(percentEncoded: false)
    let list = Files.root.appending(path: "Tests/Fixtures/onnx-conformance-1.12.0.txt")
    let result = try await ChildLimit.shared.run {
      try await Subprocess.run(
        .path(FilePath(program)), arguments: [list.path(percentEncoded: false), Self.data, "305"],
        output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    }
    #expect(result.terminationStatus == .exited(0), "\(result.standardOutput)")
    #expect(result.standardOutput.contains(" 0 wrong, 0 absent of 339"))
  }
}

/// A `.npz` file of NumPy's: an archive that stores or deflates `.npy` files.
struct NumPyArchive {
  private let folder: URL

  /// Unpacks an archive; it is gone with the process.
  init(_ path: String) throws {
    folder = FileManager.default.temporaryDirectory.appending(
      path: "npz-\(ProcessInfo.processInfo.processIdentifier)-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "python3", "-m", "zipfile", "-e", path, folder.path(percentEncoded: false),
    ]
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "python3 unpacks \(path)")
  }

  /// The elements of an array.
  func array(_ name: String) throws -> [Float] {
    try NumPyFile.read(folder.appending(path: "\(name).npy").path(percentEncoded: false)).floats()
  }
}
