import XMLTree

/// References that only the end of the document can judge: to names that do not stand above.
struct PendingReferences {
  struct Pending {
    /// The layer that reads.
    let reader: String
    /// The name as written.
    let text: String
    /// The full names it may mean, in order of preference.
    let candidates: [String]
    /// The one that stood above, if one did: wrong if a better one stands below.
    let chosen: String?
    let position: XMLPosition
    let place: Place
  }

  private var pending: [Pending] = []
  private var edges: [String: [String]] = [:]

  mutating func add(_ reference: Pending) { pending.append(reference) }

  /// Notes what a layer reads.
  ///
  /// A cycle needs a reference downwards, so what was read before the
  /// first of those does not matter.
  mutating func note(reader: String, reads: [String]) {
    if !pending.isEmpty { edges[reader] = reads }
  }

  /// Reports every reference that turned out wrong.
  func report(names: NameTable, to evaluator: inout AttributeEvaluator) {
    var targets: [String: [String]] = edges
    var wrong: [(reference: Pending, target: String?)] = []
    for reference in pending {
      let target = reference.candidates.first { names.position(of: $0) != nil }
      if let target, target == reference.chosen { continue }
      if let target { targets[reference.reader, default: []].append(target) }
      wrong.append((reference, target))
    }
    for (reference, target) in wrong where !evaluator.log.isFull {
      if let target {
        let (message, hint) = explain(reference, target, names: names, edges: targets)
        evaluator.report(reference.position, message, hint: hint, at: reference.place)
      } else if !names.isIncomplete {
        let near = Spelling.suggestion(for: reference.text, among: names.sample)
        evaluator.report(
          reference.position, "no input or layer '\(reference.text)' stands above",
          hint: near.map { "did you mean '\($0)'?" }, at: reference.place)
      }
    }
  }

  private func explain(
    _ reference: Pending, _ target: String, names: NameTable, edges: [String: [String]]
  ) -> (message: String, hint: String?) {
    if target == reference.reader { return ("layer '\(target)' reads itself", nil) }
    let line = names.position(of: target).map { "line \($0.line)" } ?? "below"
    if let path = path(from: target, to: reference.reader, edges: edges) {
      let cycle = ([reference.reader] + path).joined(separator: " → ")
      return ("'\(reference.text)' stands below, at \(line), and closes a cycle: \(cycle)", nil)
    }
    return (
      "'\(reference.text)' stands below, at \(line)",
      "the order in the file is the order of execution: a layer reads what stands above it"
    )
  }

  /// The layers on a way along edges, both ends included; `nil` without one.
  private func path(
    from start: String, to goal: String, edges: [String: [String]]
  ) -> [String]? {
    var cameFrom: [String: String] = [start: start]
    var queue = [start]
    var next = 0
    while next < queue.count {
      let here = queue[next]
      next += 1
      if here == goal {
        var path = [goal]
        while let last = path.last, last != start, let before = cameFrom[last] {
          path.append(before)
        }
        return path.reversed()
      }
      for other in edges[here] ?? [] where cameFrom[other] == nil {
        cameFrom[other] = here
        queue.append(other)
      }
    }
    return nil
  }
}
