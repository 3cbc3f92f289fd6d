import Foundation
import Testing

/// `ntprof export` as a user runs it.
@Suite struct ExportTests {
  private static let small = [
    Tool.topology("deepspeech"), "--set", "hidden=16", "--set", "classes=5",
  ]

  @Test func writesTheModelUnderItsNameOrTheOneGiven() async throws {
    try await Tool.withFolder { folder in
      let path = folder.path(percentEncoded: false)
      let standard = try await Tool.run(["export"] + Self.small + ["--output", path])
      #expect(standard.status == 0)
      #expect(standard.output.isEmpty)
      #expect(standard.error.contains("deepspeech.onnx"))
      let named = try await Tool.run(["export"] + Self.small + ["-o", "\(path)/x.onnx", "--quiet"])
      #expect(named.status == 0)
      #expect(named.error.isEmpty)
      #expect(try Tool.contents(folder) == ["deepspeech.onnx", "x.onnx"])
      let files = try ["deepspeech.onnx", "x.onnx"].map {
        try Data(contentsOf: folder.appending(path: $0))
      }
      #expect(files[0] == files[1])
      // 494·16 + 2·16² of the layers before, and more.
      #expect(files[0].count > 4 * (494 * 16 + 512))
    }
  }

  @Test func theSeedChangesConstantsAndBatchShapes() async throws {
    try await Tool.withFolder { folder in
      var files: [Data] = []
      for options in [["--seed", "1"], ["--seed", "2"], ["--batch", "3"]] {
        let file = folder.appending(path: "x.onnx")
        let run = try await Tool.run(
          ["export"] + Self.small + ["-o", file.path(percentEncoded: false)] + options)
        #expect(run.status == 0)
        files.append(try Data(contentsOf: file))
      }
      #expect(Set(files).count == 3)
    }
  }

  @Test func testDataHoldsInputsAndOutputs() async throws {
    try await Tool.withFolder { folder in
      let path = folder.path(percentEncoded: false)
      let run = try await Tool.run(
        ["export"] + Self.small
          + ["-o", "\(path)/x.onnx", "--test-data", "\(path)/data", "--threads", "1"])
      #expect(run.status == 0)
      let data = folder.appending(path: "data")
      #expect(try Tool.contents(data) == ["input_0.pb", "output_0.pb"])
      let output = try Data(contentsOf: data.appending(path: "output_0.pb"))
      let elements = 16 * 5
      #expect(output.count > 4 * elements && output.count < 4 * elements + 64)
    }
  }

  @Test func aNetworkWithoutOperatorsLeavesNothingBehind() async throws {
    try await Tool.withFolder { folder in
      let path = folder.path(percentEncoded: false)
      let run = try await Tool.run(
        ["export", Tool.topology("deepspeech-e2e"), "-o", "\(path)/x.onnx"])
      #expect(run.status == 65)
      #expect(run.error.contains("layer 'mfcc'"))
      #expect(try Tool.contents(folder).isEmpty)
    }
  }

  @Test func wrongUsageAndPlacesHaveTheirStatus() async throws {
    try await Tool.withFolder { folder in
      let path = folder.path(percentEncoded: false)
      let missing = try await Tool.run(["export"] + Self.small + ["-o", "\(path)/none/x.onnx"])
      #expect(missing.status == 73)
      let directory = try await Tool.run(["export"] + Self.small + ["-o", path])
      #expect(directory.status == 73)
      let device = try await Tool.run(["export"] + Self.small + ["-o", "/dev/null"])
      #expect(device.status == 73)
      let data = try await Tool.run(
        ["export"] + Self.small + ["--output", "\(path)/new", "--test-data", "/proc/none"])
      #expect(data.status == 73)
      let tuning = try await Tool.run(["export"] + Self.small + ["--tuning", "slow"])
      #expect(tuning.status == 64)
      let absent = try await Tool.run(["export", "\(path)/none.xml"])
      #expect(absent.status == 66)
      #expect(try Tool.contents(folder).isEmpty)
    }
  }
}
