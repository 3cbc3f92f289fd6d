import Execution
import Foundation
import Measuring
import TestSupport
import Testing
import Topology
import TopologyXML

/// Expects that the memory of a plan is what was predicted of its program, within 20 % or 128 KiB.
func expectForecast(
  of plan: Plan, _ program: Program, sourceLocation: Testing.SourceLocation = #_sourceLocation
) {
  let forecast = Plan.predictMemory(program, options: plan.options)
  func expect(_ predicted: Int, _ actual: Int, _ part: String) {
    let allowed = max(actual / 5, 128 << 10)
    #expect(
      abs(predicted - actual) <= allowed, "\(part): \(predicted) predicted, \(actual) taken",
      sourceLocation: sourceLocation)
  }
  expect(forecast.weights, plan.weightBytes, "weights")
  expect(forecast.values, plan.peakActivationBytes, "values")
}

/// What is predicted of plans, and what they take.
@Suite("Memory forecast") struct MemoryForecastTests {
  private func program(_ name: String, _ parameters: [String: Int] = [:], batch: Int? = nil) throws
    -> Program
  {
    let file = RepositoryFiles.root.appending(path: "topologies/\(name).xml")
    return try TopologyReader(options: .init(batch: batch, parameters: parameters))
      .read(file: file.path(percentEncoded: false)).graph.program()
  }

  /// One of each kind: fire modules, residuals, joined channels, gates, transposed convolutions, attention.
  static let networks: [(String, [String: Int])] = [
    ("squeezenet-1.1", [:]), ("mobilenet-v2", [:]), ("resnet18", ["classes": 10]),
    ("densenet-121", ["classes": 10]), ("unet-256", [:]), ("conformer-s", [:]),
    ("deepspeech-0.9", ["hidden": 512]), ("seq2seq-gru", ["hidden": 128, "words": 500]),
  ]

  @Test("weights and values are predicted within 20 %", arguments: networks)
  func parts(_ name: String, _ parameters: [String: Int]) throws {
    let program = try program(name, parameters)
    expectForecast(of: try Plan(program), program)
  }

  @Test("so they are for other batches, without fusion, and where every value is kept")
  func otherPlans() throws {
    let batch = try program("squeezenet-1.1", batch: 4)
    expectForecast(of: try Plan(batch), batch)
    let program = try program("mobilenet-v2", ["resolution": 96])
    for options in [PlanOptions(fusion: false), PlanOptions(keepAllValues: true)] {
      expectForecast(of: try Plan(program, options: options), program)
    }
  }

  @Test("8-bit plans take less, and more while they are calibrated")
  func int8() throws {
    let program = try program("squeezenet-1.1")
    let options = PlanOptions(precision: .int8)
    expectForecast(of: try Plan(program, options: options), program)
    let (f32, int8) = (Plan.predictMemory(program), Plan.predictMemory(program, options: options))
    #expect(int8.weights * 3 < f32.weights && int8.values * 2 < f32.values)
    #expect(f32.calibration == 0)
    #expect(int8.calibration >= f32.weights + f32.values)
    #expect(int8.calibration > int8.peak)
  }

  @Test("a search takes memory of its own, a search within a budget less, none nothing")
  func search() throws {
    let program = try program("resnet18", ["classes": 10])
    func search(_ tuning: PlanOptions.Tuning, _ precision: Precision = .f32, budget: Double = 2)
      -> Int
    {
      let options = PlanOptions(precision: precision, tuning: tuning, budget: budget)
      return Plan.predictMemory(program, options: options).search
    }
    #expect(search(.search) > search(.auto) && search(.auto) > 0)
    #expect(search(.fast) == 0 && search(.auto, budget: 0) == 0 && search(.auto, .int8) == 0)
    // The largest weights of a convolution, 512 × 512 × 3 × 3, several times.
    #expect(search(.search) > 2 * 4 * 512 * 512 * 9)
  }

  @Test("weights that layers share count once")
  func shared() throws {
    let program = try program("rnn-t", ["hidden": 64])
    var all = 0
    for slot in program.instructions.flatMap(\.weights) { all += 4 * slot.elementCount }
    #expect(Plan.predictMemory(program).weights <= all)
    expectForecast(of: try Plan(program), program)
  }

  @Test("sizes that no machine holds are told, and sums of them stay numbers")
  func saturates() throws {
    let type = try TensorType(dims: [1 << 20, 1 << 20], .nc)
    var builder = ProgramBuilder(inputs: [type])
    let output = builder.emit(.eltwise(Eltwise(.relu)), [0], type: type)
    let memory = Plan.predictMemory(builder.program(outputs: [output]))
    // An input, which stays, and the result of 2^40 numbers.
    #expect(memory.values == 2 << 42 && memory.peak >= memory.values)
    #expect([Int.max, 1].total == .max && [1, 2].total == 3)
  }
}
