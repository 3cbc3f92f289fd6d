import ArgumentParser
import Importers

/// Options that tell what a model's file leaves open.
struct ModelOptions: ParsableArguments {
  @Option(
    name: .customLong("shape"), parsing: .singleValue,
    help: ArgumentHelp(
      "Extents of an input of an ONNX model, such as data=1x3x224x224; repeatable.",
      valueName: "input=dims"),
    transform: ModelArguments.shape)
  var shapes: [ModelArguments.Shape] = []

  @Option(
    name: .customLong("value"), parsing: .singleValue,
    help: ArgumentHelp(
      "Fix an input of an ONNX model to a number, such as sr=16000; repeatable.",
      valueName: "input=number"),
    transform: ModelArguments.value)
  var values: [ModelArguments.Value] = []

  /// What is told.
  var arguments: ModelArguments { ModelArguments(shapes: shapes, values: values) }
}

/// What is told about a model.
struct ModelArguments {
  /// `INPUT=DIMS` of `--shape`.
  struct Shape {
    let name: String
    let dims: [Int]
  }

  /// `INPUT=NUMBER` of `--value`.
  struct Value {
    let name: String
    let number: Double
  }

  /// An array for an input; without a name for the next one in the model's order.
  struct Input {
    let name: String?
    let path: String
    let array: ConstantTensor
  }

  var shapes: [Shape] = []
  var values: [Value] = []
  /// Arrays that are there for inputs, and so for what operators need as constants.
  var inputs: [Input] = []

  /// Reads `INPUT=DIMS`; the name may hold `=`.
  static func shape(_ argument: String) throws -> Shape {
    let (name, text) = try split(argument, "write INPUT=DIMS, such as data=1x3x224x224")
    var dims: [Int] = []
    for part in text.split(separator: "x", omittingEmptySubsequences: false) {
      guard let extent = Int(part), extent >= 1, extent <= Int(Int32.max) else {
        throw ValidationError("'\(text)' is no shape: write extents joined by 'x'")
      }
      dims.append(extent)
    }
    return Shape(name: name, dims: dims)
  }

  /// Reads `INPUT=NUMBER`.
  static func value(_ argument: String) throws -> Value {
    let (name, text) = try split(argument, "write INPUT=NUMBER, such as sr=16000")
    guard let number = Double(text), number.isFinite else {
      throw ValidationError("'\(text)' is no finite number")
    }
    return Value(name: name, number: number)
  }

  private static func split(_ argument: String, _ remedy: String) throws -> (String, String) {
    guard let equals = argument.lastIndex(of: "="), equals != argument.startIndex else {
      throw ValidationError(remedy)
    }
    return (String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
  }

  /// These as arguments of a child that reads the model alike.
  var arguments: [String] {
    shapes.flatMap { shape in
      ["--shape", shape.name + "=" + shape.dims.map(String.init).joined(separator: "x")]
    } + values.flatMap { ["--value", "\($0.name)=\($0.number)"] }
  }

  /// What such arguments among others say.
  init(in arguments: [String]) {
    for (option, value) in zip(arguments, arguments.dropFirst()) {
      if option == "--shape", let shape = try? ModelArguments.shape(value) { shapes.append(shape) }
      if option == "--value", let value = try? ModelArguments.value(value) { values.append(value) }
    }
  }

  /// Nothing is told.
  init(shapes: [Shape] = [], values: [Value] = []) {
    self.shapes = shapes
    self.values = values
  }
}
