/// What is told about a model.
public struct ModelArguments: Codable, Hashable, Sendable {
  /// `INPUT=DIMS` of `--shape`.
  public struct Shape: Codable, Hashable, Sendable {
    /// The input.
    public let name: String
    /// Its extents.
    public let dims: [Int]

    /// Gives an input a shape.
    public init(name: String, dims: [Int]) {
      self.name = name
      self.dims = dims
    }
  }

  /// `INPUT=NUMBER` of `--value`.
  public struct Value: Codable, Hashable, Sendable {
    /// The input.
    public let name: String
    /// What it is fixed to.
    public let number: Double

    /// Fixes an input.
    public init(name: String, number: Double) {
      self.name = name
      self.number = number
    }
  }

  /// Extents of inputs whose file leaves them open.
  public var shapes: [Shape]
  /// Inputs that are numbers.
  public var values: [Value]

  /// What is told; nothing where it is left out.
  public init(shapes: [Shape] = [], values: [Value] = []) {
    self.shapes = shapes
    self.values = values
  }

  /// Reads `INPUT=DIMS`; the name may hold `=`.
  package static func shape(_ argument: String) throws(SettingFault) -> Shape {
    let (name, text) = try split(argument, "write INPUT=DIMS, such as data=1x3x224x224")
    var dims: [Int] = []
    for part in text.split(separator: "x", omittingEmptySubsequences: false) {
      guard let extent = Int(part), extent >= 1, extent <= Int(Int32.max) else {
        throw SettingFault("'\(text)' is no shape: write extents joined by 'x'")
      }
      dims.append(extent)
    }
    return Shape(name: name, dims: dims)
  }

  /// Reads `INPUT=NUMBER`.
  package static func value(_ argument: String) throws(SettingFault) -> Value {
    let (name, text) = try split(argument, "write INPUT=NUMBER, such as sr=16000")
    guard let number = Double(text), number.isFinite else {
      throw SettingFault("'\(text)' is no finite number")
    }
    return Value(name: name, number: number)
  }

  private static func split(
    _ argument: String, _ remedy: String
  ) throws(SettingFault) -> (String, String) {
    guard let equals = argument.lastIndex(of: "="), equals != argument.startIndex else {
      throw SettingFault(remedy)
    }
    return (String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
  }

  /// The option of something that is told, and what it says; nil where nothing is.
  package var first: String? {
    shapes.isEmpty && values.isEmpty ? nil : shapes.isEmpty ? "--value" : "--shape"
  }
}
