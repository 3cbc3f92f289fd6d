import Profiling

/// What callgrind's combined dump says: one part for each request to dump.
///
/// A part ends with its `totals:` line; one that lacks it was cut short. The counts are those of
/// `summary:`, with columns at the end left out where they are zero. The part that the program's
/// end adds holds wrapped numbers and is skipped.
struct CallgrindDump: Hashable, Sendable {
  /// One complete part.
  struct Part: Hashable, Sendable {
    /// The name given with the request.
    var name: String
    /// Counts by callgrind's event names.
    var counts: [String: Int]
  }

  /// The complete parts, in order.
  private(set) var parts: [Part] = []
  /// The program that wrote it, such as `callgrind-3.19.0`.
  private(set) var creator: String?
  /// What is wrong with the rest, if anything.
  private(set) var problem: String?

  private static let initials = Set("cdepst".utf8)
  private static let request = "desc: Trigger: Client Request: "
  private static let termination = "desc: Trigger: Program termination"

  /// Reads a dump as far as it is valid.
  init(_ bytes: some Sequence<UInt8>) {
    var draft: Draft?
    let lines = Array(bytes).split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      // Most lines are about functions and begin with other letters or numbers.
      guard let initial = line.first, Self.initials.contains(initial) else { continue }
      let line = String(decoding: line, as: UTF8.self)
      if line.hasPrefix("creator: ") { creator = String(line.dropFirst(9)) }
      if line.hasPrefix("part: ") {
        if draft?.isCutShort == true { break }
        draft = Draft()
        continue
      }
      guard draft != nil, let reason = draft?.read(line) else { continue }
      switch reason {
      case .complete(let part):
        parts.append(part)
        draft = nil
      case .skipped: draft = nil
      case .invalid(let words):
        problem = "line \(index + 1) \(words)"
        return
      }
    }
    if draft?.isCutShort == true {
      problem = "it ends inside a part, after \(parts.count) complete ones"
    } else if creator == nil {
      problem =
        lines.allSatisfy(\.isEmpty) ? "it is empty" : "it does not begin as callgrind's dumps do"
    }
  }

  /// A part being read.
  private struct Draft {
    enum Outcome {
      case complete(Part)
      case skipped
      case invalid(String)
    }

    private var name: String?
    private var isTermination = false
    private var columns: [String]?
    private var counts: [String: Int]?

    /// Whether the end of the file here is a loss; the program's own end is none.
    var isCutShort: Bool { !isTermination }

    mutating func read(_ line: String) -> Outcome? {
      if line.hasPrefix(CallgrindDump.request) {
        name = String(line.dropFirst(CallgrindDump.request.count))
      } else if line.hasPrefix(CallgrindDump.termination) {
        isTermination = true
      } else if line.hasPrefix("events: ") {
        columns = line.dropFirst(8).split(separator: " ").map(String.init)
      } else if line.hasPrefix("summary:"), !isTermination {
        return readSummary(line.dropFirst(8).split(separator: " "))
      } else if line.hasPrefix("totals:") {
        if isTermination { return .skipped }
        guard let counts else { return .invalid("ends a part without a summary") }
        guard let name else { return .skipped }
        return .complete(Part(name: name, counts: counts))
      }
      return nil
    }

    private mutating func readSummary(_ fields: [Substring]) -> Outcome? {
      guard let columns else { return .invalid("has a summary before the events are named") }
      guard fields.count <= columns.count else { return .invalid("has more values than events") }
      var found: [String: Int] = [:]
      for column in columns { found[column] = 0 }
      for (column, field) in zip(columns, fields) {
        // Wrapped counts of several threads do not fit, which is as well.
        guard let value = Int(field), 0...Int(NumberRange.largestWhole) ~= value else {
          return .invalid("has '\(field)' where a count belongs")
        }
        found[column] = value
      }
      counts = found
      return nil
    }
  }
}
