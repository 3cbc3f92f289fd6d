import ArgumentParser
import Machine
import Profiling
import Session
import Topology

/// What the settings of a race are predicted to take, by bricks of the store.
struct AdviseForecast {
  let objective: Advice.Objective
  private let bricks = BrickForecast()

  /// One pass, or one input of it, ns; nil where a brick is not known.
  func ns(of settings: AdviseSettings) -> Double? {
    guard bricks.hasBricks else { return nil }
    func value(_ name: String) -> String? { settings.values[name] ?? nil }
    let assignments = settings.values.compactMap { name, value in
      name.hasPrefix("set ")
        ? value.flatMap { Int($0) }.map { Assignment(name: String(name.dropFirst(4)), value: $0) }
        : nil
    }
    let names = ["tuning", "isa", "seed", "exact", "no-fusion"]
    let words = names.filter { settings.values.keys.contains($0) }
      .flatMap { AdviseSettings.words($0, value($0)) }
    guard let planning = try? PlanningOptions.parse(words),
      let network = try? LoadedTopology(
        settings.topology, batch: value("batch").flatMap { Int($0) }, assignments: assignments)
    else { return nil }
    let pass = bricks.ns(
      of: network,
      BrickSettings(
        threads: value("threads").flatMap { Int($0) } ?? Host.read().defaultThreads,
        pin: value("pin").flatMap { PinningDecision.Mode(rawValue: $0) } ?? .auto,
        precision: value("precision") ?? "f32", cache: value("cache") ?? "warm",
        planning: planning, seconds: 0, iterations: nil, warmup: nil))
    let batch = Double(network.graph.inputs.first?.type.batch ?? 1)
    return pass.map { objective == .throughput ? $0 / batch : $0 }
  }
}
