import Counters
import Profiling
import TestSupport
import Testing

@Suite struct ReplayTests {
  /// What the reads of one pass give, as differences from read to read.
  private func pass(_ source: ReplayCounters, reads: Int) throws -> [[Int64]] {
    let width = source.groups[0].count
    var rows: [[Int64]] = []
    for _ in 0..<reads {
      var room = [Int64](repeating: 0, count: width)
      try room.withUnsafeMutableBufferPointer { try source.read(into: $0) }
      rows.append(room)
    }
    return zip(rows.dropFirst(), rows).map { zip($0, $1).map { $0 - $1 } }
  }

  @Test func everyPassGivesTheRecordedValues() throws {
    let source = ReplayCounters(
      steps: [["cycles": 10, "instructions": 7], ["cycles": 20, "instructions": 9]])
    #expect(source.groups == [["cycles", "instructions"]])
    try source.start(group: 0)
    #expect(try pass(source, reads: 3) == [[10, 7], [20, 9]])
    #expect(try pass(source, reads: 3) == [[10, 7], [20, 9]])
    try source.stop()
  }

  @Test func stepsWithoutInstrumentsAreNotRead() throws {
    // Boundaries 0, 1, 3 and 4 are read; 2 lies between two steps without instruments.
    let source = ReplayCounters(steps: [["a": 1], nil, nil, ["a": 5]], name: .perf)
    #expect(source.name == .perf)
    try source.start(group: 0)
    #expect(try pass(source, reads: 4) == [[1], [0], [5]])
    #expect(try pass(source, reads: 4) == [[1], [0], [5]])
  }

  @Test func groupsCanBeThoseOfACPU() throws {
    let source = ReplayCounters(
      steps: [["cycles": 10, "ex_ret_ops": 30]],
      groups: EventGroups([["cycles", "ex_ret_ops"]], on: .zen4).groups)
    try source.start(group: 0)
    #expect(try pass(source, reads: 2) == [[10, 30]])
    #expect(throws: CounterError.self) { try source.start(group: 0) }
  }

  @Test func aRecordIsReplayedLayerByLayer() throws {
    let record = SampleRecords.withHardwareCounters()
    let source = try ReplayCounters(record: record)
    #expect(source.name == .papi)
    try source.start(group: 0)
    let steps = record.layers.reduce(0) { $0 + $1.primitives.count }
    let rows = try pass(source, reads: steps + 1)
    let column = try #require(source.groups[0].firstIndex(of: "llc_misses"))
    let total = rows.reduce(0) { $0 + $1[column] }
    let recorded = record.layers.compactMap { $0.counters?.events["llc_misses"]?.value }
    #expect(Double(total) == recorded.reduce(0, +))
  }

  @Test func aRecordWithoutEventsIsAnError() {
    let error = #expect(throws: CounterError.self) {
      try ReplayCounters(record: SampleRecords.deepspeechShown())
    }
    #expect(error?.reason.contains("no events") == true)
  }
}
