import ArgumentParser

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

/// `NAME=VALUE` of `--set`.
struct Assignment: Equatable {
  let name: String
  let value: Int

  /// Reads `NAME=VALUE`.
  ///
  /// - Throws: `ValidationError` that says what is wrong with it.
  static func parse(_ argument: String) throws -> Assignment {
    let (name, text) = try split(argument)
    guard let value = Int(text) else {
      let why =
        text.contains(",") || text.contains("..")
        ? "one value; several are for `ntprof sweep`" : SettingWords.wanted(text)
      throw ValidationError("'\(name)' takes \(why)")
    }
    return Assignment(name: name, value: value)
  }

  /// The name and what stands behind the `=`.
  static func split(_ argument: String) throws -> (name: String, value: String) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty else { throw ValidationError("write NAME=VALUE") }
    return (String(parts[0]), String(parts[1]))
  }
}

/// What a number on the command line should have been.
enum SettingWords {
  /// `integers only, not '1.5'`, as the object of a sentence.
  static func wanted(_ text: String) -> String {
    if text.isEmpty { return "an integer, and there is none" }
    if text.drop(while: { $0 == "-" || $0 == "+" }).allSatisfy(\.isNumber) {
      return "integers of 64 bits, and '\(text)' has more"
    }
    return "integers only, not '\(text)'"
  }
}
