import Execution
import Measuring
import TestSupport
import Testing
import Topology

/// What is fused into what, and that it changes nothing but the steps.
@Suite struct FusionTests {
  @Test func batchNormAndReluFoldIntoConvolution() throws {
    var net = try Net([2, 3, 8, 8], .nchw)
    try net.layer(
      "conv", .init("conv", ["filters": "16", "kernel": "3", "bias": "false"]), .init("batch-norm"),
      .init("activation", ["kind": "relu"]))
    let plan = try expectAgreement(net.program())
    let step = try #require(plan.steps.first { $0.kind == "convolution" })
    #expect(step.sources == [0, 1, 2])
    #expect(step.postOps == ["batch_normalization", "eltwise_relu"])
    #expect(plan.fusedInto.isEmpty)
  }

  @Test func laterLayersOfElementwiseWorkDisappear() throws {
    var net = try Net([2, 3, 8, 8], .nchw)
    try net.layer("conv", .init("conv", ["filters": "16", "kernel": "3"]))
    try net.layer("bn", .init("batch-norm"))
    try net.layer("relu", .init("activation", ["kind": "relu"]))
    try net.layer("drop", .init("dropout"))
    try net.layer("pool", .init("pool", ["kernel": "2"]))
    let plan = try expectAgreement(net.program())
    #expect(plan.fusedInto == [1: 0, 2: 0])
  }

  /// Convolutions by matrix products run post-ops as loops over single elements.
  @Test(arguments: ["relu", "tanh", "add", "mul"])
  func nothingButABiasIsFusedIntoMatrixProducts(_ what: String) throws {
    var net = try Net([1, 60, 12, 12], .nchw)
    try net.layer("stem", .init("conv", ["filters": "60", "kernel": "1"]))
    try net.layer(
      "conv", .init("conv", ["filters": "60", "kernel": "1", "groups": "3", "bias": "false"]),
      .init("batch-norm"),
      what == "relu" || what == "tanh"
        ? .init("activation", ["kind": what]) : .init(what, with: ["stem"]))
    let plan = try expectAgreement(net.program())
    let steps = plan.steps.filter { $0.layer == 1 && $0.kind == "convolution" }
    #expect(steps.count == 1)
    for step in steps where step.implementation.contains(":gemm") {
      #expect(step.postOps == ["batch_normalization"])
      #expect(plan.steps.contains { $0.layer == 1 && ["eltwise", "binary"].contains($0.kind) })
    }
  }

  /// Deconvolutions, which are convolutions backward, do the same in every format.
  @Test(arguments: ["1", "3"])
  func nothingButABiasIsFusedIntoDeconvolutions(groups: String) throws {
    var net = try Net([1, 48, 6, 6], .nchw)
    try net.layer(
      "deconv",
      .init("deconv", ["filters": "48", "kernel": "2", "stride": "2", "groups": groups]),
      .init("batch-norm"), .init("activation", ["kind": "relu"]))
    let plan = try expectAgreement(net.program())
    let step = try #require(plan.steps.first { $0.kind == "deconvolution" })
    if step.implementation.contains("brg") { return }
    #expect(!step.postOps.contains { $0.hasPrefix("eltwise") || $0.hasPrefix("binary") })
    #expect(plan.steps.contains { $0.kind == "eltwise" })
  }

  /// oneDNN takes 32 post-ops; what is over runs behind it.
  @Test func chainsLongerThanTheListOfPostOpsAreCut() throws {
    var net = try Net([1, 16, 6, 6], .nchw)
    try net.layer("conv", .init("conv", ["filters": "16", "kernel": "1"]))
    for index in 0..<40 {
      let kind = index % 2 == 0 ? "tanh" : "abs"
      try net.layer("f\(index)", .init("activation", ["kind": kind]))
    }
    let plan = try expectAgreement(net.program())
    let step = try #require(plan.steps.first { $0.kind == "convolution" })
    #expect(step.postOps.count == 32)
    #expect(plan.steps.count { $0.kind == "eltwise" } == 8)
  }

  @Test func layerOfMixedWorkKeepsItsSteps() throws {
    var net = try Net([2, 3, 8, 8], .nchw)
    try net.layer("conv", .init("conv", ["filters": "16", "kernel": "3"]))
    try net.layer("tail", .init("activation", ["kind": "relu"]), .init("pool", ["kernel": "2"]))
    let plan = try expectAgreement(net.program())
    #expect(plan.fusedInto.isEmpty)
    #expect(plan.steps.contains { $0.layer == 1 && $0.kind == "eltwise" })
  }

