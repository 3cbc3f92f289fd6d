import DNNL
import TestSupport
import Testing
import Topology

@testable import Execution
@testable import Measuring

/// Constants, with no plan around them.
@Suite struct ConstantLoaderTests {
  private func parts() throws -> Parts {
    var net = try Net([1, 3], .nc)
    try net.layer("fc", .init("fc", ["units": "2"]))
    return try Parts(net.program())
  }

  private func floats(_ constant: Constant) -> [Float] {
    let count = constant.descriptor.size / 4
    return Array(
      UnsafeBufferPointer(
        start: constant.data.assumingMemoryBound(to: Float.self), count: count))
  }

  @Test func constantsArePackedOnce() throws {
    let weights = CountedWeights()
    let loader = try parts().loader(weights)
    let plain = try loader.load(.weights, of: 0, as: MemoryDescriptor([2, 3]))
    #expect(floats(plain) == [0, 1, 2, 3, 4, 5])
    let again = try loader.load(.weights, of: 0, as: MemoryDescriptor([2, 3]))
    #expect(again.data == plain.data && weights.fills == 1)
    let turned = try loader.load(.weights, of: 0, as: MemoryDescriptor([2, 3], strides: [1, 2]))
    #expect(floats(turned) == [0, 3, 1, 4, 2, 5])
    // What is edited is nobody else's.
    let edited = try loader.load(.weights, of: 0, as: MemoryDescriptor([2, 3])) { $0[0] = 9 }
    #expect(floats(edited)[0] == 9 && floats(plain)[0] == 0)
    #expect(loader.values(.weights, of: 0) == [0, 1, 2, 3, 4, 5])
    #expect(loader.values(.slope, of: 0) == nil)
  }

  @Test func partsArePackedByThemselves() throws {
    let loader = try parts().loader(CountedWeights())
    let line = try MemoryDescriptor([3])
    let parts = try loader.loadParts(.weights, of: 0, count: 2, from: line, as: line) { data in
      for index in data.indices { data[index] *= 2 }
    }
    #expect(parts.map { $0.map(floats) } == [[[0, 2, 4]], [[6, 8, 10]]])
    #expect(throws: DNNLError.self) {
      try loader.loadParts(.weights, of: 0, count: 4, from: line, as: line) { _ in }
    }
  }

  @Test func aSurveyAsksForNothing() throws {
    let weights = CountedWeights()
    let loader = try parts().loader(weights, isSurvey: true)
    let constant = try loader.load(.weights, of: 0, as: MemoryDescriptor([2, 3]))
    #expect(constant.descriptor.dims == [2, 3] && loader.store.bytes >= 24)
    #expect(weights.fills == 0)
  }

  @Test func whatIsMissingIsThePlansFault() throws {
    let loader = try parts().loader()
    for (role, dims) in [(WeightRole.slope, [2, 3]), (.weights, [2, 4])] {
      let error = #expect(throws: DNNLError.self) {
        try loader.load(role, of: 0, as: MemoryDescriptor(dims))
      }
      #expect(error.flatMap { PlanError($0) } != nil)
    }
  }

  /// A host kernel over a constant is run at once, and writes into one.
  @Test func constantsAreFoldedAtOnce() throws {
    let parts = try parts()
    let loader = parts.loader(CountedWeights())
    let source = parts.table.tensor(
      of: try loader.load(.weights, of: 0, as: MemoryDescriptor([2, 3])))
    let room = try loader.store.allocate(MemoryDescriptor([2, 3]))
    let type = try TensorType(dims: [2, 3], .nc)
    loader.fold(
      Doubling(), [.tensor(source)], [type], parts.table.tensor(of: room), type, in: parts.table)
    #expect(floats(room) == [0, 2, 4, 6, 8, 10])
  }

  private struct Doubling: HostKernel {
    let name = "doubling"

    func run(
      inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
      output: UnsafeMutableBufferPointer<Float>, type: TensorType
    ) {
      for index in output.indices { output[index] = 2 * inputs[0][index] }
    }
  }
}
