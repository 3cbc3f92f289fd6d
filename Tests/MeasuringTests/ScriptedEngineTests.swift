import Machine
import Measuring
import Profiling
import TestSupport
import Testing
import Topology

/// An engine whose passes take the times that a script says: a step a layer, a layer's in nanoseconds.
///
/// It is all that an engine needs: one type that plans, one that runs.
private struct ScriptedEngine: Engine {
  static let name = "scripted"
  static let title = "the script"
  static let isaNames: [String] = []

  var instructionSet: InstructionSet? = InstructionSet("avx2_vnni")
  var capabilities: EngineCapabilities = [.boundaries]

  static func capISA(_ name: String) -> String? { "\(title) has no instruction sets" }

  func obstacle(to precision: Precision) -> String? {
    precision == .f32 ? nil : "the script is f32"
  }

  func peakRate(_ precision: Precision, threads: Int) -> Double? {
    precision == .f32 ? 1e9 * Double(threads) : nil
  }

  func runs(_ operation: Topology.Operation) -> Bool { true }

  func predictMemory(_ program: Program, options: [UInt64]) -> PlanMemory {
    var memory = PlanMemory()
    memory.values = 8 * options.count
    return memory
  }

  func plan(
    _ program: Program, options: [UInt64], weights: (any WeightProvider)?
  ) throws(ExecutionError) -> any PlannedNetwork {
    guard options.count == program.instructions.count else {
      throw ExecutionError(
        layer: program.instructions.last?.layer,
        .library(LibraryFault(call: "script", code: 1, status: "of another length")))
    }
    return ScriptedNetwork(
      times: options, layers: program.instructions.map(\.layer), capabilities: capabilities)
  }
}

private final class ScriptedNetwork: PlannedNetwork {
  let capabilities: EngineCapabilities
  let precision = Precision.f32
  let steps: [PlanStep]
  let fusedInto: [Int: Int] = [:]
  let weightBytes = 0
  let peakActivationBytes = 0
  let scratchpadBytes = 0
  let algorithmWork: [Int: AlgorithmWork] = [:]
  private let times: [UInt64]

  init(times: [UInt64], layers: [Int], capabilities: EngineCapabilities) {
    self.times = times
    self.capabilities = capabilities
    steps = zip(times.indices, layers).map { index, layer in
      PlanStep(layer: layer, sources: [index], kind: "scripted", implementation: "line \(index)")
    }
  }

  var stepCount: Int { times.count }
  func run() {}
  func run(step: Int) {}
  func run(stamps: inout MutableSpan<UInt64>, marks: Span<Bool>) {
    var now: UInt64 = 1000
    for boundary in 0...stepCount {
      if marks[boundary] { stamps[boundary] = now }
      if boundary < stepCount { now += times[boundary] }
    }
  }
  func run(marks: Span<Bool>, visit: (Int) -> Void) {
    for boundary in 0...stepCount where marks[boundary] { visit(boundary) }
  }
  func flush(steps: Range<Int>) {}
  func flushWeights(steps: Range<Int>) {}
  func writeInput(_ index: Int, _ data: [Float]) {}
  func numbers(of graph: Graph) -> [LayerNumbers] { LayerNumbers.uniform(graph, .f32) }
  func outputs() -> [[Float]] { [[1]] }
  func scanActivations() -> ActivationScan { ActivationScan() }
  func cosineSimilarity() -> Double? { 1 }
}

/// From an engine that is no library to the rows of a record.
@Suite struct ScriptedEngineTests {
  private func graph() throws -> Graph {
    var builder = GraphBuilder(name: "net")
    try builder.addInput(name: "x", type: TensorType(dims: [2, 4], .nc))
    try builder.addLayer(name: "a", primitives: [.init("fc", ["units": "8"])])
    try builder.addLayer(name: "b", primitives: [.init("activation", ["kind": "relu"])])
    try builder.addLayer(name: "c", primitives: [.init("fc", ["units": "3"]), .init("softmax")])
    return try builder.build()
  }

  /// The rows of five pairs of passes, in which the layers' steps take 500, 20, 300 and 40 ns.
  private func rows(_ engine: ScriptedEngine) throws -> RunRecord {
    let graph = try graph()
    let network = try engine.plan(graph.program(), options: [500, 20, 300, 40], weights: nil)
    #expect(network.stepsOfLayers == [0..<1, 1..<2, 2..<4])
    let selection = network.timed([true, true, true])
    let sampler = Sampler(
      runner: network, instrumented: network.steps.map { selection[$0.layer] },
      losses: { StolenTime.Reading(lostNs: 0, switches: 0) })
    for _ in 0..<5 { try sampler.takePair() }
    #expect(sampler.bare.count == 5)
    let assembler = RecordAssembler(
      graph: graph, selection: selection, numbers: network.numbers(of: graph))
    var record = SampleRecords.deepspeech()
    record.layers = assembler.layers()
    record.segments = assembler.segments()
    let measurement = Measurement(
      steps: network.steps, sampler: sampler, rooflines: nil, memory: nil, threads: 1,
      lastLevelCacheBytes: 1 << 20, counterSource: .estimated)
    assembler.fill(&record, with: measurement, fusedInto: network.fusedInto)
    return record
  }

  @Test func scriptedTimesBecomeRows() throws {
    let record = try rows(ScriptedEngine())
    #expect(record.layers.map(\.name) == ["a", "b", "c"])
    #expect(record.layers.map(\.time?.median) == [500, 20, 340])
    #expect(record.layers[2].primitives.map(\.implementation) == ["line 2", "line 3"])
    #expect(record.layers[2].primitives.map(\.time?.median) == [300, 40])
  }

  /// A library that runs a network as a whole still says what ran.
  @Test func whatDoesNotStopBetweenStepsHasNoRowsOfTimes() throws {
    let record = try rows(ScriptedEngine(capabilities: []))
    #expect(record.layers.map(\.time?.median) == [nil, nil, nil])
    #expect(record.layers[2].primitives.map(\.implementation) == ["line 2", "line 3"])
    #expect(record.layers[2].primitives.map(\.time?.median) == [nil, nil])
  }

  @Test func narrowNumbersAreWarnedOfWhereTheInstructionSetLacksThem() throws {
    let engine = ScriptedEngine()
    #expect(engine.emulationWarning(.f32) == nil)
    #expect(engine.emulationWarning(.int8) == nil)
    let warning = try #require(engine.emulationWarning(.bf16))
    #expect(warning.code == "emulated-precision")
    #expect(
      warning.message
        == "avx2_vnni has no bf16 products: the script makes them of others, or has none")
    // What is not known is not warned of.
    #expect(ScriptedEngine(instructionSet: nil).emulationWarning(.bf16) == nil)
  }

  @Test func itsErrorsNameCallAndLayer() throws {
    let graph = try graph()
    let error = try #require(throws: ExecutionError.self) {
      try ScriptedEngine().plan(graph.program(), options: [1], weights: nil)
    }
    #expect(error.layer == 2)
    #expect(error.call == "script")
    #expect(error.description == "script: of another length")
    #expect(ScriptedEngine().obstacle(to: .int8) == "the script is f32")
  }
}
