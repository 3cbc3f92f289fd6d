import Machine
import PAPI
import Profiling

/// Which of PAPI's events stand for the names that records use.
enum PAPIEvents {
  /// Candidates by record name, best first; any other name is PAPI's own.
  ///
  /// What a preset counts is the CPU's matter: `PAPI_L1_DCM` and `PAPI_L2_DCM` contain writes or
  /// prefetches on some, which is why ``PAPICounters/backing`` keeps the name that was used.
  /// Where PAPI's tables have no presets for a CPU, the names of the kernel's events follow. The
  /// kernel's `cache-misses` is no candidate on AMD, where it means the second level; AMD counts
  /// misses of the third outside the cores, not by process.
  ///
  /// Last come the catalogue's: libpfm's native name, and the raw number, which PAPI takes as
  /// `perf_raw::rHEX` where its tables are older than the CPU or wrong.
  static func candidates(
    for name: String, vendor: String, on cpu: Microarchitecture = .generic
  ) -> [String] {
    let own = cpu.event(name)
    let encoded = [own?.libpfm, own?.papiRawName].compactMap { $0 }
    let general: [String] =
      switch name {
      case CounterEvents.cycles: ["PAPI_TOT_CYC", "perf::CYCLES"]
      case CounterEvents.instructions: ["PAPI_TOT_INS", "perf::INSTRUCTIONS"]
      case CounterEvents.l1dMisses: ["PAPI_L1_DCM", "perf::L1-DCACHE-LOAD-MISSES"]
      case CounterEvents.l2Misses: ["PAPI_L2_DCM"]
      case CounterEvents.llcMisses:
        vendor == "AuthenticAMD"
          ? ["PAPI_L3_TCM", "perf::LLC-LOAD-MISSES"]
          : ["PAPI_L3_TCM", "perf::LLC-LOAD-MISSES", "perf::CACHE-MISSES"]
      default: own == nil ? [name] : []
      }
    return general + encoded
  }

  /// What can be counted, in groups, and what cannot.
  struct Plan {
    /// Names as asked for, in groups of what fits the counters.
    var groups: [[String]] = []
    /// PAPI's event behind each name.
    var backing: [String: String] = [:]
    /// Names left out.
    var skipped: [SkippedEvent] = []
  }

  /// Tries each event, and then which of them fit together.
  ///
  /// - Throws: `PAPIError` when not even an empty set can be made.
  static func plan(
    _ wanted: WantedEvents, library: Library, inherit: Bool, vendor: String,
    on cpu: Microarchitecture
  ) throws(PAPIError) -> Plan {
    var plan = Plan()
    var usable: [String] = []
    for name in wanted.selection.events {
      var refusals: [PAPIError] = []
      for candidate in candidates(for: name, vendor: vendor, on: cpu)
      where plan.backing[name] == nil {
        let set = try emptySet(library, inherit: inherit)
        do {
          try set.add(candidate)
          plan.backing[name] = candidate
        } catch { refusals.append(error) }
      }
      if plan.backing[name] != nil {
        usable.append(name)
      } else {
        plan.skipped.append(
          SkippedEvent(name: name, reason: reason(refusals)))
      }
    }
    let proposed = EventGroups(wanted.sets(of: usable), on: cpu, counters: cpu.freeCounters)
    plan.skipped += WantedEvents.unplaced(proposed.unplaced)
    let common = CommonEvent.crossCheck.filter(usable.contains)
    for group in proposed.groups {
      try add(group, common: common, to: &plan, library: library, inherit: inherit)
    }
    plan.skipped = wanted.absent + wanted.worthTelling(plan.skipped)
    return plan
  }

  /// Refusals in as few words as they allow: names that were refused alike stand together.
  static func reason(_ refusals: [PAPIError]) -> String {
    var names: [String: [String]] = [:]
    var order: [String] = []
    for refusal in refusals {
      let why = "\(refusal.reason) (\(refusal.code.rawValue))"
      if names[why] == nil { order.append(why) }
      names[why, default: []].append(refusal.subject ?? refusal.call)
    }
    return order.map { "PAPI: \(names[$0, default: []].joined(separator: ", ")): \($0)" }
      .joined(separator: "; ")
  }

  /// Adds a group as PAPI lets it be counted: whole, or in parts where it knows of fewer counters.
  private static func add(
    _ proposed: [String], common: [String], to plan: inout Plan, library: Library, inherit: Bool
  ) throws(PAPIError) {
    let capacity = max(library.hardwareCounters, common.count + 1)
    var group = common
    for name in proposed where !common.contains(name) {
      if group.count < capacity, try fit(group + [name], plan, library, inherit: inherit) {
        group.append(name)
        continue
      }
      if group.count > common.count { plan.groups.append(group) }
      group = common
      if try fit(common + [name], plan, library, inherit: inherit) {
        group.append(name)
      } else {
        plan.skipped.append(
          SkippedEvent(name: name, reason: "does not fit the counters beside \(common)"))
      }
    }
    if group.count > common.count || proposed == common { plan.groups.append(group) }
  }

  /// A set for the CPU's component that belongs to the calling thread.
  static func emptySet(_ library: Library, inherit: Bool) throws(PAPIError) -> EventSet {
    let set = try EventSet(library)
    if inherit { try set.setInherit() }
    return set
  }

  /// A set with the events of one group.
  static func set(
    _ group: [String], _ plan: Plan, _ library: Library, inherit: Bool
  ) throws(PAPIError) -> EventSet {
    let set = try emptySet(library, inherit: inherit)
    for name in group { try set.add(plan.backing[name] ?? name) }
    return set
  }

  private static func fit(
    _ group: [String], _ plan: Plan, _ library: Library, inherit: Bool
  ) throws(PAPIError) -> Bool {
    do {
      _ = try set(group, plan, library, inherit: inherit)
      return true
    } catch  where [.conflict, .tooManyEvents, .invalid, .noSuchEvent].contains(error.code) {
      return false
    }
  }
}
