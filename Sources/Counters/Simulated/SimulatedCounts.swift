package import Profiling

/// What the files of a simulation say together: counts of parts that are named by steps, and the steps.
package struct SimulatedCounts {
  /// What was simulated.
  let program: SimulatedProgram
  /// Counts by callgrind's event names, of each part of each run by its name.
  let parts: [SimulatedEvents.Level: [String: [String: Int]]]
  /// What is asked for.
  let events: [SimulatedEvents.Source]
  /// Whether plain names hold the counts with empty caches.
  let isCold: Bool

  init(
    program: SimulatedProgram, parts: [SimulatedEvents.Level: [String: [String: Int]]],
    events: [SimulatedEvents.Source], isCold: Bool
  ) {
    self.program = program
    self.parts = parts
    self.events = events
    self.isCold = isCold
  }

  /// All that the two files of one run say; nil where its program is not told.
  ///
  /// - Parameters:
  ///   - dump: What callgrind wrote.
  ///   - report: What the program that it ran wrote.
  package init?(dump: [UInt8], report: [UInt8]) {
    guard let program = SimulationReport(report).program else { return nil }
    let parts = Self.byName(CallgrindDump(dump))
    self.init(
      program: program, parts: [.last: parts, .second: parts], events: SimulatedEvents.all,
      isCold: false)
  }

  /// The complete parts of a dump by their names; of equal names the first.
  static func byName(_ dump: CallgrindDump) -> [String: [String: Int]] {
    Dictionary(dump.parts.map { ($0.name, $0.counts) }) { first, _ in first }
  }

  /// The events of every layer that was simulated to its end.
  package var all: [CounterRecord] {
    Set(program.steps.map(\.layer)).sorted().compactMap { counters(layer: $0, native: []) }
  }

  /// The events of one layer; nil when it was not simulated to its end.
  func counters(layer: Int, native: [SimulatedProgram.Step]) -> CounterRecord? {
    let steps = program.steps.indices.filter { program.steps[$0].layer == layer }
    var values: [String: CounterRecord.Event] = [:]
    for event in events {
      guard let counts = parts[event.level], !steps.isEmpty else { continue }
      func sum(_ name: (Int) -> String) -> Int? {
        var total = 0
        for step in steps {
          guard let value = counts[name(step)]?[event.column] else { return nil }
          let (sum, overflow) = total.addingReportingOverflow(value)
          if overflow { return nil }
          total = sum
        }
        return total
      }
      guard let warm = sum(PartName.warm), let cold = sum(PartName.cold) else { continue }
      // What a layer executes hardly depends on caches: the run without first-time work is taken.
      guard event.dependsOnCache else {
        values[event.name] = .init(value: Double(warm))
        continue
      }
      values[event.name] = .init(value: Double(isCold ? cold : warm))
      values[event.name + SimulatedEvents.otherSuffix(cold: isCold)] = .init(
        value: Double(isCold ? warm : cold))
    }
    guard !values.isEmpty else { return nil }
    let simulated = steps.map { program.steps[$0] }
    return CounterRecord(
      source: .simulated, implementationMatches: simulated == native,
      simulatedImplementations: simulated.map(\.implementation), events: values)
  }
}
