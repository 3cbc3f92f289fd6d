/// An element-wise function, named and defined as in oneDNN 2.6.3's documentation.
public enum EltwiseKind: String, Hashable, Sendable, CaseIterable {
  /// x > 0 ? x : alpha·x
  case relu
  /// tanh x
  case tanh
  /// x > 0 ? x : alpha·(eˣ − 1)
  case elu
  /// x²
  case square
  /// |x|
  case abs
  /// √x
  case sqrt
  /// alpha·x + beta
  case linear
  /// min(alpha, max(0, x))
  case boundedRelu
  /// ln(1 + eˣ)
  case softRelu
  /// −ln(1 + e⁻ˣ)
  case logSigmoid
  /// 1 / (1 + e⁻ˣ)
  case logistic
  /// eˣ
  case exp
  /// 0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))
  case geluTanh
  /// 0.5·x·(1 + erf(x/√2))
  case geluErf
  /// x / (1 + e^(−alpha·x))
  case swish
  /// ln x
  case log
  /// min(beta, max(alpha, x))
  case clip
  /// alpha·x^beta
  case pow
  /// x rounded to the nearest integer, ties to even
  case round
  /// x·tanh(ln(1 + eˣ))
  case mish
  /// x·min(1, max(0, x/6 + 1/2))
  case hardSwish
}

/// An element-wise function with its two numbers.
public struct Eltwise: Hashable, Sendable {
  /// The function.
  public var kind: EltwiseKind
  /// Its alpha; 0 where it has none.
  public var alpha: Double
  /// Its beta; 0 where it has none.
  public var beta: Double

  /// Makes an element-wise function.
  public init(_ kind: EltwiseKind, alpha: Double = 0, beta: Double = 0) {
    self.kind = kind
    self.alpha = alpha
    self.beta = beta
  }
}

/// A binary element-wise operation.
public enum BinaryKind: String, Hashable, Sendable, CaseIterable {
  /// a + b
  case add
  /// a − b
  case sub
  /// a · b
  case mul
  /// a / b
  case div
  /// The larger one.
  case max
  /// The smaller one.
  case min
  /// 1 where a = b, else 0.
  case equal
  /// 1 where a > b, else 0.
  case greater
  /// 1 where a ≥ b, else 0.
  case greaterOrEqual
  /// 1 where a < b, else 0.
  case less
  /// 1 where a ≤ b, else 0.
  case lessOrEqual

  /// The operation that gives the same with its operands exchanged; `nil` where there is none.
  public var exchanged: BinaryKind? {
    switch self {
    case .add, .mul, .max, .min, .equal: self
    case .sub, .div: nil
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    }
  }

  /// Whether the result tells no quantity but whether something holds.
  public var isComparison: Bool {
    switch self {
    case .equal, .greater, .greaterOrEqual, .less, .lessOrEqual: true
    case .add, .sub, .mul, .div, .max, .min: false
    }
  }
}
