import Foundation
import Topology

/// Operations as ONNX's documentation defines its namesakes, one element of the result at a time.
extension ReferenceInterpreter {
  private static func build(_ type: TensorType, _ element: ([Int]) -> Float) -> [Float] {
    let shape = Tensor(type: type, data: [])
    return (0..<type.elementCount).map { element(shape.coordinates(of: $0)) }
  }

  /// The element of an operand that is broadcast to a place of the result.
  private static func broadcast(_ source: Tensor, _ place: [Int]) -> Float {
    source[zip(place.suffix(source.dims.count), source.dims).map { $1 == 1 ? 0 : $0 }]
  }

  static func normalizeBySquares(_ source: Tensor, _ scale: [Float], epsilon: Double) -> [Float] {
    source.data.indices.map { index in
      let start = index / scale.count * scale.count
      let squares = source.data[start..<start + scale.count].map { Double($0) * Double($0) }
      let root = (squares.reduce(0, +) / Double(scale.count) + epsilon).squareRoot()
      return Float(Double(source.data[index]) / root * Double(scale[index - start]))
    }
  }

  static func rectify(_ source: Tensor, _ slopes: [Float]) -> [Float] {
    let axis = source.type.layout.channelAxis ?? 1
    return build(source.type) { place in
      let x = source[place]
      return x > 0 ? x : x * (slopes.count == 1 ? slopes[0] : slopes[place[axis]])
    }
  }

  static func roll(_ source: Tensor, _ shifts: [Int]) -> [Float] {
    build(source.type) { place in
      source[place.indices.map { (place[$0] - shifts[$0] + source.dims[$0]) % source.dims[$0] }]
    }
  }

  static func expand(_ source: Tensor, _ type: TensorType) -> [Float] {
    build(type) { broadcast(source, $0) }
  }

  static func select(_ sources: [Tensor], _ type: TensorType) -> [Float] {
    build(type) { broadcast(sources[broadcast(sources[0], $0) != 0 ? 1 : 2], $0) }
  }

  static func move(_ source: Tensor, _ blocks: SpaceBlocks, _ type: TensorType) -> [Float] {
    let size = blocks.block
    return build(type) { place in
      let (channel, row, column) = (place[1], place[2], place[3])
      if blocks.direction == .toDepth {
        let cell = channel / source.dims[1]
        return source[[
          place[0], channel % source.dims[1], row * size + cell / size, column * size + cell % size,
        ]]
      }
      let cell = row % size * size + column % size
      let from =
        blocks.direction == .toSpace
        ? cell * type.dims[1] + channel : channel * size * size + cell
      return source[[place[0], from, row / size, column / size]]
    }
  }

  static func accumulate(_ source: Tensor, _ sum: CumulativeSum) -> [Float] {
    build(source.type) { place in
      var total = 0.0
      for index in 0..<source.dims[sum.axis] {
        let distance = sum.isReversed ? index - place[sum.axis] : place[sum.axis] - index
        guard distance > 0 || (distance == 0 && !sum.isExclusive) else { continue }
        var from = place
        from[sum.axis] = index
        total += Double(source[from])
      }
      return Float(total)
    }
  }

  static func top(_ source: Tensor, _ topK: TopK, _ type: TensorType) -> [Float] {
    build(type) { place in
      var from = place
      let values = (0..<source.dims[topK.axis]).map { index in
        from[topK.axis] = index
        return source[from]
      }
      let order = values.indices.sorted { a, b in
        if values[a] == values[b] { return a < b }
        return topK.isLargest ? values[a] > values[b] : values[a] < values[b]
      }
      let chosen = order[place[topK.axis]]
      return topK.output == .values ? values[chosen] : Float(chosen)
    }
  }

  static func encode(_ source: Tensor, _ oneHot: OneHot, _ type: TensorType) -> [Float] {
    build(type) { place in
      var from = place
      let row = from.remove(at: oneHot.axis)
      let index = Int(source[from])
      let depth = type.dims[oneHot.axis]
      return Float((index < 0 ? index + depth : index) == row ? oneHot.on : oneHot.off)
    }
  }
}
