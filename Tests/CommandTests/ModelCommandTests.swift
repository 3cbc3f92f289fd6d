import Foundation
import Importers
import Testing

/// ONNX models where topologies are taken, as a user does it.
@Suite struct ModelCommandTests {
  private static func fixture(_ name: String) -> String {
    Tool.root.appending(path: "Tests/Fixtures/\(name)").path(percentEncoded: false)
  }

  private static let tiny = [fixture("tiny.onnx"), "--shape", "image=2x3x16x16"]

  @Test func aModelIsShownByItsContentAndNotItsName() async throws {
    try await Tool.withFolder { folder in
      let copy = folder.appending(path: "network.xml").path(percentEncoded: false)
      try FileManager.default.copyItem(atPath: Self.tiny[0], toPath: copy)
      let shown = try await Tool.run(
        ["show", copy, "--batch", "2", "--format", "json"])
      #expect(shown.status == 0, "\(shown.error)")
      let record = try #require(
        try JSONSerialization.jsonObject(with: Data(shown.output.utf8)) as? [String: Any])
      let topology = try #require(record["topology"] as? [String: Any])
      #expect(topology["format"] as? String == "onnx")
      let layers = try #require(record["layers"] as? [[String: Any]])
      #expect(
        layers.compactMap { $0["name"] as? String } == [
          "conv1", "depthwise", "pool", "fc", "softmax",
        ])
      let totals = try #require(record["totals"] as? [String: Any])
      #expect(totals["parameters"] as? Int == 402)
    }
  }

  @Test func whatTheModelLeavesOpenIsAskedFor() async throws {
    let open = try await Tool.run(["show", Self.tiny[0]])
    #expect(open.status == 65)
    #expect(open.error.contains("leaves extents of its inputs open: image=?(batch)x3x16x16"))
    #expect(open.error.contains("--shape image=Nx3x16x16"))
    let unknown = try await Tool.run(["show", Self.tiny[0], "--shape", "picture=1x3x16x16"])
    #expect(unknown.status == 64)
    #expect(unknown.error.contains("has no input 'picture'"))
    let set = try await Tool.run(["show"] + Self.tiny + ["--set", "classes=3"])
    #expect(set.status == 64)
    #expect(set.error.contains("is a model, which has no params"))
    let shape = try await Tool.run(["show", "--shape", "image=1x3", "--", "alexnet"])
    #expect(shape.status == 64)
    let text = try await Tool.run(["show", Self.tiny[0], "--shape", "image=axb"])
    #expect(text.status == 64)
    #expect(text.error.contains("is no shape"))
  }

  @Test(arguments: ["tiny", "tiny-qdq", "tiny-qdq7", "tiny-qlinear", "tiny-qlinear7"])
  func outputsAreThoseOfONNXRuntime(name: String) async throws {
    try await Tool.withFolder { folder in
      let output = folder.appending(path: "out").path(percentEncoded: false)
      let run = try await Tool.run([
        "run", Self.fixture("\(name).onnx"), "--input", "image=" + Self.fixture("tiny-input.npy"),
        "--outputs", output, "--threads", "1",
      ])
      #expect(run.status == 0, "\(run.error)")
      let list = try String(contentsOfFile: "\(output)/outputs.json", encoding: .utf8)
      #expect(list.contains("\"name\" : \"logits\"") && list.contains("output_1.npy"))
      let given = try NumPyFile.read("\(output)/output_0.npy")
      let suffix = name == "tiny" ? "tiny-logits.npy" : "\(name)-logits.npy"
      let wanted = try NumPyFile.read(Self.fixture(suffix))
      #expect(given.dims == wanted.dims)
      let largest = wanted.floats().map(abs).max() ?? 0
      let error = zip(given.floats(), wanted.floats()).map { abs($0 - $1) }.max() ?? .infinity
      // One step of the quantised outputs, where a tie is broken another way.
      #expect(error / largest < (name == "tiny" ? 1e-5 : 2e-2))
    }
  }

  @Test func arraysThatDoNotFitAreRefused() async throws {
    try await Tool.withFolder { folder in
      let output = folder.appending(path: "out").path(percentEncoded: false)
      let model = [Self.fixture("tiny.onnx"), "--batch", "1", "--outputs", output]
      let wrong = try await Tool.run(
        ["run"] + model + ["--input", Self.fixture("tiny-input.npy")])
      #expect(wrong.status == 65)
      #expect(wrong.error.contains("which the input 'image' is"))
      let name = try await Tool.run(
        ["run"] + model + ["--input", "x=" + Self.fixture("tiny-input.npy")])
      #expect(name.status == 64)
      let none = try await Tool.run(["run"] + model + ["--input", Self.fixture("tiny.onnx")])
      #expect(none.status == 65)
      #expect(none.error.contains("is no .npy file"))
      let missing = try await Tool.run(["run"] + model + ["--input", "\(output)/no.npy"])
      #expect(missing.status == 66)
      #expect(!FileManager.default.fileExists(atPath: output))
      let random = try await Tool.run(["run"] + model)
      #expect(random.status == 0)
      #expect(random.error.contains("input 'image' was not given: random"))
    }
  }

  @Test func aRunSaysWhichWeightsItUsed() async throws {
    for (options, kind) in [([], "model"), (["--random-weights"], "random")] {
      let run = try await Tool.run(
        ["profile"] + Self.tiny + options + [
          "--iterations", "3", "--warmup", "1", "--threads", "1", "--counters", "none",
          "--no-save", "--format", "json",
        ])
      #expect(run.status == 0, "\(run.error)")
      let record = try #require(
        try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
      let topology = try #require(record["topology"] as? [String: Any])
      #expect((topology["weights"] as? [String: Any])?["kind"] as? String == kind)
    }
  }

  @Test func filesOfOtherToolsAreNamed() async throws {
    try await Tool.withFolder { folder in
      for (bytes, words) in [
        ("PK\u{3}\u{4}", "an archive, as PyTorch saves"),
        ("GGUF\0\0\0\0", "binary data of no kind that is known"),
        ("\u{1c}\0\0\0TFL3", "TensorFlow Lite"),
      ] {
        let file = folder.appending(path: "model.bin")
        try Data(bytes.utf8 + [UInt8](repeating: 0, count: 200)).write(to: file)
        let run = try await Tool.run(["check", file.path(percentEncoded: false)])
        #expect(run.status == 65)
        #expect(run.error.contains(words), "\(run.error)")
      }
      let file = folder.appending(path: "cut.onnx")
      let whole = try Data(contentsOf: URL(filePath: Self.tiny[0]))
      try whole.prefix(whole.count / 2).write(to: file)
      let cut = try await Tool.run(["show", file.path(percentEncoded: false)])
      #expect(cut.status == 65)
      #expect(cut.error.contains("offset "))
      #expect(cut.error.contains("truncated or damaged"))
    }
  }
}
