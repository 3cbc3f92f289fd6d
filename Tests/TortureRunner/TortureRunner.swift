import Files
import FoundationEssentials
import Machine
import NumberedWork
import SystemPackage
import TortureTargets

/// `ntprof-torture`: runs random networks every way there is, against naive loops and ONNX Runtime, for
/// some seconds, in a child process that is started again after each crash.
///
/// `ntprof-torture SECONDS [SEED]`; what failed is made smaller and lies in `.build-torture/failures`, and
/// ends it with status 1. `ntprof-torture --check FILE` runs one that lies there again,
/// `--case NUMBER SEED` one as it was drawn.
@main
enum TortureRunner {
  static func main() {
    let words = Array(CommandLine.arguments.dropFirst())
    switch words.first {
    case "--worker": work(Array(words.dropFirst()))
    case "--candidates": workOnCandidates(Array(words.dropFirst()))
    case "--check": check(words)
    case "--case":
      guard words.count == 3, let number = UInt64(words[1]), let seed = UInt64(words[2]) else {
        OwnProcess.exit(64)
      }
      examine(TortureCase.drawn(number, seed: seed))
    default:
      let seconds = words.first.flatMap { Double($0) } ?? 60
      let seed = words.dropFirst().first.flatMap { UInt64($0) } ?? UInt64(Clock.now() % 1_000_000)
      var torture = Torture(seconds: seconds, seed: seed)
      OwnProcess.exit(torture.run() ? 0 : 1)
    }
  }

  /// Seconds that a case may take: a search times everything there is, on a busy machine.
  private static let patience: UInt32 = 120

  private static func engine() -> EngineOracle? {
    EngineOracle(folder: URL(filePath: ".build-torture/engine-\(OwnProcess.id)"))
  }

  /// Runs cases from a number on and reports each, until one fails or the time is over.
  private static func work(_ words: [String]) {
    guard words.count == 4, let first = UInt64(words[0]), let parent = Int32(words[1]),
      let seconds = Double(words[2]), let seed = UInt64(words[3]),
      NumberedWork.begin(parent: parent)
    else { OwnProcess.exit(64) }
    let examiner = Examiner(engine: engine()) { NumberedWork.mark($0 ? 1 : 0) }
    let end = Clock.now() + UInt64(seconds * 1e9)
    var number = first
    while Clock.now() < end {
      NumberedWork.say(number, patience: patience)
      var outcome = examiner.examine(TortureCase.drawn(number, seed: seed))
      outcome.number = number
      Reports.send(outcome)
      number += 1
      if outcome.failure != nil { break }
    }
    NumberedWork.say(number, patience: patience)
  }

  /// Runs cases of a list until one fails, and reports each.
  private static func workOnCandidates(_ words: [String]) {
    guard words.count == 1, let parent = Int32(words[0]), NumberedWork.begin(parent: parent) else {
      OwnProcess.exit(64)
    }
    guard let cases: [TortureCase] = Reports.candidates() else { OwnProcess.exit(65) }
    let examiner = Examiner(engine: cases.contains(where: \.asksEngine) ? engine() : nil) {
      NumberedWork.mark($0 ? 1 : 0)
    }
    for (number, drawn) in cases.enumerated() {
      NumberedWork.say(UInt64(number), patience: patience)
      var outcome = examiner.examine(drawn)
      outcome.number = UInt64(number)
      Reports.send(outcome)
      if outcome.failure != nil { break }
    }
  }

  private static func check(_ words: [String]) {
    guard words.count == 2, let data = try? Data(contentsOf: URL(filePath: words[1])),
      let drawn = try? JSONDecoder().decode(TortureCase.self, from: data)
    else {
      say("usage: ntprof-torture --check FILE.json")
      OwnProcess.exit(64)
    }
    examine(drawn)
  }

  private static func examine(_ drawn: TortureCase) -> Never {
    say(Torture.text(of: drawn) ?? "no network")
    for setting in drawn.settings { say(setting) }
    let outcome = Examiner(engine: drawn.asksEngine ? engine() : nil).examine(drawn)
    say("\(outcome.plans) plans, \(outcome.engines) engines")
    if let why = outcome.notExported { say("not exported: \(why)") }
    guard let failure = outcome.failure else {
      say("nothing is wrong with it")
      OwnProcess.exit(0)
    }
    say("\(failure.kind.rawValue): \(failure.message)")
    OwnProcess.exit(1)
  }
}

/// What parent and child tell each other by files in memory.
enum Reports {
  private static let outcomes: Int32 = 4
  private static let list: Int32 = 5

  /// In the child.
  static func send(_ outcome: TortureOutcome) {
    guard let data = try? JSONEncoder().encode(outcome) else { return }
    let line = Array(data) + [UInt8(ascii: "\n")]
    try? FileDescriptor(rawValue: outcomes).writeWhole(line)
  }

  /// In the child.
  static func candidates() -> [TortureCase]? {
    guard let bytes = try? FileDescriptor(rawValue: list).readWhole() else { return nil }
    return try? JSONDecoder().decode([TortureCase].self, from: Data(bytes))
  }

  /// In the parent: what a child said and how it ended.
  static func child(
    _ arguments: [String], candidates: [TortureCase]? = nil, seconds: Double
  ) -> (outcomes: [TortureOutcome], end: NumberedWork.End)? {
    guard let file = try? MemoryFile("outcomes") else { return nil }
    var descriptors: [(own: Int32, from: Int32)] = [(outcomes, file.descriptor)]
    var input: MemoryFile?
    if let candidates, let data = try? JSONEncoder().encode(candidates) {
      input = try? MemoryFile("candidates", holding: Array(data))
      if let input { descriptors.append((list, input.descriptor)) }
    }
    var environment = ["PATH": "/usr/bin:/bin"]
    for name in ["NTPROF_ENGINE_PYTHON", "ONEDNN_MAX_CPU_ISA", "LD_LIBRARY_PATH"] {
      environment[name] = Environment.variable(name)
    }
    defer { withExtendedLifetime(input) {} }
    guard
      let end = NumberedWork.child(
        arguments, environment: environment, descriptors: descriptors, seconds: seconds)
    else { return nil }
    let decoder = JSONDecoder()
    let outcomes = file.contents().split(separator: UInt8(ascii: "\n")).compactMap { line in
      try? decoder.decode(TortureOutcome.self, from: Data(line))
    }
    return (outcomes, end)
  }
}

/// Prints a line at once: what is printed to a file or a pipe is kept back otherwise.
func say(_ text: some CustomStringConvertible) {
  try? FileDescriptor.standardOutput.writeWhole(Array("\(text)\n".utf8))
}
