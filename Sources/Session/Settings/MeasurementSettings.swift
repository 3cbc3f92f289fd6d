import Counters
public import Engines
package import Execution
public import Machine
package import Measuring
import Profiling
package import Topology

/// How a run is measured.
@dynamicMemberLookup
public struct MeasurementSettings: Codable, Hashable, Sendable {
  /// Layers to instrument: `all`, `marked`, names, `FIRST..LAST` or `@SEGMENT`, joined by commas; nil for the marked ones
  /// where there are some, else all.
  public var layers: String?
  /// OpenMP threads; nil for one on each physical core.
  public var threads: Int?
  /// Whether threads are bound to CPUs.
  public var pin = PinningDecision.Mode.auto
  /// Numbers to compute with: `f32`, `bf16` or `int8`; nil for what the network says, else f32.
  public var askedPrecision: String?
  /// Measured passes, exactly.
  public var iterations: Int?
  /// Seconds of measuring.
  public var time: Double?
  /// Percent; it is measured until the 95 % interval of the median is that narrow.
  public var until: Double?
  /// Passes before those that are measured.
  public var warmup: Int?
  /// State of the caches before each layer: `warm` or `cold`; `cold-weights`, where weights alone are in no cache when a
  /// pass begins, as in a network whose weights do not fit.
  public var cache = "warm"
  /// The counter source; nil for what the network's markers ask for, else `auto`.
  public var counters: String?
  /// Events to count, joined by commas; nil for what the markers ask for, else the standard ones.
  public var events: String?
  /// How the network is planned.
  public var planning = PlanningSettings()
  /// What runs the network.
  public var engine = EngineName.onednn
  /// The Python that has the engine's package; nil for the first that has it.
  public var enginePython: String?
  /// Whether a doubtful result ends with an error.
  public var strict = false
  /// Whether the machine's roofs are known to the run, and measured beside its samples.
  ///
  /// Without them it begins some tenths of a second earlier, and no layer has a bound: enough where only times are read.
  public var measuresRoofs = true

  /// The ``cache`` of passes that find their weights in no cache, and all else where the last pass left it.
  package static let coldWeights = "cold-weights"

  /// What is usual.
  public init() {}

  /// What says how the network is planned, as if it stood here.
  public subscript<Value>(dynamicMember path: KeyPath<PlanningSettings, Value>) -> Value {
    planning[keyPath: path]
  }

  /// How implementations are chosen.
  package var tuning: String {
    planning.tuning(isFast: counters == "simulated" || engine != .onednn)
  }

  /// When there are enough samples.
  package var rule: SamplingRule {
    let goal: SamplingRule.Goal =
      if let iterations {
        .iterations(iterations)
      } else if let time {
        .seconds(time)
      } else if let until {
        .percent(until)
      } else {
        .standard
      }
    return SamplingRule(goal: goal, warmup: warmup)
  }

  /// The precision that was asked for, or f32.
  package var precision: String { askedPrecision ?? "f32" }

  /// These settings with what a network says itself where they say nothing.
  ///
  /// One that quantises runs in int8, but for simulated counters, which know f32 only.
  package func settled(for graph: Graph) -> MeasurementSettings {
    var settings = self
    if counters != "simulated" {
      settings.askedPrecision = PrecisionChoice.settled(askedPrecision, for: graph)
    }
    return settings
  }

  /// How a plan of these settings is made for a team.
  package func planOptions(threads: Int) -> PlanOptions {
    PlanOptions(
      threads: threads, fusion: !planning.noFusion, precision: PrecisionChoice.parse(precision),
      seed: planning.seed, tuning: .init(rawValue: tuning) ?? .fast, budget: planning.tuningBudget,
      isExact: planning.exact, findsWeightsCold: cache == Self.coldWeights)
  }

  /// The same settings for another engine, without what is about oneDNN's side alone.
  package func with(_ engine: EngineName) -> MeasurementSettings {
    var settings = self
    settings.engine = engine
    guard engine != .onednn else { return settings }
    settings.counters = "none"
    settings.events = nil
    settings.planning.askedTuning = nil
    return settings
  }

  /// These settings for a process that measures alike.
  ///
  /// - Parameters:
  ///   - counting: Whether it counts events.
  ///   - timing: Whether it measures for as long as these settings say.
  /// - Returns: Settings that say how implementations are chosen, whatever else they leave out.
  package func child(counting: Bool = true, timing: Bool = true) -> MeasurementSettings {
    var settings = self
    settings.planning.askedTuning = tuning
    if !counting { (settings.counters, settings.events) = ("none", nil) }
    if !timing { settings.time = nil }
    return settings
  }
}

extension MeasurementSettings {
  /// The counter source that was asked for, else what the markers of the network ask for, else `auto`.
  package func counterChoice(for graphs: [Graph]) throws(Failure) -> String {
    if let counters { return counters }
    let segments = graphs.flatMap(\.segments).filter { $0.counters != nil }
    guard let first = segments.first, let choice = first.counters else { return "auto" }
    guard CounterSources.choices.contains(choice) else {
      throw Failure(
        .data, "marker '\(first.name)': counters '\(choice)' is no counter source",
        remedy: "choose from \(CounterSources.choices.joined(separator: ", "))")
    }
    if let other = segments.first(where: { $0.counters != choice }) {
      throw Failure(
        .usage,
        "markers '\(first.name)' and '\(other.name)' ask for different counter sources",
        remedy: "a run has one source: choose it with --counters")
    }
    return choice
  }

  /// The events that were asked for, else those the markers of the network ask for.
  package func eventList(for graphs: [Graph]) -> [String] {
    if let events { return events.split(separator: ",").map(String.init) }
    var list: [String] = []
    for event in graphs.flatMap(\.segments).flatMap(\.events) where !list.contains(event) {
      list.append(event)
    }
    return list
  }
}
