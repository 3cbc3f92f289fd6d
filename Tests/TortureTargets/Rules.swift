import Topology

extension NetworkGenerator {
  /// How an element is drawn.
  public struct Rule: Sendable {
    typealias Proposal = [DrawnNetwork.Primitive]

    /// The layouts it takes; nil for all.
    var layouts: Set<Layout>?
    /// The least number of dimensions.
    var leastRank = 1
    /// Whether its first operand holds indices, which must come from inputs.
    var readsIndices = false
    /// Dims and layout of an input for it; nil for any that it takes.
    var dims: (@Sendable (inout Dice) -> ([Int], Layout))?
    /// The element with attributes and further operands; nil where nothing came to mind.
    ///
    /// Others may stand before it that keep it from what it cannot take. The language may refuse it.
    let propose: @Sendable (inout NetworkGenerator, TensorType) -> Proposal?

    init(
      _ layouts: Set<Layout>? = nil, leastRank: Int = 1, readsIndices: Bool = false,
      dims: (@Sendable (inout Dice) -> ([Int], Layout))? = nil,
      propose: @escaping @Sendable (inout NetworkGenerator, TensorType) -> Proposal?
    ) {
      self.layouts = layouts
      self.leastRank = leastRank
      self.readsIndices = readsIndices
      self.dims = dims
      self.propose = propose
    }

    func takes(_ type: TensorType) -> Bool {
      type.shape.rank >= leastRank && layouts?.contains(type.layout) ?? true
    }

    /// Dims and layout of an input for it.
    func fresh(_ dice: inout Dice) -> ([Int], Layout) {
      if let dims { return dims(&dice) }
      let all: [Layout] = [.nc, .tnc, .ncw, .nchw, .nchw, .ncdhw, .other]
      let layout = dice.pick(all.filter { layouts?.contains($0) ?? true })
      let rank = layout.rank ?? max(leastRank, dice.pick([1, 3, 6]))
      let small = rank > 3 ? Rule.small : Rule.extents
      var dims = (0..<rank).map { _ in dice.pick(small) }
      dims[layout.batchAxis] = dice.pick([1, 1, 2, 3, 5])
      if let channels = layout.channelAxis { dims[channels] = dice.pick(Rule.channels) }
      return (dims, layout)
    }

    static let extents = [1, 1, 2, 3, 5, 7, 8, 9, 11, 13, 16, 17, 19, 23, 31, 32, 33]
    static let small = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11]
    static let channels = [1, 2, 3, 4, 5, 7, 8, 9, 13, 15, 16, 17, 24, 31, 32, 33]
  }

  /// What follows in a layer more often than other elements: what is fused.
  static let tails = [
    "activation", "activation", "add", "batch-norm", "dropout", "max", "min", "mul", "prelu", "sub",
  ]

  static let spatial: Set<Layout> = [.ncw, .nchw, .ncdhw]

  /// How each element is drawn, by its name.
  public static let rules: [String: Rule] = windows.merging(sequences) { a, _ in a }
    .merging(elementwise) { a, _ in a }.merging(normalizations) { a, _ in a }
    .merging(movements) { a, _ in a }.merging(lookups) { a, _ in a }

  static func one(
    _ element: String, _ attributes: [String: String] = [:], with: [String] = []
  ) -> Rule.Proposal { [.init(element: element, attributes: attributes, with: with)] }
}

extension Dice {
  /// `true` or `false` in all ways of writing.
  mutating func yesNo() -> String { pick(["true", "false", "1", "0"]) }

  /// Sets an attribute half of the time.
  mutating func maybe(
    _ attributes: inout [String: String], _ name: String, _ value: (inout Dice) -> String
  ) {
    if oneIn(2) { attributes[name] = value(&self) }
  }

  /// An axis of so many, counted from either end.
  mutating func axis(_ rank: Int) -> String { String(within(-rank...rank - 1)) }

  /// Some axes, each at most once, counted from either end.
  mutating func axes(_ rank: Int) -> [Int] {
    let chosen = (0..<rank).filter { _ in oneIn(2) }
    return (chosen.isEmpty ? [below(rank)] : chosen).map { oneIn(3) ? $0 - rank : $0 }
  }

  /// One number for all dimensions, or one for each.
  mutating func extents(_ rank: Int, _ choices: [Int]) -> String {
    if oneIn(2) { return String(pick(choices)) }
    return (0..<rank).map { _ in String(pick(choices)) }.joined(separator: "x")
  }

  /// Attributes of a window on a type.
  mutating func window(_ type: TensorType, dilates: Bool) -> [String: String] {
    let rank = type.layout.spatialRank
    var attributes = ["kernel": extents(rank, [1, 1, 2, 3, 3, 4, 5, 7])]
    maybe(&attributes, "stride") { $0.extents(rank, [1, 1, 2, 3, 5, 8]) }
    if dilates, oneIn(3) { attributes["dilation"] = extents(rank, [1, 2, 3, 5]) }
    switch below(5) {
    case 0: attributes["padding"] = "same"
    case 1: attributes["padding"] = "valid"
    case 2: attributes["padding"] = extents(rank, [0, 1, 2, 3, 6])
    case 3:
      attributes["padding"] = (0..<2 * rank).map { _ in String(pick([0, 0, 1, 2, 3, 5])) }
        .joined(separator: ",")
    default: break
    }
    return attributes
  }

  /// Groups of a convolution, and filters that they divide.
  mutating func groups(_ channels: Int, _ attributes: inout [String: String]) {
    attributes["filters"] = String(pick(NetworkGenerator.Rule.channels))
    switch below(4) {
    case 0:
      let groups = pick((1...channels).filter { channels.isMultiple(of: $0) })
      attributes["groups"] = String(groups)
      attributes["filters"] = String(groups * within(1...3))
    case 1:
      attributes["groups"] = "depthwise"
      attributes["filters"] = String(channels * within(1...2))
    default: break
    }
    maybe(&attributes, "bias") { $0.yesNo() }
  }
}
