public import Profiling

/// Feeds the events of a recorded run back, as if they were counted again.
///
/// For tests, and to see what this version makes of counters of a machine one does not have: a
/// network with the record's layers is run again, and every boundary is answered with the
/// recorded values. Times are those of this machine; to judge a record with its own times, use
/// `Reclassification`.
public final class ReplayCounters: CounterSource {
  /// The recorded source.
  public let name: CounterSourceName
  /// The events, as they are fed back.
  public let groups: [[String]]
  /// Nothing is read from the kernel.
  public var readsBySystemCall: Bool { false }

  /// By how much each event rises before each read of a pass, the first of which stands before
  /// anything ran.
  private let rises: [[String: Int64]]
  private var totals: [String: Int64] = [:]
  private var next = 0
  private var started: Int?

  /// Replays values by step.
  ///
  /// - Parameters:
  ///   - steps: Events of each step of the network in order; nil for one without instruments, next
  ///     to which nothing is read unless its neighbour has some.
  ///   - groups: The groups to feed back; one of all events, by name, when nil.
  ///   - name: The source that counted them.
  public init(
    steps: [[String: Double]?], groups: [[String]]? = nil, name: CounterSourceName = .papi
  ) {
    self.name = name
    let all = Set(steps.compactMap { $0 }.flatMap(\.keys)).sorted()
    self.groups = groups ?? (all.isEmpty ? [] : [all])
    // The boundaries a pass reads at: those next to a step with instruments.
    rises = (0...steps.count).compactMap { boundary -> [String: Int64]? in
      let before = boundary > 0 ? steps[boundary - 1] : nil
      let after = boundary < steps.count ? steps[boundary] : nil
      guard before != nil || after != nil else { return nil }
      return (before ?? [:]).mapValues { Int64($0.rounded()) }
    }
  }

  /// Replays the layers of a record.
  ///
  /// A layer's events are fed to its last primitive, so that they come out right for the layer.
  ///
  /// - Parameters:
  ///   - record: A record with hardware or simulated counters.
  ///   - groups: The groups to feed back; one of all events, by name, when nil.
  /// - Throws: `CounterError` when no layer of the record has events.
  public convenience init(record: RunRecord, groups: [[String]]? = nil) throws(CounterError) {
    guard let source = record.layers.compactMap(\.counters).first?.source else {
      throw CounterError(
        source: .none, reason: "the record holds no events to replay",
        remedy: "replay a record of a run with counters")
    }
    var steps: [[String: Double]?] = []
    for layer in record.layers where layer.fusedInto == nil {
      let count = layer.primitives.count
      guard let counters = layer.counters else {
        steps += Array(repeating: nil, count: count)
        continue
      }
      steps += Array(repeating: [:], count: max(0, count - 1))
      if count > 0 { steps.append(counters.events.mapValues(\.value)) }
    }
    self.init(steps: steps, groups: groups, name: source)
  }

  /// Begins a group at the start of a pass.
  public func start(group: Int) throws(CounterError) {
    guard groups.indices.contains(group), started == nil else {
      throw CounterError(
        source: name, reason: "group \(group) cannot start", remedy: "stop the other group first")
    }
    started = group
    next = 0
  }

  /// Adds what was recorded up to the next boundary of the pass; after the last comes the first.
  public func read(into values: UnsafeMutableBufferPointer<Int64>) throws(CounterError) {
    guard let started, values.count >= groups[started].count, !rises.isEmpty else {
      throw CounterError(
        source: name, reason: "nothing to read, or too little room",
        remedy: "start a group and give room for all of its events")
    }
    for (event, rise) in rises[next] { totals[event, default: 0] += rise }
    next = (next + 1) % rises.count
    for (index, event) in groups[started].enumerated() { values[index] = totals[event] ?? 0 }
  }

  /// Ends the group.
  public func stop() throws(CounterError) { started = nil }
}
