import Counters
import Glibc
import Machine
import PAPI
import Profiling

/// Counts what a known piece of work does, in one of several ways, and prints the counts.
///
/// `counter-probe WAY THREADS PAGES`: every thread of a team touches that many fresh pages, and each
/// event of the first group is printed as `name=value`. The ways are those of PAPI's source
/// (`inherit`, `per-thread`, `calling-thread`), `perf`, `software`, and what `--counters auto`
/// chooses (`auto`), each also with `-late` for a source that is made when the team exists
/// already; and `late-inherit`, the mistake that `inherit-late` refuses to make. `perf-events:LIST`
/// counts events of that list through `perf`, of all groups.
///
/// `counter-probe encode NAME…` prints libpfm's codes of event names instead.
///
/// A process of its own, because the tests need one that has no second thread when it starts.
@main
enum CounterProbe {
  static func main() {
    let arguments = CommandLine.arguments
    if arguments.count > 2, arguments[1] == "encode" {
      guard Encoder.print(Array(arguments.dropFirst(2))) else {
        fail("no libpfm.so.4 here", status: 69)
      }
      return
    }
    guard arguments.count == 4, let threads = Int(arguments[2]), let pages = Int(arguments[3])
    else { fail("usage: counter-probe WAY THREADS PAGES", status: 64) }
    do {
      if arguments[1] == "late-inherit" {
        try lateInherit(threads: threads, pages: pages)
      } else if let list = list(arguments[1]) {
        let source = try PerfCounters(threads: threads, events: list)
        for skipped in source.skipped { print("skipped-\(skipped.name)=\(skipped.reason)") }
        for group in source.groups.indices {
          try count(source, group: group, threads: threads, pages: pages)
        }
      } else {
        try count(source(arguments[1], threads: threads), threads: threads, pages: pages)
      }
    } catch let error as CounterError {
      fail("\(error)", status: 69)
    } catch { fail("\(error)", status: 70) }
  }

  private static func list(_ way: String) -> [String]? {
    let prefix = "perf-events:"
    guard way.hasPrefix(prefix) else { return nil }
    return way.dropFirst(prefix.count).split(separator: ",").map(String.init)
  }

  /// A source, made before there is a team unless the way ends in `-late`.
  private static func source(_ way: String, threads: Int) throws -> any CounterSource {
    var way = way
    if way.hasSuffix("-late") {
      way.removeLast("-late".count)
      try touch(pages: 1, threads: threads)
    }
    switch way {
    case "auto":
      guard let source = try CounterSources.select("auto", threads: threads).source else {
        fail("nothing counts here", status: 69)
      }
      return source
    case "perf": return try PerfCounters(threads: threads)
    case "software": return try SoftwareCounters(threads: threads)
    default:
      guard let method = PAPICounters.Method(rawValue: way) else {
        fail("unknown way '\(way)'", status: 64)
      }
      return try PAPICounters(threads: threads, method: method)
    }
  }

  /// Counts the work with a source and prints, for each event, the smallest of some rounds.
  ///
  /// Beside the pages it is told to touch, a process faults now and then on its own account (its
  /// stack, its heap, code that runs for the first time). Such faults only ever add, so the
  /// smallest of some rounds is the work itself, exactly.
  private static func count(
    _ source: any CounterSource, group index: Int = 0, threads: Int, pages: Int
  ) throws {
    let group = source.groups[index]
    // What each thread touches is counted by the double's instructions and by page faults.
    let counted = group.firstIndex { ["page-faults", "instructions"].contains($0) } ?? 0
    let papi = source as? PAPICounters
    let rows = source.threadCount
    let byThreadBefore = UnsafeMutableBufferPointer<Int64>.allocate(capacity: rows * group.count)
    let byThreadAfter = UnsafeMutableBufferPointer<Int64>.allocate(capacity: rows * group.count)
    byThreadBefore.initialize(repeating: 0)
    byThreadAfter.initialize(repeating: 0)
    let before = UnsafeMutableBufferPointer<Int64>.allocate(capacity: group.count)
    let after = UnsafeMutableBufferPointer<Int64>.allocate(capacity: group.count)
    before.initialize(repeating: 0)
    after.initialize(repeating: 0)
    var least = [Int64](repeating: .max, count: group.count)
    var leastByThread = [Int64](repeating: .max, count: threads)
    try source.start(group: index)
    for _ in 0..<5 {
      try source.read(into: before)
      source.lastRead(byThread: byThreadBefore)
      try touch(pages: pages, threads: threads)
      try source.read(into: after)
      source.lastRead(byThread: byThreadAfter)
      for event in group.indices { least[event] = min(least[event], after[event] - before[event]) }
      for thread in 0..<rows {
        let place = thread * group.count + counted
        leastByThread[thread] = min(
          leastByThread[thread], byThreadAfter[place] - byThreadBefore[place])
      }
    }
    if let papi { print("method=\(papi.method.rawValue)") }
    for thread in 0..<rows { print("thread\(thread)=\(leastByThread[thread])") }
    try source.stop()
    print("source=\(source.name.rawValue)")
    print("groups=\(source.groups.map { $0.joined(separator: "+") }.joined(separator: ","))")
    for (event, value) in zip(group, least) { print("\(event)=\(value)") }
  }

  /// The mistake: an inherited set that is opened when the team exists already.
  private static func lateInherit(threads: Int, pages: Int) throws {
    try touch(pages: 1, threads: threads)
    let set = try EventSet(try Library.open())
    try set.setInherit()
    try set.add("PAPI_TOT_INS")
    try set.start()
    var least = Int64.max
    var last: Int64 = 0
    for _ in 0..<5 {
      var room: [Int64] = [0]
      try touch(pages: pages, threads: threads)
      try room.withUnsafeMutableBufferPointer { try set.read(into: $0) }
      least = min(least, room[0] - last)
      last = room[0]
    }
    try set.stop()
    print("instructions=\(least)")
  }

  /// Every thread maps fresh memory, touches each of its pages once and gives it back.
  private static func touch(pages: Int, threads: Int) throws {
    try ThreadTeam.run(threads) { _ in
      let bytes = pages * 4096
      guard
        let memory = mmap(
          nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
        memory != MAP_FAILED
      else { fail("mmap failed", status: 70) }
      // One fault a page, not one for 512 pages.
      madvise(memory, bytes, MADV_NOHUGEPAGE)
      var page = 0
      while page < bytes {
        memory.storeBytes(of: 1, toByteOffset: page, as: UInt8.self)
        page += 4096
      }
      munmap(memory, bytes)
    }
  }

  private static func fail(_ message: String, status: Int32) -> Never {
    let text = message + "\n"
    _ = text.withCString { write(2, $0, strlen($0)) }
    exit(status)
  }
}
