import Topology

extension LayerText {
  mutating func writeEltwise(_ eltwise: Eltwise) {
    let x = input()
    func number(_ name: String, _ value: Double) -> Snippet {
      .number(name, Python.number(value))
    }
    let (alpha, beta) = (number("alpha", eltwise.alpha), number("beta", eltwise.beta))
    switch eltwise.kind {
    case .relu where eltwise.alpha == 0: both(Snippet("F.relu(\(x))"), "nn.ReLU()")
    case .relu: both("F.leaky_relu(\(x), " + alpha + ")", "nn.LeakyReLU(" + alpha + ")")
    case .tanh: both(Snippet("torch.tanh(\(x))"), "nn.Tanh()")
    case .elu: both("F.elu(\(x), " + alpha + ")", "nn.ELU(" + alpha + ")")
    case .square: assign(Snippet("\(x) * \(x)"))
    case .abs: assign(Snippet("\(x).abs()"))
    case .sqrt: assign(Snippet("\(x).sqrt()"))
    case .linear:
      let product: Snippet = eltwise.alpha == 1 ? Snippet(x) : "\(x) * " + alpha
      assign(eltwise.beta == 0 ? product : product + " + " + beta)
    case .boundedRelu where eltwise.alpha == 6: both(Snippet("F.relu6(\(x))"), "nn.ReLU6()")
    case .boundedRelu:
      both("F.hardtanh(\(x), 0, " + alpha + ")", "nn.Hardtanh(0, " + alpha + ")")
    case .softRelu: both(Snippet("F.softplus(\(x))"), "nn.Softplus()")
    case .logSigmoid: both(Snippet("F.logsigmoid(\(x))"), "nn.LogSigmoid()")
    case .logistic: both(Snippet("torch.sigmoid(\(x))"), "nn.Sigmoid()")
    case .exp: assign(Snippet("\(x).exp()"))
    case .geluTanh:
      both(Snippet("F.gelu(\(x), approximate=\"tanh\")"), "nn.GELU(\"tanh\")")
    case .geluErf: both(Snippet("F.gelu(\(x))"), "nn.GELU()")
    case .swish where eltwise.alpha == 1: both(Snippet("F.silu(\(x))"), "nn.SiLU()")
    case .swish: assign("\(x) * torch.sigmoid(\(x) * " + alpha + ")")
    case .log: assign(Snippet("\(x).log()"))
    case .clip: assign("\(x).clamp(" + alpha + ", " + beta + ")")
    case .pow:
      let power: Snippet = "\(x) ** " + beta
      assign(eltwise.alpha == 1 ? power : alpha + " * " + power)
    case .round: assign(Snippet("\(x).round()"))
    case .mish: both(Snippet("F.mish(\(x))"), "nn.Mish()")
    case .hardSwish: both(Snippet("F.hardswish(\(x))"), "nn.Hardswish()")
    }
  }

  private mutating func both(_ expression: Snippet, _ constructor: String) {
    both(expression, Snippet(constructor))
  }

  private mutating func both(_ expression: Snippet, _ constructor: Snippet) {
    assign(expression)
    module(constructor)
  }
}
