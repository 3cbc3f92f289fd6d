import ONNX
import Topology

extension Translation {
  /// Whether the instruction and the next one are a hard sigmoid, which oneDNN has not and ONNX has.
  var beginsHardSigmoid: Bool {
    let next = index + 1
    guard next < program.instructions.count else { return false }
    return hardSigmoid(endingAt: next) != nil
  }

  /// The line of the hard sigmoid that ends at an instruction: a line, then a clip to 0…1, which
  /// are one primitive.
  private func hardSigmoid(endingAt index: Int) -> Eltwise? {
    guard index > 0, case .eltwise(let clip) = program.instructions[index].operation,
      clip == Eltwise(.clip, alpha: 0, beta: 1),
      case .eltwise(let line) = program.instructions[index - 1].operation, line.kind == .linear,
      program.instructions[index - 1].layer == program.instructions[index].layer,
      program.instructions[index - 1].primitive == program.instructions[index].primitive
    else { return nil }
    return line
  }

  mutating func addEltwise(_ eltwise: Eltwise) {
    if let line = hardSigmoid(endingAt: index) {
      finish("HardSigmoid", [input()], [.float("alpha", line.alpha), .float("beta", line.beta)])
      return
    }
    let (x, alpha, beta) = (input(), eltwise.alpha, eltwise.beta)
    switch eltwise.kind {
    case .relu where alpha == 0: finish("Relu", [x])
    case .relu: finish("LeakyRelu", [x], [.float("alpha", alpha)])
    case .tanh: finish("Tanh", [x])
    case .elu: finish("Elu", [x], [.float("alpha", alpha)])
    case .square: finish("Mul", [x, x])
    case .abs: finish("Abs", [x])
    case .sqrt: finish("Sqrt", [x])
    case .linear: addLinear(alpha, beta)
    case .boundedRelu: finish("Clip", [x, scalar(0), scalar(alpha)])
    case .softRelu: finish("Softplus", [x])
    case .logSigmoid:
      let negative = add("Neg", [x])
      let plus = add("Softplus", [negative])
      finish("Neg", [plus])
    case .logistic: finish("Sigmoid", [x])
    case .exp: finish("Exp", [x])
    case .geluTanh: addGeluTanh()
    case .geluErf: addGeluErf()
    case .swish:
      let scaled = alpha == 1 ? x : add("Mul", [x, scalar(alpha)])
      finish("Mul", [x, add("Sigmoid", [scaled])])
    case .log: finish("Log", [x])
    case .clip: finish("Clip", [x, scalar(alpha), scalar(beta)])
    case .pow:
      if alpha == 1 { return finish("Pow", [x, scalar(beta)]) }
      let power = add("Pow", [x, scalar(beta)])
      finish("Mul", [power, scalar(alpha)])
    case .round: finish("Round", [x])
    case .mish:
      let plus = add("Softplus", [x])
      finish("Mul", [x, add("Tanh", [plus])])
    case .hardSwish: finish("HardSwish", [x])
    }
  }

  private mutating func addLinear(_ alpha: Double, _ beta: Double) {
    if beta == 0 { return finish("Mul", [input(), scalar(alpha)]) }
    let scaled = alpha == 1 ? input() : add("Mul", [input(), scalar(alpha)])
    finish("Add", [scaled, scalar(beta)])
  }

  /// 0.5·x·(1 + erf(x/√2)), in the order of operators that engines know as one.
  private mutating func addGeluErf() {
    let quotient = add("Div", [input(), scalar(2.0.squareRoot())])
    let erf = add("Erf", [quotient])
    let sum = add("Add", [erf, scalar(1)])
    let product = add("Mul", [input(), sum])
    finish("Mul", [product, scalar(0.5)])
  }

  /// 0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))), in the order of operators that engines know as
  /// one.
  private mutating func addGeluTanh() {
    let cube = add("Pow", [input(), scalar(3)])
    let part = add("Mul", [cube, scalar(0.044715)])
    let inner = add("Add", [input(), part])
    let scaled = add("Mul", [inner, scalar((2 / Double.pi).squareRoot())])
    let tanh = add("Tanh", [scaled])
    let sum = add("Add", [tanh, scalar(1)])
    let product = add("Mul", [input(), sum])
    finish("Mul", [product, scalar(0.5)])
  }
}
