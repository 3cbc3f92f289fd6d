package import Importers

/// What is told about a model.
package struct ModelArguments {
  /// `INPUT=DIMS` of `--shape`.
  package struct Shape {
    package let name: String
    package let dims: [Int]
  }

  /// `INPUT=NUMBER` of `--value`.
  package struct Value {
    package let name: String
    package let number: Double
  }

  /// An array for an input; without a name for the next one in the model's order.
  package struct Input {
    package let name: String?
    package let path: String
    package let array: ConstantTensor

    /// An array that was read from a path.
    package init(name: String?, path: String, array: ConstantTensor) {
      self.name = name
      self.path = path
      self.array = array
    }
  }

  package var shapes: [Shape] = []
  package var values: [Value] = []
  /// Arrays that are there for inputs, and so for what operators need as constants.
  package var inputs: [Input] = []

  /// Reads `INPUT=DIMS`; the name may hold `=`.
  package static func shape(_ argument: String) throws -> Shape {
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
  package static func value(_ argument: String) throws -> Value {
    let (name, text) = try split(argument, "write INPUT=NUMBER, such as sr=16000")
    guard let number = Double(text), number.isFinite else {
      throw SettingFault("'\(text)' is no finite number")
    }
    return Value(name: name, number: number)
  }

  private static func split(_ argument: String, _ remedy: String) throws -> (String, String) {
    guard let equals = argument.lastIndex(of: "="), equals != argument.startIndex else {
      throw SettingFault(remedy)
    }
    return (String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
  }

  /// These as arguments of a child that reads the model alike.
  package var arguments: [String] {
    shapes.flatMap { shape in
      ["--shape", shape.name + "=" + shape.dims.map(String.init).joined(separator: "x")]
    } + values.flatMap { ["--value", "\($0.name)=\($0.number)"] }
  }

  /// What such arguments among others say.
  package init(in arguments: [String]) {
    for (option, value) in zip(arguments, arguments.dropFirst()) {
      if option == "--shape", let shape = try? ModelArguments.shape(value) { shapes.append(shape) }
      if option == "--value", let value = try? ModelArguments.value(value) { values.append(value) }
    }
  }

  /// Nothing is told.
  package init(shapes: [Shape] = [], values: [Value] = []) {
    self.shapes = shapes
    self.values = values
  }
}