  @Test func residualIsAddedToWhatDstHolds() throws {
    var net = try Net([1, 16, 8, 8], .nchw)
    let conv = ["filters": "16", "kernel": "3", "padding": "same"]
    try net.layer("stem", .init("conv", conv))
    try net.layer("a", .init("conv", conv), .init("activation", ["kind": "relu"]))
    try net.layer(
      "b", .init("conv", conv), .init("batch-norm"), .init("add", with: ["stem"]),
      .init("activation", ["kind": "relu"]))
    let plan = try expectAgreement(net.program())
    let step = try #require(plan.steps.last { $0.kind == "convolution" })
    #expect(step.postOps == ["batch_normalization", "sum", "eltwise_relu"])
  }

  @Test func residualThatIsReadAgainIsNotOverwritten() throws {
    var net = try Net([1, 16, 8, 8], .nchw)
    let conv = ["filters": "16", "kernel": "3", "padding": "same"]
    try net.layer("stem", .init("conv", conv))
    try net.layer("a", .init("conv", conv), .init("add", with: ["stem"]))
    try net.layer("b", .init("conv", conv), .init("add", with: ["stem"]))
    let plan = try expectAgreement(net.program())
    // The source of the convolution and the residual are one and the same in `a`.
    #expect(plan.steps.allSatisfy { $0.layer == 2 || !$0.postOps.contains("sum") })
  }

  @Test func shortcutMadeLaterTakesTheSum() throws {
    var net = try Net([2, 8, 8, 8], .nchw)
    try net.layer("main", from: ["data"], .init("conv", ["filters": "16", "kernel": "1"]))
    try net.layer(
      "short", from: ["data"], .init("conv", ["filters": "16", "kernel": "1"]),
      .init("batch-norm"))
    try net.layer(
      "join", from: ["main", "short"], .init("add"), .init("activation", ["kind": "relu"]))
    let plan = try expectAgreement(net.program())
    #expect(plan.fusedInto == [2: 1])
  }

  @Test func valuesWithSeveralReadersStay() throws {
    var net = try Net([1, 4, 6, 6], .nchw)
    try net.layer("conv", .init("conv", ["filters": "8", "kernel": "1"]))
    try net.layer("relu", from: ["conv"], .init("activation", ["kind": "relu"]))
    try net.layer("tanh", from: ["conv"], .init("activation", ["kind": "tanh"]))
    try net.layer("join", from: ["relu", "tanh"], .init("mul"))
    let plan = try expectAgreement(net.program())
    #expect(plan.fusedInto[1] == nil)
  }

  @Test func outputsStay() throws {
    var net = try Net([1, 4, 6, 6], .nchw)
    try net.layer("conv", .init("conv", ["filters": "8", "kernel": "1"]))
    try net.layer("left", from: ["conv"], .init("activation", ["kind": "relu"]))
    try net.layer("right", from: ["data"], .init("activation", ["kind": "relu"]))
    try net.layer("last", from: ["data"], .init("pool", ["kernel": "2"]))
    try expectAgreement(net.program())
  }

  @Test func sequencesFuseBehindProducts() throws {
    var net = try Net([5, 2, 11], .tnc)
    try net.layer(
      "fc1", .init("fc", ["units": "16"]), .init("batch-norm"),
      .init("activation", ["kind": "clipped-relu", "max": "20"]))
    try net.layer("fc2", .init("fc", ["units": "16"]), .init("add", with: ["fc1"]))
    try net.layer("lstm", .init("lstm", ["hidden": "8", "direction": "bidirectional"]))
    try net.layer("out", .init("fc", ["units": "5"]), .init("softmax"))
    try expectAgreement(net.program())
  }

  @Test func gatesAreFusedOrRunAlone() throws {
    // Squeeze and excitation: a product with one number a channel.
    var net = try Net([2, 16, 6, 6], .nchw)
    try net.layer("conv", .init("conv", ["filters": "32", "kernel": "3", "padding": "same"]))
    try net.layer(
      "gate", .init("global-pool", ["kind": "avg"]),
      .init("conv", ["filters": "8", "kernel": "1"]), .init("activation", ["kind": "relu"]),
      .init("conv", ["filters": "32", "kernel": "1"]), .init("activation", ["kind": "sigmoid"]))
    try net.layer("scaled", from: ["conv", "gate"], .init("mul"))
    try expectAgreement(net.program())
  }
}
