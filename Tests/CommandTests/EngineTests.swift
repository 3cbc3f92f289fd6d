import Foundation
import Profiling
import Testing

/// `--engine`, `--engines` and `ntprof engines` as a user runs them.
///
/// Workers that misbehave are shell scripts, test doubles of a Python; what needs a real engine runs
/// where `ntprof engines` finds one.
@Suite struct EngineTests {
  private static let small = [
    Tool.topology("deepspeech"), "--set", "hidden=16", "--set", "classes=5",
  ]

  /// Runs a command with a script as the Python, in a folder for what it saves.
  private func outcome(
    _ words: [String], python script: String
  ) async throws -> (Tool.Outcome, saved: [String]) {
    try await Tool.withFolder { folder in
      let python = folder.appending(path: "python").path(percentEncoded: false)
      try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(filePath: python))
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: python)
      let reports = folder.appending(path: "reports")
      let outcome = try await Tool.run(
        words + ["--engine-python", python, "--output", reports.path(percentEncoded: false)])
      return (outcome, (try? Tool.contents(reports)) ?? [])
    }
  }

  private let lacking = """
    read -r line <&3
    printf '%s\\n' '{"re":1,"error":{"code":"missing-package","message":"No module named onnxruntime"}}' >&4
    """

  @Test func whereNoneIsFoundTheRemedyIsNamedAndNothingIsLeft() async throws {
    let (run, saved) = try await outcome(
      ["profile"] + Self.small + ["--engine", "onnxruntime", "--threads", "1"], python: lacking)
    #expect(run.status == 69)
    #expect(run.output.isEmpty)
    #expect(run.error.contains("no Python with 'onnxruntime' was found"))
    #expect(run.error.contains("No module named onnxruntime"))
    #expect(run.error.contains("ntprof engines install onnxruntime"))
    #expect(saved.isEmpty)
  }

  @Test func anOldPackageIsSaidToBeOld() async throws {
    let (run, _) = try await outcome(
      ["profile"] + Self.small + ["--engine", "openvino", "--threads", "1"],
      python: """
        read -r line <&3
        printf '%s\\n' '{"re":1,"error":{"code":"too-old","message":"openvino 2021.1 is older than 2023.1"}}' >&4
        """)
    #expect(run.status == 69)
    #expect(run.error.contains("new enough"))
    #expect(run.error.contains("openvino 2021.1 is older than 2023.1"))
  }

  @Test(
    "one clear error each",
    arguments: [
      ("exit 3", 70, "ONNX Runtime: the worker ended with status 3"),
      ("printf '%s\\n' rubbish >&4; read -r line <&3", 70, "what is no answer: 'rubbish'"),
      ("printf '{\"re\"' >&4", 70, "in the middle of an answer"),
      (
        #"printf '%s\n' '{"re":2,"error":{"code":"unsupported-operator","message":"no LSTM"}}' >&4; read -r l <&3"#,
        65, "ONNX Runtime has no such operator: no LSTM"
      ),
      (
        #"printf '%s\n' '{"re":2,"error":{"code":"setting","message":"asked 2, got 1"}}' >&4; read -r l <&3"#,
        69, "did not take a setting: asked 2, got 1"
      ),
    ] as [(String, Int32, String)])
  func workersThatMisbehave(_ script: String, _ status: Int32, _ words: String) async throws {
    let (run, saved) = try await outcome(
      ["profile"] + Self.small + ["--engine", "onnxruntime", "--threads", "1"],
      python: """
        read -r line <&3
        printf '%s\\n' '{"re":1,"ok":{"protocol":1,"engine":"onnxruntime","version":"1","python":"3"}}' >&4
        read -r line <&3
        \(script)
        """)
    #expect(run.status == status)
    #expect(run.error.contains(words))
    #expect(run.error.split(separator: "\n").count { $0.contains("error:") } == 1)
    #expect(saved.isEmpty)
  }

  @Test(
    "what an engine cannot be asked for",
    arguments: [
      ["profile", "X", "--engine", "tensorflow"],
      ["profile", "X", "--engine", "openvino", "--tuning", "search"],
      ["profile", "X", "--engine", "onnxruntime", "--isa", "avx2"],
      ["profile", "X", "--engine", "pytorch", "--precision", "bf16"],
      ["profile", "X", "--engine", "onnxruntime", "--counters", "simulated"],
      ["profile", "X", "--engine", "onnxruntime", "--cache", "cold"],
      ["profile", "X", "--engine", "onnxruntime", "--scenario", "offline"],
      ["diff", "X", "--engines", "onednn"], ["diff", "X", "--engines", "onednn,onnx"],
      ["diff", "X", "X", "--engines", "onednn,onnxruntime"],
      ["diff", "X", "--engines", "onednn,openvino", "--candidate-engine", "pytorch"],
      ["engines", "install", "onednn"],
    ])
  func usage(_ words: [String]) async throws {
    let run = try await Tool.run(words.map { $0 == "X" ? Tool.topology("deepspeech") : $0 })
    #expect(run.status == 64)
  }

  @Test func enginesAreListed() async throws {
    let (run, _) = try await Tool.withFolder { folder in
      let python = folder.appending(path: "python").path(percentEncoded: false)
      try Data("#!/bin/sh\n\(lacking)\n".utf8).write(to: URL(filePath: python))
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: python)
      return (try await Tool.run(["engines", "--engine-python", python]), 0)
    }
    #expect(run.status == 0)
    let names = run.output.split(separator: "\n").compactMap { $0.split(separator: " ").first }
    #expect(names == ["onednn", "onnxruntime", "openvino", "pytorch"])
    #expect(run.output.contains("ntprof engines install pytorch"))
  }

  @Test func installingFromAFolderThatIsNotThereSaysSo() async throws {
    let run = try await Tool.run(["engines", "install", "openvino", "--offline", "/nowhere"])
    #expect(run.status == 66)
    #expect(run.error.contains("/nowhere"))
  }

  // MARK: With the engines themselves

  /// Whether an engine is installed here.
  static func isHere(_ engine: String) async throws -> Bool {
    let list = try await Tool.run(["engines"]).output.split(separator: "\n")
    return list.contains { $0.hasPrefix(engine) && !$0.contains("not found") }
  }

  @Test(
    "records of an installed ONNX Runtime close",
    .enabled("onnxruntime is not installed") { try await isHere("onnxruntime") })
  func onnxRuntime() async throws { try await records(of: "onnxruntime") }

  @Test(
    "records of an installed OpenVINO close",
    .enabled("openvino is not installed") { try await isHere("openvino") })
  func openVINO() async throws { try await records(of: "openvino") }

  @Test(
    "records of an installed PyTorch close",
    .enabled("torch is not installed") { try await isHere("pytorch") })
  func pyTorch() async throws { try await records(of: "pytorch") }

  private func records(of engine: String) async throws {
    try await Tool.withFolder { folder in
      let run = try await Tool.run(
        ["profile"] + Self.small
          + [
            "--engine", engine, "--threads", "1", "--time", "0.2", "--format", "json", "--no-save",
            "--quiet",
          ])
      #expect(run.status == 0)
      let record = try RecordCoding.decode(Array(run.output.utf8))
      #expect(record.options.engine == engine)
      #expect(record.machine.engine?.settings.isEmpty == false)
      let layers = record.layers.compactMap { $0.time?.mean }.reduce(0, +)
      let pass = try #require(record.timedPass?.time.mean)
      let rest = try #require(record.unattributed?.time.mean)
      #expect((layers + rest - pass).magnitude < 1e-3 * pass)
      let nodes = try #require(record.unattributed?.nodes)
      #expect((nodes.executedNs + nodes.betweenNs - pass).magnitude < 1e-3 * pass)
      #expect(nodes.attributedShare >= 0.99 && nodes.shareOfBare ?? 0 > 0)
      #expect((nodes.returnNs != nil) == (engine == "pytorch"))
      #expect((nodes.cutNs != nil) == (engine != "pytorch"))
      #expect(try #require(record.endToEnd?.outputError).relative < 1e-4)
      #expect(!record.warnings.contains { $0.code == "unattributed-nodes" })
    }
  }
}
