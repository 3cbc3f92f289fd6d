import Model
import Testing

/// Zeros, denormals and large numbers among weights.
@Suite("What weights are like")
struct WeightHealthTests {
  @Test("zeros, denormals and magnitudes are counted by their bits, in every part")
  func counts() {
    var values = [Float](repeating: 1, count: 70_000)
    values[3] = 0
    values[4] = -0.0
    values[69_998] = Float(bitPattern: 0x0000_1000)
    values[69_999] = -3e20
    var source = TensorCollection(name: "test")
    source.add("a", KeyedTensor(values, dims: [70_000]))
    source.add("b", KeyedTensor([0, 2], dims: [2]))
    let health = WeightHealth(source)
    #expect(health.tensors.map(\.zeros) == [2, 1])
    #expect(health.tensors.map(\.denormals) == [1, 0])
    #expect(health.tensors.map(\.largest) == [3e20, 2])
    #expect(health.count == 70_002 && health.zeros == 3 && health.denormals == 1)
  }
}
