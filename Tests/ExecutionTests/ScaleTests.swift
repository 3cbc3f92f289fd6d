import Execution
import Measuring
import Profiling
import TestSupport
import Testing
import Topology

/// What is done for a network is linear in its layers.
///
/// Four times the layers may take eight times the CPU time of one thread: a step that looks at all
/// layers for each of them takes sixteen. The best of three is compared, for time is only ever added.
@Suite(.serialized) struct ScaleTests {
  enum Kind: CaseIterable {
    /// A chain of convolutions and rectifiers.
    case chain
    /// Residual blocks that end in a concatenation.
    case branches
    /// Layers that all read the input and that nobody reads.
    case outputs
    /// One convolution and functions of every element.
    case functions
  }

  private func net(_ kind: Kind, layers: Int) throws -> Graph {
    var net = try Net([1, 8, 2, 2], .nchw)
    let conv = try GraphBuilder.PrimitiveSpec("conv", ["filters": "8", "kernel": "1"])
    let relu = try GraphBuilder.PrimitiveSpec("activation", ["kind": "relu"])
    try net.layer("l0", conv)
    for index in 1..<layers {
      switch kind {
      case .chain: try net.layer("l\(index)", conv, relu)
      case .outputs: try net.layer("l\(index)", from: ["data"], conv)
      case .functions: try net.layer("l\(index)", relu)
      case .branches where index % 3 == 0:
        try net.layer("l\(index)", from: ["l\(index - 2)", "l\(index - 1)"], .init("concat"), conv)
      case .branches where index % 3 == 1: try net.layer("l\(index)", conv, relu)
      case .branches: try net.layer("l\(index)", conv, .init("add", with: ["l\(index - 2)"]))
      }
    }
    return try net.builder.build()
  }

  /// CPU time of planning a network and filling its record after one pass, ns.
  private func cost(_ kind: Kind, layers: Int) throws -> Double {
    let begin = ThreadTime.now()
    let graph = try net(kind, layers: layers)
    let plan = try Plan(graph.program(), options: PlanOptions(threads: 1))
    let sampler = Sampler(runner: plan, instrumented: plan.steps.map { _ in true })
    try sampler.takePair()
    let selection = [Bool](repeating: true, count: layers)
    let assembler = RecordAssembler(
      graph: graph, selection: selection, numbers: plan.numbers(of: graph))
    var record = SampleRecords.deepspeech()
    record.layers = assembler.layers()
    record.segments = assembler.segments()
    let measurement = Measurement(
      steps: plan.steps, sampler: sampler, rooflines: record.machine.rooflines,
      memory: nil, threads: 1, lastLevelCacheBytes: 1 << 20, counterSource: .none)
    assembler.fill(&record, with: measurement, fusedInto: plan.fusedInto)
    #expect(record.layers.count { $0.time != nil || $0.fusedInto != nil } == layers)
    return ThreadTime.now() - begin
  }

  @Test(.timeLimit(.minutes(10)), arguments: Kind.allCases)
  func fourTimesTheLayersTakeFourTimesAsLong(kind: Kind) throws {
    _ = try cost(kind, layers: 50)
    var few = Double.infinity
    var many = Double.infinity
    for _ in 0..<3 {
      few = min(few, try cost(kind, layers: 200))
      many = min(many, try cost(kind, layers: 800))
      if many < 8 * few { return }
    }
    Issue.record("\(kind): 800 layers take \(many / few) times as long as 200")
  }
}
