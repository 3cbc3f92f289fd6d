import DNNL
import Topology

extension EltwiseAlgorithm {
  /// The library's name of a function of the program; the names are the same.
  init(_ kind: EltwiseKind) {
    switch kind {
    case .relu: self = .relu
    case .tanh: self = .tanh
    case .elu: self = .elu
    case .square: self = .square
    case .abs: self = .abs
    case .sqrt: self = .sqrt
    case .linear: self = .linear
    case .boundedRelu: self = .boundedRelu
    case .softRelu: self = .softRelu
    case .logSigmoid: self = .logSigmoid
    case .logistic: self = .logistic
    case .exp: self = .exp
    case .geluTanh: self = .geluTanh
    case .geluErf: self = .geluErf
    case .swish: self = .swish
    case .log: self = .log
    case .clip: self = .clip
    case .pow: self = .pow
    case .round: self = .round
    case .mish: self = .mish
    case .hardSwish: self = .hardSwish
    }
  }
}

extension BinaryAlgorithm {
  init(_ kind: BinaryKind) {
    switch kind {
    case .add: self = .add
    case .sub: self = .sub
    case .mul: self = .mul
    case .div: self = .div
    case .max: self = .max
    case .min: self = .min
    case .equal: self = .equal
    case .greater: self = .greater
    case .greaterOrEqual: self = .greaterOrEqual
    case .less: self = .less
    case .lessOrEqual: self = .lessOrEqual
    }
  }
}

extension RecurrentCell {
  init(_ cell: Recurrent.Cell) {
    switch cell {
    case .lstm: self = .lstm
    case .gru: self = .gru
    case .linearBeforeResetGRU: self = .linearBeforeResetGRU
    case .vanilla(let kind): self = .vanilla(EltwiseAlgorithm(kind), alpha: 0)
    }
  }
}

extension RecurrentDirection {
  init(_ direction: Recurrent.Direction) {
    switch direction {
    case .forward: self = .leftToRight
    case .backward: self = .rightToLeft
    case .bidirectional: self = .bidirectionalConcat
    case .bidirectionalSum: self = .bidirectionalSum
    }
  }
}
