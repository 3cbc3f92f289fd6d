/// Splits events into groups that a core can count at once, so that the kernel never has to share
/// counters by turns: layers last microseconds, its turns milliseconds.
public struct EventGroups: Hashable, Sendable {
  /// Events of a pass each, the cross-check first in each.
  public private(set) var groups: [[String]] = []
  /// Events that fit no group, not even one of their own.
  public private(set) var unplaced: [String] = []

  /// Splits sets of events: each begins a group of its own, and its events fill groups in order.
  ///
  /// Cycles and instructions, where they are among the events, stand in every group: their drift
  /// from group to group tells whether the passes did the same work. Equal sets give equal groups.
  ///
  /// - Parameters:
  ///   - sets: Events that belong together, by record name; see ``EventSelection``.
  ///   - cpu: The catalogue's entry: counters, and which events can be where. An event it does not
  ///     know can be anywhere.
  ///   - counters: General counters there are; the entry's number when nil, fewer where the kernel's
  ///     watchdog holds one.
  public init(_ sets: [[String]], on cpu: Microarchitecture, counters: Int? = nil) {
    let fit = CounterFit(cpu: cpu, counters: counters ?? cpu.generalCounters)
    let all = sets.flatMap { $0 }
    let common = CommonEvent.crossCheck.filter(all.contains)
    for set in sets {
      var group = common
      for event in set where !common.contains(event) {
        if fit.allows(group + [event]) {
          group.append(event)
        } else if fit.allows(common + [event]) {
          if group.count > common.count { groups.append(group) }
          group = common + [event]
        } else {
          unplaced.append(event)
        }
      }
      if group.count > common.count { groups.append(group) }
    }
    if groups.isEmpty, !common.isEmpty { groups = [common] }
  }
}

/// Whether events can be on a core's counters at once.
struct CounterFit {
  let cpu: Microarchitecture
  let counters: Int

  /// Searches a counter for each event, the most restricted first.
  ///
  /// Fixed counters are taken as free: where the watchdog holds the one for cycles, `counters` is one
  /// less, because cycles then need a general one.
  func allows(_ events: [String]) -> Bool {
    let choices = events.compactMap(places).sorted { $0.count < $1.count }
    return place(choices[...], taken: 0)
  }

  /// The sets of counters, as bits, that an event can take; nil when it needs none of these.
  private func places(of event: String) -> [UInt64]? {
    switch cpu.event(event)?.placement ?? .any {
    case .fixed: nil
    case .any: (0..<counters).map { 1 << UInt64($0) }
    case .only(let numbers): numbers.filter { $0 < counters }.map { 1 << UInt64($0) }
    case .pair:
      stride(from: 0, to: counters - 1, by: 2).map { 3 << UInt64($0) }
    }
  }

  private func place(_ choices: ArraySlice<[UInt64]>, taken: UInt64) -> Bool {
    guard let first = choices.first else { return true }
    return first.contains { bits in
      bits & taken == 0 && place(choices.dropFirst(), taken: taken | bits)
    }
  }
}
