package import Profiling

/// What a comparison is asked: whether a candidate is slower by more than that.
package struct DiffGate {
  /// Percent; nil where nothing is asked.
  package let percent: Double?
  /// Of which layers and segments, in the user's words; nil for end to end.
  package let layers: String?

  /// Asks something.
  package init(percent: Double?, layers: String?) {
    self.percent = percent
    self.layers = layers
  }

  /// Refuses names that neither side has.
  private func checkLayers(of diff: Diff) throws(Failure) {
    if let unknown = diff.unknown(GateSubject.list(layers ?? "")).first {
      throw Failure(
        .usage, "--gate-layers: neither side has \(unknown.words)",
        remedy: "name a layer of the table, or @SEGMENT")
    }
  }

  /// Asks it of every candidate.
  package func ask(_ comparison: inout Comparison) throws(Failure) {
    guard let percent else { return }
    let subjects = GateSubject.list(layers ?? "")
    for index in comparison.diffs.indices {
      try checkLayers(of: comparison.diffs[index])
      comparison.diffs[index].ask(gate: percent, of: subjects, text: layers)
    }
  }

  /// Asks it of records of several machines, which cannot answer it.
  package func ask(_ hardware: inout HardwareComparison, of records: [RunRecord]) throws(Failure) {
    guard let percent else { return }
    // A name that is none costs the gate, and not what was measured.
    defer { hardware.ask(gate: percent, text: layers) }
    for diff in Comparison(baseline: records[0], candidates: Array(records.dropFirst())).diffs {
      try checkLayers(of: diff)
    }
  }
}

extension Ending {
  /// Ends with the status that a comparison asks for.
  package static func settle(_ comparison: Comparison, strict: Bool) throws(Failure) {
    // A saved record that was interrupted when it was made is a reason of `comparable`, no more.
    if Interrupt.isRequested {
      throw Failure(.interrupted, "interrupted; what was measured until then is compared")
    }
    if let gate = comparison.gate {
      let index = comparison.diffs.firstIndex { $0.gate == gate } ?? 0
      let name = comparison.diffs.count > 1 ? "\(comparison.label(of: index)): " : ""
      switch gate.result {
      case .within: break
      case .beyond: throw Failure(.regression, "gate: \(name)\(gate.reason)")
      case .cannotTell:
        throw Failure(
          .cannotTell, "gate: cannot tell: \(name)\(gate.reason)",
          remedy: "measure both sides alike, in more processes (--processes)")
      }
    }
    let reasons = comparison.diffs.filter { $0.comparable.verdict != .comparable }
      .flatMap(\.comparable.reasons)
    if strict, !reasons.isEmpty {
      throw Failure(.doubtful, "--strict: not comparable: \(reasons.joined(separator: "; "))")
    }
  }

  /// Ends with the status that a comparison of machines asks for; under `strict` they must have been named as such.
  package static func settle(_ hardware: HardwareComparison?, strict: Bool) throws(Failure) {
    if Interrupt.isRequested {
      throw Failure(.interrupted, "interrupted; what was measured until then is compared")
    }
    if let gate = hardware?.gate {
      throw Failure(
        .cannotTell, "gate: cannot tell: \(gate.reason)",
        remedy: "measure both sides on one machine")
    }
    if strict {
      throw Failure(
        .doubtful, "--strict: the records are of several machines",
        remedy: "--across-machines says that this is what is to be compared")
    }
  }
}
