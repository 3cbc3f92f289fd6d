import Topology

extension ConstantPattern {
  /// The constant in Python.
  ///
  /// - Parameter dims: Its extents.
  /// - Returns: An expression that makes it.
  func python(_ dims: [Int]) -> String {
    let shape = Python.list(dims)
    let count = dims.reduce(1, *)
    switch self {
    case .fill(let value): return "torch.full(\(shape), \(Python.number(Double(value))))"
    case .list(let values):
      let texts = values.map { Python.number(Double($0)) }.joined(separator: ", ")
      return "torch.tensor([\(texts)], dtype=torch.float32).reshape\(shape)"
    case .range(let start, let step):
      return "(\(Python.number(start)) + \(Python.number(step)) * "
        + "torch.arange(\(count), dtype=torch.float64)).float().reshape\(shape)"
    case .causal(let hidden):
      let past = dims[dims.count - 1] - dims[dims.count - 2]
      return "torch.full(\(shape), \(Python.number(Double(hidden)))).triu(\(past + 1))"
    case .lowerTriangle:
      let side = Int(((1 + 8 * Double(count)).squareRoot() + 1) / 2)
      return "(lambda p: \(side) * p[0] + p[1])(torch.tril_indices(\(side), \(side), -1))"
        + ".float().reshape\(shape)"
    case .rotaryCosine(let base, let first): return rotary("cos", base, first, dims)
    case .rotarySine(let base, let first): return rotary("sin", base, first, dims)
    case .sinusoids(let base):
      let (positions, width) = (dims[dims.count - 2], dims[dims.count - 1])
      return "(lambda a: torch.stack((a.sin(), a.cos()), -1).flatten(1))("
        + angles(base, 0, positions, width) + ").float().expand\(shape).clone()"
    case .relativePositions(let window):
      let (last, side) = (window - 1, 2 * window - 1)
      return "(lambda y, x: ((y[:, None] - y + \(last)) * \(side) + x[:, None] - x + \(last)))("
        + "torch.arange(\(window * window)) // \(window), "
        + "torch.arange(\(window * window)) % \(window)).float().reshape\(shape)"
    case .shiftedWindows(let window, let shift, let hidden):
      let side = Int(Double(dims[dims.count - 3]).squareRoot())
      let (cells, whole) = (window * window, side * window)
      return "(lambda p: (lambda r: (r[:, :, None] != r[:, None, :]) * "
        + "\(Python.number(Double(hidden))))((p[:, None] * 3 + p).reshape(\(side), \(window), "
        + "\(side), \(window)).transpose(1, 2).reshape(\(side * side), \(cells))))("
        + "(torch.arange(\(whole)) >= \(whole - window)).long() + "
        + "(torch.arange(\(whole)) >= \(whole - shift)).long()).float().expand\(shape).clone()"
    }
  }

  private func rotary(_ function: String, _ base: Double, _ first: Int, _ dims: [Int]) -> String {
    let (positions, width) = (dims[dims.count - 2], dims[dims.count - 1])
    return "\(angles(base, first, positions, width)).repeat(1, 2).\(function)().float()"
      + ".expand\(Python.list(dims)).clone()"
  }

  /// Positions times frequencies, one a pair of columns.
  private func angles(_ base: Double, _ first: Int, _ positions: Int, _ width: Int) -> String {
    "torch.outer(torch.arange(\(first), \(first + positions), dtype=torch.float64), "
      + "\(Python.number(base)) ** (-torch.arange(0, \(width), 2, dtype=torch.float64) / \(width)))"
  }
}
