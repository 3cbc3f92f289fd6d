import DNNL
import TestSupport
import Testing
import Topology

@testable import Execution
@testable import Measuring

/// Which numbers are computed in, with no plan around it.
@Suite struct NumberPolicyTests {
  /// A pooling whose result is multiplied, and a softmax behind the product.
  private func parts() throws -> Parts {
    var net = try Net([1, 4, 4, 4], .nchw)
    try net.layer("pool", .init("pool", ["kernel": "2"]))
    try net.layer("conv", .init("conv", ["filters": "4", "kernel": "1"]))
    try net.layer("end", .init("softmax"))
    return try Parts(net.program())
  }

  private func ranges(_ parts: Parts, _ numbers: [ValueID: [Float]]) -> ValueRanges {
    var ranges = ValueRanges(parts.flow.program, parts.flow)
    for (value, data) in numbers { data.withUnsafeBufferPointer { ranges.add(value, $0) } }
    return ranges
  }

  @Test func floatingPointPrecisionsAskForTheirTypeAndF32() throws {
    let parts = try parts()
    #expect(parts.numbers(.f32).productTypes(of: 1) == [.f32])
    #expect(parts.numbers(.bf16).productTypes(of: 1) == [.bf16, .f32])
    #expect(parts.numbers(.bf16).floatTypes == [.bf16, .f32])
    #expect(parts.numbers(.int8).floatTypes == [.f32])
    // Nothing was calibrated.
    #expect(parts.numbers(.int8).productTypes(of: 1) == [.f32])
  }

  @Test func eightBitTypesFollowWhatACalibrationSaw() throws {
    let parts = try parts()
    let positive = parts.numbers(.int8, ranges(parts, [1: [0, 51]]))
    #expect(positive.productTypes(of: 1) == [.u8, .f32])
    #expect(positive.quantized(1)?.scale == 0.2)
    let both = parts.numbers(.int8, ranges(parts, [1: [-127, 3]]))
    #expect(both.productTypes(of: 1) == [.s8, .f32])
    // What is moved or compared stays as it lies, which is f32 as long as nothing was made.
    #expect(both.followedTypes(of: 1) == [.f32])
    parts.table.complete([0], in: parts.table.newBuffer(try MemoryDescriptor([1, 4, 2, 2], .s8)))
    #expect(both.followedTypes(of: 1) == [.s8, .f32])
    #expect(both.storedType(of: 1) == .s8)
  }

  @Test func valuesAreWorthEightBitsWhereTheyAreMultiplied() throws {
    let parts = try parts()
    let numbers = parts.numbers(.int8)
    let outputs = parts.flow.program.instructions.map(\.output)
    #expect(numbers.isQuantized(0))
    #expect(numbers.isQuantized(outputs[0]))
    #expect(!numbers.isQuantized(outputs[1]))
    #expect(numbers.resultFormat(of: outputs[1], from: .u8).type == .f32)
  }

  @Test func aReasonIsGivenOnce() throws {
    let numbers = try parts().numbers(.bf16)
    numbers.note("it is so")
    let facts = StepFacts(kind: "convolution", sources: [1])
    #expect(numbers.takeReason(.f32, StepFacts(kind: "reorder", sources: [])) == nil)
    #expect(numbers.takeReason(.bf16, facts) == nil)
    #expect(numbers.takeReason(.f32, facts) == "it is so")
    #expect(numbers.takeReason(.f32, facts) == "what it reads is in f32")
    numbers.note("of another instruction")
    numbers.begin()
    #expect(numbers.reasonForF32 == nil)
    #expect(try parts().numbers(.f32).takeReason(.f32, facts) == nil)
  }

  @Test func typesThatAreRefusedAreNotTaken() throws {
    let parts = try parts()
    let numbers = parts.numbers(.bf16)
    let type = try numbers.choose([.bf16, .f32]) { (type) throws(DNNLError) in
      throw DNNLError(call: "\(type)", status: .unimplemented)
    }
    #expect(type == .f32)
    #expect(numbers.reasonForF32 == "oneDNN has no bf16 implementation")
    // What is no refusal is no answer, either.
    #expect(throws: DNNLError.self) {
      try numbers.choose([.bf16]) { (_) throws(DNNLError) in
        throw PlanError("a contradiction").thrown
      }
    }
  }

  /// Weights of a channel are multiples of a unit that its largest one sets.
  @Test func weightsHaveAUnitAChannel() throws {
    let parts = try parts()
    let loader = parts.loader(CountedWeights())
    let products = ProductNumbers(parts.flow.program, parts.table, loader, parts.numbers(.int8))
    let units = try products.units(of: 1, channels: 4, nil).values
    // Sixteen weights from 0 to 15: the largest of the channels are 3, 7, 11 and 15.
    let largest = units.map { ($0 / units[0] * 3).rounded() }
    #expect(largest == [3, 7, 11, 15])
    #expect(!products.shiftsBias(1, .f32, meetsPadding: false))
  }
}
