/// What the passes of a sampler that counted events gave, row by row.
public struct CountedSamples: Sendable {
  /// A group of events and the passes that counted it.
  public struct Group: Hashable, Sendable {
    /// The events.
    public let events: [String]
    /// The passes kept.
    public var passes: Int
  }

  /// Whole passes, the reads included, ns.
  public internal(set) var passes: [Double] = []
  /// Whole timed passes taken in turn with those that counted, ns.
  public private(set) var referencePasses: [Double] = []
  /// Their step times, ns; rows like those of ``events``.
  public private(set) var referenceSteps: [Double] = []
  /// Events by name: one row of step values a pass, NaN where not instrumented.
  public private(set) var events: [String: [Double]] = [:]
  /// The same for each thread; none where the source knows their sum only.
  public private(set) var threads: [[String: [Double]]] = []
  /// Step times, without the reads around each step, ns; rows like those of ``events``.
  public private(set) var steps: [Double] = []
  /// Times of single reads, ns.
  public private(set) var readNs: [Double] = []
  /// The groups that were counted, in order, with the passes kept of each: rows of an event of
  /// several groups stand one group after the other in ``events``.
  public private(set) var groups: [Group] = []

  /// Begins a group of events.
  mutating func begin(group names: [String]) { groups.append(Group(events: names, passes: 0)) }

  /// Keeps a timed pass that was taken in turn with those that count.
  mutating func keep(reference pass: (total: Double, steps: [Double])) {
    referencePasses.append(pass.total)
    referenceSteps += pass.steps
  }

  /// Keeps a pass of the group that was begun last.
  ///
  /// `reads` is what a read counts by itself, which is taken off every step.
  mutating func keep(
    _ names: [String], _ pass: CountedPass, instrumented: [Bool],
    reads: (events: [Double], threads: [Double])? = nil
  ) {
    groups[groups.count - 1].passes += 1
    readNs += pass.readNs
    let rows = names.isEmpty ? 0 : pass.threads.width / names.count
    if threads.count < rows { threads += Array(repeating: [:], count: rows - threads.count) }
    for (step, isInstrumented) in instrumented.enumerated() {
      steps.append(isInstrumented ? pass.clock.difference(step: step, column: 0) : .nan)
    }
    for (column, name) in names.enumerated() {
      for (step, isInstrumented) in instrumented.enumerated() {
        let value = max(
          0, pass.events.difference(step: step, column: column) - (reads?.events[column] ?? 0))
        events[name, default: []].append(isInstrumented ? value : .nan)
        for thread in 0..<rows {
          let place = thread * names.count + column
          let value = max(
            0, pass.threads.difference(step: step, column: place) - (reads?.threads[place] ?? 0))
          threads[thread][name, default: []].append(isInstrumented ? value : .nan)
        }
      }
    }
  }
}
