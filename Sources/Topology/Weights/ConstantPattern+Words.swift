extension ConstantPattern {
  /// What it is called in a file that holds its numbers anyway, with its own numbers behind; `nil` for
  /// a list of numbers.
  public var words: String? {
    switch self {
    case .fill(let value): "fill \(value)"
    case .list: nil
    case .range(let start, let step): "range \(start) \(step)"
    case .causal(let hidden): "causal \(hidden)"
    case .lowerTriangle: "lower-triangle"
    case .rotaryCosine(let base, let first): "rotary-cos \(base) \(first)"
    case .rotarySine(let base, let first): "rotary-sin \(base) \(first)"
    case .sinusoids(let base): "sinusoids \(base)"
    case .relativePositions(let window): "relative-positions \(window)"
    case .shiftedWindows(let window, let shift, let hidden):
      "shifted-windows \(window) \(shift) \(hidden)"
    }
  }

  /// The pattern that ``words`` gave; `nil` for other text.
  public init?(words: String) {
    let parts = words.split(separator: " ")
    let numbers = parts.dropFirst().compactMap { Double($0) }
    guard let kind = parts.first, numbers.count == parts.count - 1,
      numbers.allSatisfy({ $0.isFinite && abs($0) <= 1e15 })
    else { return nil }
    switch (kind, numbers.count) {
    case ("fill", 1): self = .fill(Float(numbers[0]))
    case ("range", 2): self = .range(start: numbers[0], step: numbers[1])
    case ("causal", 1): self = .causal(hidden: Float(numbers[0]))
    case ("lower-triangle", 0): self = .lowerTriangle
    case ("rotary-cos", 2): self = .rotaryCosine(base: numbers[0], first: Int(numbers[1]))
    case ("rotary-sin", 2): self = .rotarySine(base: numbers[0], first: Int(numbers[1]))
    case ("sinusoids", 1): self = .sinusoids(base: numbers[0])
    case ("relative-positions", 1) where (1...256).contains(numbers[0]):
      self = .relativePositions(window: Int(numbers[0]))
    case ("shifted-windows", 3) where (1...256).contains(numbers[0]) && numbers[1] >= 0:
      self = .shiftedWindows(
        window: Int(numbers[0]), shift: Int(numbers[1]), hidden: Float(numbers[2]))
    default: return nil
    }
  }

  /// Its numbers; `nil` where it does not fit the dims.
  public func values(dims: [Int]) -> [Float]? {
    guard fault(in: dims) == nil else { return nil }
    var values = [Float](repeating: 0, count: dims.reduce(1, *))
    values.withUnsafeMutableBufferPointer { write(offset: 0, dims: dims, into: $0) }
    return values
  }
}
