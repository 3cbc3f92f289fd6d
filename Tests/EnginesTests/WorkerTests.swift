import FoundationEssentials
import Profiling
import Testing

@testable import Engines

/// What is made of workers that do as they should, and of those that do not.
@Suite struct WorkerTests {
  private static let short = WorkerLimits(hello: 0.3, load: 0.3, run: 0.3, quit: 0.3)
  private static let patient = WorkerLimits(hello: 60, load: 60, run: 60, quit: 5)
  private static let request = LoadRequest(
    model: "m", folder: "/", inputs: [], outputs: [], threads: 1, precision: "f32")

  private func start(
    _ script: String, _ limits: WorkerLimits = Self.patient,
    then use: (EngineWorker) throws -> Void = { _ in }
  ) throws {
    try FakePython.with(script) { python in
      let worker = try EngineWorker(
        .onnxruntime, python: python.path, environment: ["PATH": "/usr/bin:/bin"], limits: limits)
      try use(worker)
    }
  }

  private func fault(
    _ script: String, _ limits: WorkerLimits = Self.patient
  ) throws -> EngineError {
    try #require(
      throws: EngineError.self
    ) { try start(script, limits) { _ = try $0.load(Self.request) } }
  }

  @Test func anHonestWorkerIsMeasured() throws {
    try start(FakePython.honest) { worker in
      #expect(worker.facts.version == "9.8.7")
      let loaded = try worker.load(Self.request)
      #expect(loaded.loadNs == 5 && loaded.settings == ["a_b": "1"])
      let session = EngineSession(
        worker, loaded: loaded, plan: .init(passes: 4, seconds: 0.001), isCancelled: { false })
      var rounds = 0
      try session.measure { bare, _ in
        rounds += 1
        return bare.count >= 8
      }
      // Two blocks of bare passes a round, of two passes each.
      #expect(session.bare.count == 8 && rounds == 2)
      let profile = try worker.profile()
      #expect(profile.nodes.map(\.ns) == [[1e6], [2e6]])
      #expect(worker.peakMemoryBytes ?? 0 > 0)
    }
  }

  @Test func exactPassesAreExact() throws {
    try start(FakePython.honest) { worker in
      let session = EngineSession(
        worker, loaded: try worker.load(Self.request),
        plan: .init(passes: 3, seconds: 0, isExact: true), isCancelled: { false })
      try session.measure { bare, _ in bare.count >= 3 }
      #expect(session.bare == [4e6, 4e6, 4e6])
    }
  }

  @Test func thePythonThatIsNotThereIsNamed() throws {
    let error = try #require(throws: EngineError.self) {
      _ = try EngineWorker(.onnxruntime, python: "/nowhere/python", environment: [:])
    }
    #expect(error.code == .notStarted && error.isOfThisPython)
    #expect(error.description.contains("/nowhere/python"))
  }

  @Test func aMissingPackageIsOfThisPython() throws {
    let error = try fault(
      """
      read -r line <&3
      printf '%s\\n' '{"re":1,"error":{"code":"missing-package","message":"No module named x","package":"x"}}' >&4
      """)
    #expect(error.code == .missingPackage && error.isOfThisPython)
    #expect(error.description == "No module named x")
  }

  @Test func anUnknownCodeIsTheEngines() throws {
    let error = try fault(
      FakePython.greeting(#"printf '%s\n' '{"re":2,"error":{"code":"odd","message":"no"}}' >&4"#))
    #expect(error.code == .engine && !error.isOfThisPython)
  }

  @Test func anOperatorThatIsLackingNamesItsNode() throws {
    let error = try fault(
      FakePython.greeting(
        #"printf '%s\n' '{"re":2,"error":{"code":"unsupported-operator","message":"none","node":"x"}}' >&4"#
      ))
    #expect(error.code == .unsupportedOperator && error.description == "x: none")
  }

  @Test func aWorkerThatDiesIsQuoted() throws {
    let error = try fault(FakePython.greeting("echo first >&2; echo last words >&2; exit 3"))
    #expect(error.code == .ended)
    #expect(error.description == "the worker ended with status 3: last words")
    let killed = try fault(FakePython.greeting("kill -SEGV $$"))
    #expect(killed.description.contains("signal 11"))
  }

  @Test func halfALineIsNoAnswer() throws {
    let error = try fault(FakePython.greeting(#"printf '{"re":2,"ok"' >&4"#))
    #expect(error.code == .ended)
    #expect(error.description.contains("in the middle of an answer"))
  }

  @Test(
    "rubbish is quoted, in part",
    arguments: ["hello", "[1]", "{}", #"{"re":2,"ok":{"load_ns":"x"}}"#, #"{"re":9}"#])
  func rubbish(_ line: String) throws {
    let error = try fault(
      FakePython.greeting("printf '%s\\n' '\(line)' >&4; read -r line <&3"))
    #expect(error.code == .protocol)
  }

  @Test func anotherProtocolIsRefused() throws {
    let error = try fault(
      """
      read -r line <&3
      printf '%s\\n' '{"re":1,"ok":{"protocol":2,"engine":"onnxruntime","version":"1","python":"3"}}' >&4
      read -r line <&3
      """)
    #expect(error.code == .protocol)
    #expect(error.description.contains("protocol 2"))
  }

  @Test func silenceEnds() throws {
    // It waits for a request that never comes.
    let error = try fault(FakePython.greeting("read -r line <&3"), Self.short)
    #expect(error.code == .silent)
    let mute = try fault("read -r line <&3; read -r line <&3", Self.short)
    #expect(mute.code == .silent)
  }

  @Test func aLineWithoutEndIsCutOff() throws {
    let error = try fault(
      FakePython.greeting("head -c 20000000 /dev/zero | tr '\\0' x >&4; read -r line <&3"))
    #expect(error.code == .protocol)
    #expect(error.description == "a line of more than 16 MB")
  }

  @Test func profilesThatContradictThemselvesAreRefused() {
    let node = TimedNode(name: "a", op: "Conv", ns: [1, 2])
    func fault(_ node: TimedNode, _ passes: [Double], _ graph: [EngineNode] = []) -> String? {
      EngineProfile(nodes: [node], passesNs: passes, graph: graph).fault
    }
    #expect(fault(node, [3, 3]) == nil)
    #expect(fault(node, [3])?.contains("2 times of 1 passes") == true)
    #expect(fault(node, [3, 0]) != nil)
    #expect(fault(TimedNode(name: "a", op: "", ns: [-1]), [3]) != nil)
    #expect(fault(node, [3, 3], [EngineNode(name: "b", op: "", inputs: [4])]) != nil)
  }

  @Test func outputsAreCompared() throws {
    let same = try #require(OutputComparison.compare([[1, -2]], with: [[1, -2]]))
    #expect(same.relative == 0 && (same.cosine - 1).magnitude < 1e-12)
    let off = try #require(OutputComparison.compare([[1, -2], [1.5]], with: [[1, -2], [1]]))
    #expect(off.relative == 0.5)
    #expect(OutputComparison.compare([[1]], with: [[1, 2]]) == nil)
    #expect(OutputComparison.compare([[.nan]], with: [[1]]) == nil)
    #expect(OutputComparison.compare([], with: []) == nil)
  }
}
