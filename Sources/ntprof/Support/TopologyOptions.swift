import ArgumentParser

/// Options that change the topology itself.
struct TopologyOptions: ParsableArguments {
  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Override a <param> of the topology; repeatable.", valueName: "name=value"),
    completion: Completions.params)
  var assignments: [Assignment] = []

  @Option(help: "Replace the batch size of every input.")
  var batch: Int?

  mutating func validate() throws {
    if let batch, batch < 1 { throw ValidationError("--batch \(batch) is not positive") }
  }
}

/// `NAME=VALUE` of `--set`.
struct Assignment: ExpressibleByArgument, Equatable {
  let name: String
  let value: Int

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, let value = Int(parts[1]) else { return nil }
    self.name = String(parts[0])
    self.value = value
  }
}
