import FoundationEssentials
import Machine
import NumberedWork
import TortureTargets

/// Some seconds of torture, and what came out.
struct Torture {
  /// Failures that are made smaller; there is no need of more to see that something is broken.
  private static let mostShrunk = 40
  /// Seconds that making one smaller may take.
  private static let shrinkSeconds = 60.0

  let seconds: Double
  let seed: UInt64
  private let begin = Clock.now()
  private var networks = 0
  private var plans = 0
  private var engines = 0
  private var skipped = 0
  private var elements: Set<String> = []
  private var notExported: [String: Int] = [:]
  private var failures = 0
  private var trials = 0
  private var saved: [String: Int] = [:]

  init(seconds: Double, seed: UInt64) {
    self.seconds = seconds
    self.seed = seed
  }

  private var left: Double { seconds - Double(Clock.now() - begin) * 1e-9 }

  /// Runs cases until the time is over; whether none failed.
  mutating func run() -> Bool {
    say("seed \(seed), \(Int(seconds)) s")
    if let engine = EngineOracle(folder: URL(filePath: ".build-torture/engine")) {
      say(
        "exports are run by \(engine.version ?? "nothing: NTPROF_ENGINE_PYTHON has no onnxruntime")"
      )
    } else {
      say("exports are not run: NTPROF_ENGINE_PYTHON names no Python with onnxruntime")
    }
    var next: UInt64 = 0
    while left > 0 {
      guard
        let (outcomes, end) = Reports.child(
          ["--worker", "\(next)", "\(OwnProcess.id)", "\(left)", "\(seed)"], seconds: left)
      else { return false }
      for outcome in outcomes { count(outcome) }
      next = end.reached
      if end.ending == .exited(0) { continue }
      next += 1
      if end.mark == 1 {
        // The command has another process try implementations, and does without those that crash.
        say("case \(end.reached) of seed \(seed): a trial of a search ended with \(end.ending)")
        trials += 1
        continue
      }
      let hangs = end.ending == .killed(Signals.alarm) || end.ending == .killed(Signals.kill)
      failed(
        TortureCase.drawn(end.reached, seed: seed), number: end.reached,
        TortureFailure(hangs ? .hang : .crash, "\(end.ending)"))
    }
    summarize()
    return failures == 0
  }

  private mutating func count(_ outcome: TortureOutcome) {
    networks += 1
    plans += outcome.plans
    engines += outcome.engines
    if outcome.plans > 0 { elements.formUnion(outcome.elements) } else { skipped += 1 }
    if let why = outcome.notExported { notExported[why, default: 0] += 1 }
    if let failure = outcome.failure, let failing = outcome.failing {
      failed(failing, number: outcome.number, failure)
    }
  }

  private func summarize() {
    let known = Set(NetworkGenerator.rules.keys)
    let inlays = elements.filter { $0.hasPrefix("inlay:") }.map { String($0.dropFirst(6)) }
    let covered = elements.filter { !$0.contains(":") }.union(inlays.isEmpty ? [] : ["inlay"])
    say(
      "\(networks) networks (\(skipped) of which overflow or do not go with a batch), "
        + "\(plans) plans, \(engines) exports run, \(Int(seconds - left)) s")
    say(
      "\(covered.count) of \(known.count) elements, inlays: \(inlays.sorted().joined(separator: " "))"
    )
    let missed = known.subtracting(covered).sorted()
    if !missed.isEmpty { say("not met: \(missed.joined(separator: " "))") }
    for (why, count) in notExported.sorted(by: { $0.key < $1.key }) {
      say("not exported \(count)x: \(why)")
    }
    if trials > 0 { say("\(trials) trials of searches crashed, which the command survives") }
    say("\(failures) failures, \(saved.count) distinct ones in .build-torture/failures")
    for (place, count) in saved.sorted(by: { $0.key < $1.key }) { say("  \(count)x \(place)") }
  }

  // MARK: What fails

  private mutating func failed(_ drawn: TortureCase, number: UInt64, _ failure: TortureFailure) {
    failures += 1
    say("case \(number) of seed \(seed): \(failure.kind.rawValue): \(failure.message)")
    guard saved.count < Self.mostShrunk else { return }
    let (smallest, last) = shrink(drawn, failure)
    let elements = Set(smallest.network.layers.flatMap(\.primitives).map(\.element)).sorted()
    let name = ([last.kind.rawValue] + elements).joined(separator: "-")
    saved[name, default: 0] += 1
    guard saved[name] == 1 else { return }
    save(smallest, last, name, number: number)
  }

  /// Makes a case smaller while it fails alike.
  private func shrink(
    _ drawn: TortureCase, _ failure: TortureFailure
  ) -> (TortureCase, TortureFailure) {
    let deadline = Clock.now() + UInt64(Self.shrinkSeconds * 1e9)
    var (smallest, last) = (drawn, failure)
    var harmless: Set<TortureCase> = []
    shrinking: while Clock.now() < deadline {
      var candidates = Shrinker.simpler(than: smallest).filter { !harmless.contains($0) }
      while !candidates.isEmpty {
        let some = Array(candidates.prefix(200))
        guard
          let (outcomes, end) = Reports.child(
            ["--candidates", "\(OwnProcess.id)"], candidates: some, seconds: Self.shrinkSeconds)
        else { break shrinking }
        let isSurvived = end.ending == .exited(0)
        if isSurvived {
          let found = outcomes.last
          if let failure = found?.failure, failure.kind == last.kind, let number = found?.number {
            (smallest, last) = (found?.failing ?? some[Int(number)], failure)
            continue shrinking
          }
        } else if [.crash, .hang].contains(last.kind), end.mark == 0 {
          (smallest, last.message) = (some[Int(end.reached)], "\(end.ending)")
          continue shrinking
        }
        // Up to the one that ended it nothing fails, or otherwise.
        let done = max(1, isSurvived ? outcomes.count : Int(end.reached) + 1)
        harmless.formUnion(candidates.prefix(done))
        candidates.removeFirst(min(done, candidates.count))
        if Clock.now() > deadline { break shrinking }
      }
      break
    }
    return (smallest, last)
  }

  private func save(
    _ drawn: TortureCase, _ failure: TortureFailure, _ name: String, number: UInt64
  ) {
    let folder = URL(filePath: ".build-torture/failures/\(name)")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try? encoder.encode(drawn).write(to: folder.appending(path: "case.json"))
    let settings = drawn.settings.map(\.description) + (drawn.asksEngine ? ["ONNX Runtime"] : [])
    let comment =
      ["\(failure.kind.rawValue): \(failure.message)"] + settings + [
        "again: ntprof-torture --check .build-torture/failures/\(name)/case.json",
        "as it was drawn: ntprof-torture --case \(number) \(seed)",
      ]
    let text = Self.text(of: drawn, comment: comment) ?? ""
    try? Data(text.utf8).write(to: folder.appending(path: "minimal.xml"))
    say(text)
  }

  /// A case's network as XML.
  static func text(of drawn: TortureCase, comment: [String] = []) -> String? {
    drawn.network.text(comment: comment)
  }
}
