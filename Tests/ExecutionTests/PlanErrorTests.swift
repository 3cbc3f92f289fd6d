import DNNL
import Testing
import Topology

@testable import Execution
@testable import Measuring

/// A planner that contradicts itself says so; it is no answer of oneDNN's to try something else after.
@Suite struct PlanErrorTests {
  /// A program whose one operation lacks the constants that it must have.
  private func broken(_ operation: Topology.Operation, _ dims: [Int], _ layout: Layout) throws
    -> Program
  {
    let type = try TensorType(dims: dims, layout)
    var builder = ProgramBuilder(inputs: [type])
    let value = builder.emit(operation, [0], type: type)
    return builder.program(outputs: [value])
  }

  static let convolution = Convolution(
    filters: 4, kernel: [1, 1], stride: [1, 1], paddingBegin: [0, 0], paddingEnd: [0, 0],
    dilation: [1, 1], groups: 1, bias: false)

  @Test(
    arguments: [Precision.f32, .bf16, .int8], [PlanOptions.Tuning.fast, .search])
  func missingConstantsAreNoRefusal(_ precision: Precision, _ tuning: PlanOptions.Tuning) throws {
    let cases: [(Topology.Operation, [Int], Layout, String)] = [
      (.convolution(Self.convolution), [1, 4, 8, 8], .nchw, "convolution without weights"),
      (.deconvolution(Self.convolution), [1, 4, 8, 8], .nchw, "deconvolution without weights"),
      (
        .innerProduct(InnerProduct(units: 8, bias: false)), [4, 8], .nc,
        "inner product without weights"
      ),
      (
        .recurrent(Recurrent(cell: .gru, hidden: 8, direction: .forward)), [3, 2, 8], .tnc,
        "recurrent layer without weights"
      ),
    ]
    for (operation, dims, layout, message) in cases {
      let program = try broken(operation, dims, layout)
      let error = try #require(throws: ExecutionError.self) {
        try Plan(program, options: PlanOptions(precision: precision, tuning: tuning))
      }
      #expect(error.layer == 0)
      guard case .plan(let fault) = error.reason else {
        Issue.record("\(error.reason)")
        continue
      }
      #expect(fault.message == message)
      #expect(error.description == "the plan contradicts itself: \(message)")
      #expect(error.call == nil)
    }
  }

  @Test func itPassesThroughWhatTriesTheNextBest() {
    let error = PlanError("a clause").thrown
    #expect(!error.isRefusal)
    #expect(error.status.description == "contradiction")
    #expect(PlanError(error)?.message == "a clause")
    #expect(ExecutionError(layer: 3, error).reason == .plan(PlanError("a clause")))
  }
}
