public import ArgumentParser
public import Profiling

/// `NAME=V1,V2…` of a sweep's `--set`.
struct ParamAxis: ExpressibleByArgument {
  let name: String
  let values: ValueList

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, let values = ValueList(argument: String(parts[1]))
    else { return nil }
    name = String(parts[0])
    self.values = values
  }
}

/// Whole numbers joined by commas, and ranges `FIRST..LAST:STEP` (step 1 when left out).
struct ValueList: ExpressibleByArgument {
  let values: [Int]

  /// More values than that on one axis are a slip of the hand.
  static let limit = 10_000

  init?(argument: String) {
    var values: [Int] = []
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let list = Self.range(String(part)), values.count + list.count <= Self.limit else {
        return nil
      }
      for value in list where !values.contains(value) { values.append(value) }
    }
    guard !values.isEmpty else { return nil }
    self.values = values
  }

  private static func range(_ text: String) -> [Int]? {
    if let value = Int(text) { return [value] }
    guard let dots = text.firstRange(of: "..") else { return nil }
    let tail = text[dots.upperBound...].split(separator: ":", maxSplits: 1)
    guard let first = Int(text[..<dots.lowerBound]), let last = tail.first.flatMap({ Int($0) }),
      first <= last
    else { return nil }
    let step = tail.count > 1 ? Int(tail[1]) : 1
    guard let step, step > 0, (last - first) / step < limit else { return nil }
    return Array(stride(from: first, through: last, by: step))
  }
}

/// Number formats joined by commas.
struct PrecisionList: ExpressibleByArgument {
  let values: [String]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard !parts.contains(""), Set(parts).count == parts.count else { return nil }
    values = parts
  }
}

extension SweepObjective: ExpressibleByArgument {}

extension SweepConstraint: ExpressibleByArgument {
  /// Reads `parameters<=10M`.
  public init?(argument: String) { self.init(argument) }
}

/// Options that say what a sweep varies and what it looks for.
struct AxisOptions: ParsableArguments {
  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Values of a <param>: 512,1024 or 512..4096:512; repeatable, one axis each.",
      valueName: "name=values"),
    completion: Completions.params)
  var params: [ParamAxis] = []

  @Option(help: ArgumentHelp("Batch sizes, like 1,8 or 1..8.", valueName: "values"))
  var batch: ValueList?

  @Option(help: ArgumentHelp("Numbers of OpenMP threads.", valueName: "values"))
  var threads: ValueList?

  @Option(
    help: ArgumentHelp("Number formats, like f32,bf16,int8.", valueName: "values"),
    completion: Choices.precisions)
  var precision: PrecisionList?

  @Flag(
    name: .customLong("one-at-a-time"),
    help: "Vary one axis at a time from the first value of every axis; else all combinations.")
  var oneAtATime = false

  @Option(
    help: ArgumentHelp(
      "What makes a point the best: "
        + SweepObjective.allCases.map(\.rawValue).joined(separator: ", ") + "."))
  var objective: SweepObjective?

  @Option(
    name: .customLong("constraint"), parsing: .singleValue,
    help: ArgumentHelp(
      "What the best point must satisfy, like 'parameters<=10M' or 'latency<5ms'; repeatable.",
      discussion: "Of \(SweepConstraint.subjects.joined(separator: ", ")), or an axis.",
      valueName: "condition"))
  var constraints: [SweepConstraint] = []

  /// The axes, as given: params first.
  var axes: [SweepAxis] {
    var list = params.map { param in
      SweepAxis(kind: .param, name: param.name, values: param.values.values.map(String.init))
    }
    if let batch {
      list.append(SweepAxis(kind: .batch, name: "batch", values: batch.values.map(String.init)))
    }
    if let threads {
      list.append(
        SweepAxis(kind: .threads, name: "threads", values: threads.values.map(String.init)))
    }
    if let precision {
      list.append(SweepAxis(kind: .precision, name: "precision", values: precision.values))
    }
    return list
  }

  mutating func validate() throws {
    if let bad = batch?.values.first(where: { $0 < 1 }) {
      throw ValidationError("--batch \(bad) is not positive")
    }
    if let bad = threads?.values.first(where: { !(1...1024).contains($0) }) {
      throw ValidationError("--threads \(bad) is outside 1…1024")
    }
    let names = axes.map(\.name)
    if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
      throw ValidationError("'\(twice)' is varied twice: give all its values at once")
    }
    for constraint in constraints
    where !SweepConstraint.subjects.contains(constraint.subject)
      && !names.contains(constraint.subject)
    {
      let known = (SweepConstraint.subjects + names).joined(separator: ", ")
      throw ValidationError(
        "--constraint '\(constraint.text)': '\(constraint.subject)' is none of \(known)")
    }
  }
}
