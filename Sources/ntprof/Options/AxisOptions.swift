public import ArgumentParser
import Execution
import Measuring
public import Profiling
import Session

/// `NAME=V1,V2…` of a sweep's `--set`.
struct ParamAxis {
  let name: String
  let values: ValueList

  /// Reads it.
  ///
  /// - Throws: `ValidationError` that says what is wrong with it.
  static func parse(_ argument: String) throws -> ParamAxis {
    let (name, text) = try Assignment.split(argument)
    return ParamAxis(name: name, values: try ValueList.parse(text))
  }
}

/// Whole numbers joined by commas, and ranges `FIRST..LAST:STEP` (step 1 when left out).
struct ValueList {
  let values: [Int]

  /// More values than that on one axis are a slip of the hand.
  static let limit = 10_000

  /// Reads a list.
  ///
  /// - Throws: `ValidationError` that says which part of it is wrong, and why.
  static func parse(_ argument: String) throws -> ValueList {
    var values: [Int] = []
    var seen: Set<Int> = []
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      for value in try range(String(part)) where seen.insert(value).inserted {
        values.append(value)
      }
      guard values.count <= limit else { throw tooMany }
    }
    return ValueList(values: values)
  }

  private static var tooMany: ValidationError {
    ValidationError("more than \(limit) values; give a range a step: FIRST..LAST:STEP")
  }

  private static func range(_ text: String) throws -> [Int] {
    if let value = Int(text) { return [value] }
    guard let dots = text.firstRange(of: "..") else {
      throw ValidationError(SettingWords.wanted(text) + "; a list is V1,V2 or FIRST..LAST:STEP")
    }
    let tail = text[dots.upperBound...].split(
      separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = Int(text[..<dots.lowerBound]), let last = Int(tail[0]) else {
      throw ValidationError("'\(text)' is no range FIRST..LAST:STEP of integers")
    }
    guard first <= last else { throw ValidationError("'\(text)' ends before it begins") }
    guard let step = tail.count > 1 ? Int(tail[1]) : 1, step > 0 else {
      throw ValidationError("the step of '\(text)' is no integer above 0")
    }
    let (width, isHuge) = last.subtractingReportingOverflow(first)
    guard !isHuge, width / step < limit else { throw tooMany }
    return Array(stride(from: first, through: last, by: step))
  }
}

/// Number formats joined by commas.
struct PrecisionList {
  let values: [String]

  /// Reads a list.
  ///
  /// - Throws: `ValidationError` for an unknown format, or one that is named twice.
  static func parse(_ argument: String) throws -> PrecisionList {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    for (index, part) in parts.enumerated() {
      guard Precision(rawValue: part) != nil else {
        let known = Precision.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("'\(part)' is none of \(known)")
      }
      guard !parts[..<index].contains(part) else { throw ValidationError("'\(part)' stands twice") }
    }
    return PrecisionList(values: parts)
  }
}

/// Partitions of a cluster joined by commas.
struct MachineList {
  let values: [String]

  /// Reads them.
  ///
  /// - Throws: `ValidationError` for an empty name, or one that stands twice.
  static func parse(_ argument: String) throws -> MachineList {
    let names = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    for (index, name) in names.enumerated() {
      guard !name.isEmpty, !name.contains(where: \.isWhitespace), !name.hasPrefix("-") else {
        throw ValidationError("'\(name)' is no partition's name")
      }
      guard !names[..<index].contains(name) else { throw ValidationError("'\(name)' stands twice") }
    }
    return MachineList(values: names)
  }
}

extension SweepObjective: ExpressibleByArgument {}

extension SweepConstraint {
  /// Reads `parameters<=10M`.
  static func parse(_ argument: String) throws -> SweepConstraint {
    guard let constraint = SweepConstraint(argument) else {
      throw ValidationError(
        "write a subject, <=, <, =, > or >=, and a number with its unit, like latency<=5ms")
    }
    return constraint
  }
}

/// Options that say what a sweep varies and what it looks for.
struct AxisOptions: ParsableArguments {
  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Values of a <param>: 512,1024 or 512..4096:512; repeatable, one axis each.",
      valueName: "name=values"),
    completion: Completions.params, transform: ParamAxis.parse)
  var params: [ParamAxis] = []

  @Option(
    help: ArgumentHelp("Batch sizes, like 1,8 or 1..8.", valueName: "values"),
    transform: ValueList.parse)
  var batch: ValueList?

  @Option(
    help: ArgumentHelp("Numbers of OpenMP threads.", valueName: "values"),
    transform: ValueList.parse)
  var threads: ValueList?

  @Option(
    help: ArgumentHelp("Number formats, like f32,bf16,int8.", valueName: "values"),
    completion: Choices.precisions, transform: PrecisionList.parse)
  var precision: PrecisionList?

  @Option(
    help: ArgumentHelp(
      "Machines, by their partitions' names; needs --launch slurm.", valueName: "partitions"),
    transform: MachineList.parse)
  var machines: MachineList?

  @Flag(help: "Start however many points there are; without it, more than 50 are asked for.")
  var yes = false

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
      valueName: "condition"), transform: SweepConstraint.parse)
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
    if let machines {
      list.append(SweepAxis(kind: .machine, name: "machine", values: machines.values))
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
    for constraint in constraints {
      if let fault = constraint.fault(axes: names) {
        throw ValidationError("--constraint '\(constraint.text)': \(fault)")
      }
    }
  }
}
