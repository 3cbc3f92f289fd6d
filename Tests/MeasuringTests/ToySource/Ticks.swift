import Counters
import Profiling

/// Counts how often it is read: a source that is this file.
final class Ticks: CounterSource {
  let name = CounterSourceName(rawValue: "ticks")
  let groups = [["ticks"]]
  let readsBySystemCall = false
  private var ticks: Int64 = 0

  func start(group: Int) { ticks = 0 }

  func read(into values: UnsafeMutableBufferPointer<Int64>) {
    ticks += 1
    values[0] = ticks
  }

  func stop() {}

  static let entry = CounterSources.Entry(
    name: CounterSourceName(rawValue: "ticks"), automatic: false
  ) { (_, events) throws(CounterError) in
    let known = events.filter { $0 != "ticks" }
    return (Ticks(), known.map { SkippedEvent(name: $0, reason: "only ticks are counted") })
  }
}
