package import Counters

/// The line that says how far a simulation is and how long it may still take.
///
/// A layer takes seconds to minutes, so that the time since the last one counts, too: the line moves
/// although no layer has ended.
package struct SimulationProgress {
  /// Native time of each simulated layer, by index.
  private let layerSeconds: [Int: Double]
  /// The layers in the order in which a run counts them: every one in either state of the caches.
  private let order: [Int]
  /// Seconds that all may take, until the first layers say better.
  private let guess: Double

  private var runs = 1
  private var finished: [[Int]] = []
  /// Seconds since the first child was started.
  private var elapsed = 0.0
  /// Those of them after which the last layer ended.
  private var lastEnd = 0.0
  private var lastCount = 0

  /// How much slower than natively on one thread a layer is simulated: between 100 (plain copies)
  /// and 3000 (convolutions), and AVX-512 natively is AVX2 here.
  private static let slowdown = 1500.0

  package init(layerSeconds: [Int: Double], threads: Int, concurrently: Int) {
    self.layerSeconds = layerSeconds
    let layers = layerSeconds.keys.sorted()
    order = layers + layers
    let native = layerSeconds.values.reduce(0, +)
    guess = max(1, native * 2 * Self.slowdown * Double(threads) / Double(concurrently))
  }

  /// Takes how far the children are.
  package mutating func update(_ progress: Simulation.Progress, elapsed: Double) {
    runs = max(progress.runs, 1)
    finished = zip(progress.begun, progress.finished).map { $0 + $1 }
    self.elapsed = elapsed
    let count = finished.reduce(0) { $0 + $1.count }
    if count > lastCount { (lastCount, lastEnd) = (count, elapsed) }
  }

  /// The line.
  package var text: String {
    let counts = finished.filter { !$0.isEmpty }.map { String($0.count / 2) }
    let layers =
      counts.isEmpty
      ? "one pass before the first layer"
      : "\(counts.joined(separator: " and ")) of \(layerSeconds.count) layers"
    let passes = runs == 1 ? "" : " in \(runs) runs"
    return "simulating caches\(passes): \(bar) \(Int(share * 100)) %, \(layers), "
      + "\(Self.duration(elapsed)) so far, about \(Self.duration(left)) left"
  }

  private var whole: Double { 2 * layerSeconds.values.reduce(0, +) * Double(runs) }

  /// The part that is done, by the native time of the layers that ended.
  private var done: Double {
    guard whole > 0 else { return 0 }
    return min(finished.joined().reduce(0) { $0 + (layerSeconds[$1] ?? 0) } / whole, 1)
  }

  /// Seconds that all may take.
  private var total: Double { done > 0.02 ? lastEnd / done : max(guess, elapsed) }

  /// The part that is done with the layers under way, as far as the time since the last end says;
  /// never more than nine tenths of those.
  private var share: Double {
    let active = finished.isEmpty ? [[]] : finished
    let next = active.compactMap { run in
      order.indices.contains(run.count) ? layerSeconds[order[run.count]] : nil
    }
    guard whole > 0, total > 0 else { return 0 }
    let underway = next.reduce(0, +) / whole
    return min(done + min((elapsed - lastEnd) / total, 0.9 * underway), 1)
  }

  private var left: Double { max(1, total * (1 - share)) }

  private var bar: String {
    let width = 20
    let full = Int(share * Double(width))
    return String(repeating: "█", count: full) + String(repeating: "·", count: width - full)
  }

  /// Seconds in the words of a progress line.
  package static func duration(_ seconds: Double) -> String {
    let whole = Int(min(seconds.rounded(.up), 1e9))
    if whole < 100 { return "\(whole) s" }
    if whole < 5400 { return "\((whole + 30) / 60) min" }
    return "\((whole + 1800) / 3600) h"
  }
}
