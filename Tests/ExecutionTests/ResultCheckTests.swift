import DNNL
import FoundationEssentials
import Profiling
import TestSupport
import Testing
import Topology

@testable import Execution
@testable import Measuring

@Suite("What a search believes")
struct ResultCheckTests {
  @Test("results agree up to a share of the largest")
  func tolerance() {
    let expected: [Float] = [100, 1, 0, -50]
    #expect(ResultCheck.agrees([100.01, 1, 0.005, -50], with: expected, tolerance: 1e-3))
    #expect(!ResultCheck.agrees([100, 1.2, 0, -50], with: expected, tolerance: 1e-3))
    #expect(!ResultCheck.agrees([100, 1, 0], with: expected, tolerance: 1))
    // Nothing but zeros has no share.
    #expect(!ResultCheck.agrees([0, 1e-9], with: [0, 0], tolerance: 0.1))
    #expect(ResultCheck.agrees([0, 0], with: [0, 0], tolerance: 0.1))
  }

  @Test("the same infinities and NaNs agree, a stray one in a thousand may not be the same")
  func notFinite() {
    let expected: [Float] = [.infinity, .nan, 1, -.infinity]
    #expect(ResultCheck.agrees(expected, with: expected, tolerance: 1e-3))
    #expect(!ResultCheck.agrees([.nan, .nan, 1, -.infinity], with: expected, tolerance: 1e-3))
    var many = [Float](repeating: 1, count: 2000)
    let most = many
    many[7] = .nan
    #expect(ResultCheck.agrees(many, with: most, tolerance: 1e-3))
    for index in 0..<3 { many[index] = .nan }
    #expect(!ResultCheck.agrees(many, with: most, tolerance: 1e-3))
  }

  private func program() throws -> Program {
    var net = try Net([1, 16, 12, 12], .nchw)
    try net.layer(
      "a", .init("conv", ["filters": "16", "kernel": "3", "padding": "same"]),
      .init("activation", ["kind": "relu"]))
    try net.layer("b", .init("conv", ["filters": "16", "kernel": "1"]))
    return try net.program()
  }

  @Test("what crashed is not tried again, and is listed without a time")
  func crashes() throws {
    let program = try program()
    let options = PlanOptions(tuning: .search)
    let watched = TuningMemory()
    var begun: [(key: String, entry: TunedImplementation)] = []
    watched.journal = { event in
      if case .begins(let key, let entry?) = event { begun.append((key, entry)) }
    }
    try Plan.search(program, options: options, tunings: watched)
    let (key, entry) = try #require(begun.first)
    let memory = TuningMemory()
    #expect(!memory.noteCrash(), "nothing has begun")
    memory.note(.begins(key: key, entry))
    #expect(memory.noteCrash())
    #expect(!memory.noteCrash(), "it is over")
    var tried: [(key: String, entry: TunedImplementation)] = []
    memory.journal = { event in
      if case .begins(let key, let other?) = event { tried.append((key, other)) }
    }
    let plan = try Plan(program, options: options, tunings: memory)
    #expect(!tried.isEmpty && !tried.contains { $0.key == key && $0.entry.isSame(as: entry) })
    let known = try #require(memory.found[key])
    let crashed = try #require(known.first { $0.isSame(as: entry) })
    #expect(crashed.fault == .crashed && crashed.time == nil)
    let step = try #require(plan.steps.first { $0.kind == "convolution" })
    #expect(step.alternatives.contains { $0.fault == "crashed" && $0.time == nil })
    let formats = ["src", "weights", "dst"].map { step.formats[$0] ?? "" }
    #expect(step.implementation != entry.implementation || formats != entry.formats)
    try plan.run()
    #expect(error(plan.readOutput(0), reference(program)[program.outputs[0]]) < 1e-3)
  }

  @Test("who only asks tries nothing and says that something is missing")
  func asking() throws {
    let program = try program()
    let options = PlanOptions(tuning: .search)
    let memory = TuningMemory(mode: .ask)
    var tried = 0
    memory.journal = { if case .begins = $0 { tried += 1 } }
    #expect(throws: ExecutionError.self) {
      _ = try Plan(program, options: options, tunings: memory)
    }
    #expect(memory.isLacking && tried == 0 && memory.found.isEmpty)
    // Without any knowledge it is oneDNN's own choice.
    memory.restart(.known)
    let plain = try Plan(program, options: options, tunings: memory)
    #expect(tried == 0 && !memory.isLacking)
    let fast = try Plan(program)
    #expect(plain.steps.map(\.implementation) == fast.steps.map(\.implementation))
    // After a search everything that a plan asks for is known.
    memory.restart(.trial)
    try Plan.search(program, options: options, tunings: memory)
    #expect(tried > 0)
    memory.restart(.ask)
    _ = try Plan(program, options: options, tunings: memory)
    #expect(!memory.isLacking)
  }

  @Test("what is written around given memory is seen", arguments: [-1, 1000, 1000 + 4095])
  func margins(place: Int) throws {
    let buffer = try GuardedBuffer(capacity: 5000)
    #expect(buffer.open(bytes: 2000) == 0..<2000)
    #expect(buffer.open(bytes: 1000) == 1000..<1000)
    buffer.base.initializeMemory(as: UInt8.self, repeating: 7, count: 1000)
    #expect(buffer.isUntouched)
    buffer.base.storeBytes(of: 7, toByteOffset: place, as: UInt8.self)
    #expect(!buffer.isUntouched)
    // What was margin holds nothing that a later user may read.
    #expect(buffer.open(bytes: 3000) == 1000..<3000)
    #expect(buffer.isUntouched)
  }

  @Test(
    "entries that no search has written are refused",
    arguments: [
      #"{"variant":0,"implementation":"a","formats":["a","b"],"time":1}"#,
      #"{"variant":-1,"implementation":"a","formats":["a","b","c"],"time":1}"#,
      #"{"variant":0,"implementation":"a","formats":["a","b","c"],"time":-1}"#,
      #"{"variant":0,"implementation":"a","formats":["a","b","c"],"time":1,"fault":"crashed"}"#,
      #"{"variant":0,"implementation":"a","formats":["a","b","c"],"fault":"tired"}"#,
    ])
  func damaged(text: String) throws {
    #expect(throws: DecodingError.self) {
      _ = try JSONDecoder().decode(TunedImplementation.self, from: Data(text.utf8))
    }
  }

  @Test("an entry whose way of asking is gone is passed over")
  func unknownVariant() throws {
    let program = try program()
    let options = PlanOptions(tuning: .search)
    let memory = TuningMemory()
    try Plan.search(program, options: options, tunings: memory)
    let strange = try memory.found.mapValues { entries in
      try entries.map { entry in
        let data = String(decoding: try JSONEncoder().encode(entry), as: UTF8.self)
          .replacing(#/"variant":\d+/#, with: #""variant":99"#)
        return try JSONDecoder().decode(TunedImplementation.self, from: Data(data.utf8))
      }
    }
    let plan = try Plan(
      program, options: options,
      tunings: TuningMemory(found: strange, reorders: memory.reorders))
    try plan.run()
    #expect(error(plan.readOutput(0), reference(program)[program.outputs[0]]) < 1e-3)
  }
}
