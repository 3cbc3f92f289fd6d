/// A tensor that is part of the network: learned, or filled by a rule.
public struct GraphConstant: Sendable {
  /// Its name.
  public let name: String
  /// Shape and layout.
  public let type: TensorType
  /// What it holds; `nil` for random numbers.
  public let pattern: ConstantPattern?
  /// Whether its values are trained, and so counted as parameters.
  public let isLearned: Bool
  /// Where it is declared, if it came from a file.
  public let location: SourceLocation?

  /// Describes a constant.
  ///
  /// - Throws: ``ShapeError`` when its shape does not fit what it holds.
  public init(
    name: String, type: TensorType, pattern: ConstantPattern? = nil, isLearned: Bool,
    location: SourceLocation? = nil
  ) throws(ShapeError) {
    if let fault = pattern?.fault(in: type.dims) { throw ShapeError(fault) }
    self.name = name
    self.type = type
    self.pattern = pattern
    self.isLearned = isLearned
    self.location = location
  }

  /// What reading it costs a layer; a learned one counts its parameters only once in a network.
  func cost(isFirstReader: Bool) -> Cost {
    let elements = type.elementCount
    return Cost(parameters: isLearned && isFirstReader ? elements : 0, weightElements: elements)
  }
}

/// What a `<constant>` holds, as its attributes say.
public struct ConstantSchema: Sendable {
  /// The kinds of contents.
  public enum Kind: String, CaseIterable, Sendable {
    /// Seeded random numbers.
    case random
    /// `value` everywhere.
    case fill
    /// `values` in row-major order.
    case list
    /// `value`, `value + step`, ….
    case range
    /// A mask to be added to scores.
    case causal
    /// Places below the diagonal of a square matrix.
    case lowerTriangle = "lower-triangle"
    /// Cosines of rotary positions.
    case rotaryCosine = "rotary-cos"
    /// Sines of rotary positions.
    case rotarySine = "rotary-sin"
    /// Sines and cosines of positions.
    case sinusoids
    /// Rows of a table of relative positions.
    case relativePositions = "relative-positions"
    /// A mask for shifted windows.
    case shiftedWindows = "shifted-windows"

    /// The attributes it takes beside `value` and `values` of those that hold one.
    var attributes: Set<String> {
      switch self {
      case .random: []
      case .fill: ["value"]
      case .list: ["values"]
      case .range: ["value", "step"]
      case .causal: ["value"]
      case .lowerTriangle: []
      case .rotaryCosine, .rotarySine, .sinusoids: ["base"]
      case .relativePositions: ["window"]
      case .shiftedWindows: ["window", "shift", "value"]
      }
    }
  }

  /// The attributes of `<constant>` that say what it holds.
  public static let attributes = ["kind", "value", "values", "step", "base", "window", "shift"]

  /// Far below any score, so that its softmax is exactly 0.
  static let hidden: Float = -1e9

  /// What it holds; `nil` for random numbers.
  public let pattern: ConstantPattern?

  /// Reads the attributes.
  ///
  /// - Throws: ``AttributeError`` naming the attribute that cannot be used.
  public init(_ attributes: Attributes) throws(AttributeError) {
    let implied: Kind =
      attributes.string("values") != nil
      ? .list : attributes.string("value") != nil ? .fill : .random
    let kind = try attributes.choice("kind", default: implied)
    for name in ConstantSchema.attributes
    where name != "kind" && attributes.string(name) != nil && !kind.attributes.contains(name) {
      throw AttributeError(name, "is none of a constant of kind '\(kind.rawValue)'")
    }
    switch kind {
    case .random: pattern = nil
    case .fill: pattern = .fill(Float(try attributes.double("value", default: 0)))
    case .list: pattern = .list(try ConstantSchema.list(attributes))
    case .range:
      pattern = .range(
        start: try attributes.double("value", default: 0),
        step: try attributes.double("step", default: 1))
    case .causal:
      pattern = .causal(
        hidden: Float(try attributes.double("value", default: Double(ConstantSchema.hidden))))
    case .lowerTriangle: pattern = .lowerTriangle
    case .rotaryCosine: pattern = .rotaryCosine(base: try ConstantSchema.base(attributes))
    case .rotarySine: pattern = .rotarySine(base: try ConstantSchema.base(attributes))
    case .sinusoids: pattern = .sinusoids(base: try ConstantSchema.base(attributes))
    case .relativePositions:
      pattern = .relativePositions(window: try attributes.int("window", in: 1...1024))
    case .shiftedWindows:
      pattern = .shiftedWindows(
        window: try attributes.int("window", in: 1...1024), shift: try attributes.int("shift"),
        hidden: Float(try attributes.double("value", default: -100)))
    }
  }

  private static func base(_ attributes: Attributes) throws(AttributeError) -> Double {
    let base = try attributes.double("base", default: 10000)
    guard base > 0 else { throw AttributeError("base", "\(base) is not positive") }
    return base
  }

  private static func list(_ attributes: Attributes) throws(AttributeError) -> [Float] {
    var values: [Float] = []
    let text = attributes.fractions("values") ?? ""
    for part in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
      guard let value = Float(part), value.isFinite else {
        throw AttributeError("values", "'\(part)' is no finite number")
      }
      values.append(value)
    }
    return values
  }
}
