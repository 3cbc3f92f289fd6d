import Machine
import Profiling

/// A pass that reads counters at its boundaries, and the clock around each read: what a step takes
/// between the reads is what was counted of it.
///
/// What is read stands in buffers that are made once, so that a pass allocates nothing.
final class CountedPass {
  /// The group's events, over all threads.
  let events: BoundaryReadings<Int64>
  /// The same by thread, a row of events for each.
  let threads: BoundaryReadings<Int64>
  /// Clock before the reads of a boundary, ns.
  let clock: BoundaryReadings<UInt64>
  /// Time of each read, ns.
  private(set) var readNs: [Double] = []
  /// Why a read failed.
  private(set) var failure: CounterError?
  /// Why caches could not be emptied.
  private(set) var flushFailure: ExecutionError?

  private let source: any CounterSource

  init(source: any CounterSource, events width: Int, steps: Int) {
    self.source = source
    events = BoundaryReadings(steps: steps, width: width, zero: 0)
    threads = BoundaryReadings(steps: steps, width: width * source.threadCount, zero: 0)
    clock = BoundaryReadings(steps: steps, width: 1, zero: 0)
    readNs.reserveCapacity(steps + 1)
  }

  /// What two visits of a boundary with nothing between them count, by event, and by thread and event:
  /// medians of many.
  func readCosts(_ count: Int) -> (events: [Double], threads: [Double]) {
    var ofEvents = [[Double]](repeating: [], count: events.width)
    var ofThreads = [[Double]](repeating: [], count: threads.width)
    for _ in 0..<count where failure == nil {
      visit(0, flush: nil)
      visit(1, flush: nil)
      guard failure == nil else { break }
      for column in ofEvents.indices {
        ofEvents[column].append(events.difference(step: 0, column: column))
      }
      for column in ofThreads.indices {
        ofThreads[column].append(threads.difference(step: 0, column: column))
      }
    }
    func medians(_ columns: [[Double]]) -> [Double] {
      columns.map { $0.isEmpty ? 0 : Percentiles.median(of: $0) }
    }
    return (medians(ofEvents), medians(ofThreads))
  }

  /// Begins a pass.
  func reset() { readNs.removeAll(keepingCapacity: true) }

  /// What is done at a boundary; `flush` empties caches, where that is wanted there.
  func visit(_ boundary: Int, flush: (() throws(ExecutionError) -> Void)?) {
    let begin = Clock.now()
    clock.reached[boundary] = begin
    read(\.reached, boundary)
    let end = Clock.now()
    readNs.append(Double(end - begin))
    guard let flush else {
      events.passThrough(boundary)
      threads.passThrough(boundary)
      clock.left[boundary] = end
      return
    }
    do throws(ExecutionError) { try flush() } catch { flushFailure = error }
    read(\.left, boundary)
    clock.left[boundary] = Clock.now()
  }

  private func read(
    _ side: KeyPath<BoundaryReadings<Int64>, UnsafeMutableBufferPointer<Int64>>, _ boundary: Int
  ) {
    do throws(CounterError) {
      try source.read(into: events.row(side, boundary))
      if threads.width > 0 { source.lastRead(byThread: threads.row(side, boundary)) }
    } catch { failure = error }
  }
}
