import Execution
import Measuring
import TestSupport
import Testing
import Topology

/// Small graphs whose memory is reused, shared and joined.
@Suite struct GraphTests {
  @Test func denseBlockConcatenatesEverything() throws {
    var net = try Net([1, 8, 7, 7], .nchw)
    try net.layer("a", from: ["data"], .init("conv", ["filters": "12", "kernel": "1"]))
    try net.layer(
      "b", from: ["data", "a"], .init("concat"), .init("batch-norm"),
      .init("activation", ["kind": "relu"]),
      .init("conv", ["filters": "16", "kernel": "3", "padding": "same"]))
    try net.layer("c", from: ["data", "a", "b"], .init("concat"))
    try net.layer(
      "out", .init("global-pool", ["kind": "avg"]), .init("flatten"), .init("fc", ["units": "10"]),
      .init("softmax"))
    try expectAgreement(net.program())
  }

  @Test func reshapesShareMemorySafely() throws {
    var net = try Net([2, 6, 4, 4], .nchw)
    try net.layer("flat", .init("flatten"))
    try net.layer("relu", from: ["flat"], .init("activation", ["kind": "relu"]))
    try net.layer("exp", from: ["data"], .init("activation", ["kind": "exp"]))
    try net.layer("flat2", from: ["exp"], .init("flatten"))
    try net.layer("twice", from: ["flat2"], .init("add", with: ["relu"]))
    try net.layer("again", from: ["exp"], .init("activation", ["kind": "tanh"]))
    try expectAgreement(net.program())
  }

  @Test func oneValueAsBothOperands() throws {
    var net = try Net([2, 6, 4, 4], .nchw)
    try net.layer("conv", .init("conv", ["filters": "16", "kernel": "1"]))
    try net.layer("square", from: ["conv", "conv"], .init("mul"))
    try net.layer("join", from: ["square", "square"], .init("concat"))
    try expectAgreement(net.program())
  }

  @Test func inputThatIsAnOutput() throws {
    var net = try Net([2, 6], .nc)
    try net.layer("same", .init("dropout"))
    let program = try net.program()
    let plan = try Plan(program)
    try plan.run()
    #expect(plan.outputs() == [reference(program)[0]])
  }

  @Test func inputsSurviveAndCanBeReplaced() throws {
    var net = try Net([1, 4], .nc)
    try net.layer("relu", .init("activation", ["kind": "relu"]))
    let plan = try Plan(net.program())
    for sign: Float in [1, -1] {
      plan.writeInput(0, [1, -2, 3, -4].map { $0 * sign })
      try plan.run()
      try plan.run()
      #expect(plan.readOutput(0).map { max($0, 0) } == [1, -2, 3, -4].map { max($0 * sign, 0) })
    }
  }

  @Test func arenaIsSmallerThanTheSumOfValues() throws {
    var net = try Net([1, 16, 32, 32], .nchw)
    for index in 0..<12 {
      try net.layer(
        "conv\(index)", .init("conv", ["filters": "16", "kernel": "3", "padding": "same"]))
    }
    let program = try net.program()
    let plan = try Plan(program)
    let kept = try Plan(program, options: PlanOptions(keepAllValues: true))
    #expect(plan.peakActivationBytes * 3 < kept.peakActivationBytes)
    expectForecast(of: plan, program)
    expectForecast(of: kept, program)
  }

  @Test func stampsAndVisitsCoverEveryBoundary() throws {
    var net = try Net([1, 3, 8, 8], .nchw)
    try net.layer("conv", .init("conv", ["filters": "8", "kernel": "3"]))
    try net.layer("pool", .init("pool", ["kernel": "2"]))
    let plan = try Plan(net.program())
    var stamps = [UInt64](repeating: 0, count: plan.stepCount + 1)
    var marks = [Bool](repeating: true, count: plan.stepCount + 1)
    marks[1] = false
    var room = stamps.mutableSpan
    try plan.run(stamps: &room, marks: marks.span)
    #expect(stamps[1] == 0)
    #expect(stamps[0] > 0 && stamps[plan.stepCount] >= stamps[0])
    var visited: [Int] = []
    try plan.run(marks: marks.span) { visited.append($0) }
    #expect(visited == (0...plan.stepCount).filter { $0 != 1 })
  }

  @Test func scanCountsWhatDistortsTimes() throws {
    var net = try Net([1, 4], .nc)
    try net.layer("log", .init("activation", ["kind": "log"]))
    try net.layer("scale", from: ["data"], .init("activation", ["kind": "linear", "alpha": "1"]))
    let plan = try Plan(net.program())
    plan.writeInput(0, [-1, 0, 1, Float.leastNormalMagnitude / 2])
    let scan = plan.scanActivations()
    #expect(scan.nan == 1)
    #expect(scan.inf >= 1)
    #expect(scan.denormal == 1)
    #expect(scan.firstLayer == 0)
  }

  @Test func unknownFormatNamesTheLayer() throws {
    var net = try Net([1, 4], .nc)
    try net.layer("relu", .init("activation", ["kind": "relu"]))
    try net.layer("reorder", .init("inlay", ["kind": "reorder", "to": "nhwc"]))
    let program = try net.program()
    let error = #expect(throws: ExecutionError.self) { try Plan(program) }
    #expect(error?.layer == 1)
  }
}
