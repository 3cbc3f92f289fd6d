import ArgumentParser
import Session

/// Options that change the topology itself.
struct TopologyOptions: ParsableArguments {
  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Override a <param> of the topology; repeatable.", valueName: "name=value"),
    completion: Completions.params, transform: Assignment.parse)
  var assignments: [Assignment] = []

  @Option(help: "Replace the batch size of every input.")
  var batch: Int?

  @Option(
    help: ArgumentHelp(
      "A safetensors file, random, or model (default: the model's own where it has them).",
      discussion: "Keys are LAYER.weight and so on, as docs/weights.md lists them.",
      valueName: "weights"),
    completion: .file(extensions: ["safetensors"]))
  var weights: String?

  @Flag(
    name: .customLong("random-weights"),
    help: "Random weights, as --weights random: a model's own are ignored.")
  var randomWeights = false

  @OptionGroup var modelOptions: ModelOptions

  /// What is told about a model.
  var model: ModelArguments { modelOptions.arguments }

  /// A network with what these say of it.
  func settings(_ source: String) -> NetworkSettings {
    NetworkSettings(
      source, batch: batch, assignments: assignments, weights: weights, model: model)
  }

  mutating func validate() throws {
    if randomWeights {
      guard weights == nil || weights == "random" else {
        throw ValidationError("--random-weights and --weights \(weights ?? "") exclude each other")
      }
      weights = "random"
    }
    if let batch, batch < 1 { throw ValidationError("--batch \(batch) is not positive") }
  }
}
