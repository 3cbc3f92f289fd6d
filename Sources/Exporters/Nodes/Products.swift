import Model
import ONNX
import Topology

extension Translation {
  /// `Gemm` on rows, `MatMul` where more than one dimension stays, as T and N of sequences.
  mutating func addInnerProduct(_ product: InnerProduct) throws(GraphError) {
    let units = product.units
    let source = inputType()
    if type.shape.rank > 2 {
      let width = instruction.weights[0].elementCount / units
      let kept = Array(type.dims.dropLast())
      let rows =
        source.dims == kept + [width]
        ? input() : add("Reshape", [input(), integers(kept + [width])])
      let matrix: String
      if sharesTable {
        // One initialiser for all: whoever has it the other way round turns it.
        let table = try weight(.weights, "weight", dims: [units, width])
        matrix = add("Transpose", [table], [.ints("perm", [1, 0])])
      } else {
        matrix = try weight(
          .weights, "weight", dims: [width, units],
          arrangement: .init { plain in
            transposed(plain, rows: units, columns: width)
          } back: { stored in
            stored.transposed([1, 0])
          })
      }
      guard product.bias else {
        finish("MatMul", [rows, matrix])
        return
      }
      let product = add("MatMul", [rows, matrix])
      finish("Add", [product, try weight(.bias, "bias", dims: [units])])
      return
    }
    let width = source.elementCount / type.dims[0]
    let rows =
      source.shape.rank == 2
      ? input()
      : source.dims[0] == type.dims[0]
        ? add("Flatten", [input()], [.int("axis", 1)])
        : add("Reshape", [input(), integers([type.dims[0], width])])
    var inputs = [rows, try weight(.weights, "weight", dims: [units, width])]
    if product.bias { inputs.append(try weight(.bias, "bias", dims: [units])) }
    finish("Gemm", inputs, [.int("transB", 1)])
  }

  /// Whether the weights of the instruction are those of an `embedding`, too.
  private var sharesTable: Bool {
    guard let slot = instruction.weights.firstIndex(where: { $0.role == .weights }) else {
      return false
    }
    let owner = instruction.weights[slot].owner ?? WeightOwner(instruction: index, index: slot)
    return tables.contains(owner)
  }

  mutating func addMatrixProduct(_ product: MatrixProduct) {
    let first = product.transposesFirst ? addExchange(of: 0) : input(0)
    let second = product.transposesSecond ? addExchange(of: 1) : input(1)
    finish("MatMul", [first, second])
  }

  /// The last two dimensions of an operand exchanged.
  private mutating func addExchange(of operand: Int) -> String {
    let rank = inputType(operand).shape.rank
    let order = Array(0..<rank - 2) + [rank - 1, rank - 2]
    return add("Transpose", [input(operand)], [.ints("perm", order)])
  }

  /// Everything beyond the diagonal replaced.
  mutating func addCausalMask(_ value: Float) {
    let dims = Array(type.dims.suffix(2))
    let isHidden = (0..<dims[0] * dims[1]).map {
      UInt8($0 % dims[1] > $0 / dims[1] + dims[1] - dims[0] ? 1 : 0)
    }
    let mask = constant("mask", .bool, dims: dims, isHidden)
    finish("Where", [mask, scalar(Double(value)), input()])
  }
}

/// A matrix of rows × columns turned round.
func transposed(_ plain: [Float], rows: Int, columns: Int) -> [Float] {
  [Float](unsafeUninitializedCapacity: plain.count) { result, count in
    plain.withUnsafeBufferPointer { source in
      let block = 32
      for firstRow in stride(from: 0, to: rows, by: block) {
        for column in 0..<columns {
          for row in firstRow..<min(firstRow + block, rows) {
            result[column * rows + row] = source[row * columns + column]
          }
        }
      }
    }
    count = plain.count
  }
}
