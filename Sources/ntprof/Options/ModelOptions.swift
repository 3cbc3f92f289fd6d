import ArgumentParser
import Importers
import Session

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
