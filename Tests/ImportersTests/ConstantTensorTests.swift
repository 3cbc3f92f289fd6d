import Importers
import Model
import Testing

/// Constants of models: views, descriptions, elements of every type.
@Suite("Constants of models")
struct ConstantTensorTests {
  let matrix = ConstantTensor(dims: [2, 3], reals: [0, 1, 2, 3, 4, 5])

  @Test("a transposed matrix is a view that reads from any place on")
  func transposed() {
    let turned = matrix.transposed([1, 0])
    #expect(turned.dims == [3, 2])
    #expect(turned.floats() == [0, 3, 1, 4, 2, 5])
    var part: [Float] = [9, 9, 9]
    part.withUnsafeMutableBufferPointer { turned.read(offset: 2, into: $0) }
    #expect(part == [1, 4, 2])
  }

  @Test("rows come in the order that is asked for, several times if so")
  func rows() {
    #expect(matrix.rows([1, 0, 1]).floats() == [3, 4, 5, 0, 1, 2, 3, 4, 5])
  }

  @Test("a fill of any size is a description")
  func fill() {
    let huge = ConstantTensor(dims: [1 << 20, 1 << 19], elementType: .f32, fill: 0.5)
    #expect(huge.transposed([1, 0]).dims == [1 << 19, 1 << 20])
    var one: Float = 0
    withUnsafeMutablePointer(to: &one) {
      huge.read(offset: 1 << 38, into: .init(start: $0, count: 1))
    }
    #expect(one == 0.5)
  }
}
