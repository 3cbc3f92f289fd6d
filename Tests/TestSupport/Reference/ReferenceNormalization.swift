import Foundation
import Topology

extension ReferenceInterpreter {
  static func logSoftmax(_ source: Tensor, axis: Int) -> [Float] {
    let (outer, count, inner) = source.split(at: axis)
    var result = source.data
    for row in 0..<outer {
      for column in 0..<inner {
        let places = (0..<count).map { (row * count + $0) * inner + column }
        let values = places.map { Double(source.data[$0]) }
        let largest = values.reduce(-.infinity, max)
        let total = log(values.reduce(0) { $0 + exp($1 - largest) }) + largest
        for (place, value) in zip(places, values) { result[place] = Float(value - total) }
      }
    }
    return result
  }

  /// Values as they are below their mean and above, in units of their deviation.
  private static func standardize(_ values: [Float], _ epsilon: Double) -> [Double] {
    let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
    let variance =
      values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count)
    return values.map { (Double($0) - mean) / (variance + epsilon).squareRoot() }
  }

  static func normalizeRows(
    _ source: Tensor, _ weights: [WeightRole: [Float]], epsilon: Double
  ) -> [Float] {
    guard let scale = weights[.scale], let shift = weights[.shift] else { return [] }
    return stride(from: 0, to: source.data.count, by: scale.count).flatMap { start in
      standardize(Array(source.data[start..<start + scale.count]), epsilon).enumerated().map {
        Float(Double(scale[$0.offset]) * $0.element + Double(shift[$0.offset]))
      }
    }
  }

  static func normalizeGroups(
    _ source: Tensor, _ weights: [WeightRole: [Float]], groups: Int, epsilon: Double
  ) -> [Float] {
    guard let scale = weights[.scale], let shift = weights[.shift] else { return [] }
    let (_, channels, space) = source.split(at: 1)
    let width = channels / groups * space
    return stride(from: 0, to: source.data.count, by: width).flatMap { start in
      standardize(Array(source.data[start..<start + width]), epsilon).enumerated().map {
        let channel = (start + $0.offset) / space % channels
        return Float(Double(scale[channel]) * $0.element + Double(shift[channel]))
      }
    }
  }

  static func respond(_ source: Tensor, _ response: LocalResponse) -> [Float] {
    let (_, channels, space) = source.split(at: 1)
    return source.data.indices.map { index in
      let channel = index / space % channels
      var sum = 0.0
      for other in channel - response.size / 2...channel + response.size / 2
      where (0..<channels).contains(other) {
        let value = Double(source.data[index + (other - channel) * space])
        sum += value * value
      }
      let base = response.k + response.alpha / Double(response.size) * sum
      return Float(Double(source.data[index]) / pow(base, response.beta))
    }
  }

  static func multiply(
    _ first: Tensor, _ second: Tensor, _ product: MatrixProduct, _ type: TensorType
  ) -> [Float] {
    /// An element of an operand at the leading place of the result, a row and a column.
    func element(_ operand: Tensor, _ lead: [Int], _ row: Int, _ column: Int) -> Double {
      let own = lead.suffix(operand.dims.count - 2)
      let place = zip(own, operand.dims).map { $1 == 1 ? 0 : $0 }
      return Double(operand[place + [row, column]])
    }
    let inner = first.dims[first.dims.count - (product.transposesFirst ? 2 : 1)]
    let result = Tensor(type: type, data: [])
    return (0..<type.elementCount).map { index in
      let place = result.coordinates(of: index)
      let (row, column) = (place[place.count - 2], place[place.count - 1])
      let lead = Array(place.dropLast(2))
      var sum = 0.0
      for step in 0..<inner {
        sum +=
          (product.transposesFirst
            ? element(first, lead, step, row) : element(first, lead, row, step))
          * (product.transposesSecond
            ? element(second, lead, column, step) : element(second, lead, step, column))
      }
      return Float(sum)
    }
  }
}
