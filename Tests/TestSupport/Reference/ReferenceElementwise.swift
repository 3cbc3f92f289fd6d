import Foundation
import Topology

extension ReferenceInterpreter {
  /// One element, as oneDNN's documentation defines the function.
  static func apply(_ eltwise: Eltwise, to x: Double) -> Double {
    let (alpha, beta) = (eltwise.alpha, eltwise.beta)
    switch eltwise.kind {
    case .relu: return x > 0 ? x : alpha * x
    case .tanh: return tanh(x)
    case .elu: return x > 0 ? x : alpha * expm1(x)
    case .square: return x * x
    case .abs: return abs(x)
    case .sqrt: return x.squareRoot()
    case .linear: return alpha * x + beta
    case .boundedRelu: return min(alpha, max(0, x))
    case .softRelu: return softRelu(x)
    case .logSigmoid: return -softRelu(-x)
    case .logistic: return 1 / (1 + exp(-x))
    case .exp: return exp(x)
    case .geluTanh:
      return 0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .geluErf: return 0.5 * x * (1 + erf(x / 2.0.squareRoot()))
    case .swish: return x / (1 + exp(-alpha * x))
    case .log: return log(x)
    case .clip: return min(beta, max(alpha, x))
    case .pow: return alpha * pow(x, beta)
    case .round: return x.rounded(.toNearestOrEven)
    case .mish: return x * tanh(softRelu(x))
    case .hardSwish: return x * min(1, max(0, x / 6 + 0.5))
    }
  }

  private static func softRelu(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

  static func combine(
    _ kind: BinaryKind, _ first: Tensor, _ second: Tensor, _ type: TensorType
  ) -> [Float] {
    /// Where an operand's element stands that is broadcast to an element of the result.
    func place(_ index: Int, in operand: Tensor) -> Int {
      var (rest, place, stride) = (index, 0, 1)
      for axis in type.dims.indices.reversed() {
        if operand.dims[axis] > 1 { place += rest % type.dims[axis] * stride }
        rest /= type.dims[axis]
        stride *= operand.dims[axis]
      }
      return place
    }
    return (0..<type.elementCount).map { index in
      let (a, b) = (first.data[place(index, in: first)], second.data[place(index, in: second)])
      return switch kind {
      case .add: a + b
      case .sub: a - b
      case .mul: a * b
      case .div: a / b
      case .max: max(a, b)
      case .min: min(a, b)
      case .equal: a == b ? 1 : 0
      case .greater: a > b ? 1 : 0
      case .greaterOrEqual: a >= b ? 1 : 0
      case .less: a < b ? 1 : 0
      case .lessOrEqual: a <= b ? 1 : 0
      }
    }
  }

  static func concatenate(_ sources: [Tensor], axis: Int) -> [Float] {
    var result: [Float] = []
    for outer in 0..<sources[0].split(at: axis).outer {
      for source in sources {
        let run = source.split(at: axis).count * source.split(at: axis).inner
        result += source.data[outer * run..<(outer + 1) * run]
      }
    }
    return result
  }

  static func softmax(_ source: Tensor, axis: Int) -> [Float] {
    let (outer, count, inner) = source.split(at: axis)
    var result = source.data
    for row in 0..<outer {
      for column in 0..<inner {
        let places = (0..<count).map { (row * count + $0) * inner + column }
        let largest = places.map { Double(source.data[$0]) }.reduce(-.infinity, max)
        let terms = places.map { exp(Double(source.data[$0]) - largest) }
        let sum = terms.reduce(0, +)
        for (place, term) in zip(places, terms) { result[place] = Float(term / sum) }
      }
    }
    return result
  }

  static func normalize(_ source: Tensor, _ weights: [WeightRole: [Float]], epsilon: Double)
    -> [Float]
  {
    let (_, channels, inner) = source.split(at: source.type.layout.channelAxis ?? 1)
    func constant(_ role: WeightRole, _ channel: Int) -> Double {
      Double(weights[role]?[channel] ?? .nan)
    }
    return source.data.indices.map { index in
      let channel = index / inner % channels
      let scale =
        constant(.scale, channel) / (constant(.variance, channel) + epsilon).squareRoot()
      return Float(
        scale * (Double(source.data[index]) - constant(.mean, channel))
          + constant(.shift, channel))
    }
  }
}
