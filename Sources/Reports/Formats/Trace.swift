import Profiling

/// The trace-event JSON that Perfetto and Chrome's about:tracing open.
///
/// Complete (`X`) slices network > segment > layer > primitive of one pass, counter (`C`) tracks,
/// names by metadata (`M`) events. Times are microseconds with three decimals: whole nanoseconds.
public struct TraceFormat: ReportFormat {
  /// `trace`.
  public let name = "trace"
  /// A file.
  public let isText = false
  /// `trace.json`.
  public let fileExtension = "trace.json"

  /// Passes of one run or two.
  public let showsOverviews = false

  /// Makes the format.
  public init() {}

  /// The representative pass of a run; both sides of a comparison, a process each.
  public func render(_ document: some ReportDocument, options: ReportOptions) -> [UInt8] {
    switch document.content {
    case .record(let record): run(record)
    case .diff(let diff): sides(diff)
    case .overview: []
    }
  }

  private func run(_ record: RunRecord) -> [UInt8] {
    document([Timeline(record)])
  }

  private func sides(_ diff: Diff) -> [UInt8] {
    document(Timeline.sides(of: diff))
  }

  private func document(_ timelines: [Timeline]) -> [UInt8] {
    var document = JSONFields()
    document.add(
      "traceEvents",
      .array(timelines.enumerated().flatMap { Self.events($0.element, process: $0.offset + 1) }))
    document.add("displayTimeUnit", "ns")
    if timelines.count == 1, let only = timelines.first {
      document.add("otherData", only.facts)
    } else {
      var sides = JSONFields()
      for (place, timeline) in timelines.enumerated() {
        sides.add("process_\(place + 1)", timeline.facts)
      }
      document.add("otherData", sides)
    }
    return JSONWriter.compact(document.object) + [UInt8(ascii: "\n")]
  }

  /// Parents stand before their children, which viewers need where both begin at once.
  private static func events(_ timeline: Timeline, process: Int) -> [JSONValue] {
    var events = [
      metadata("process_name", "name", .string(DisplayText.clean(timeline.name)), process),
      metadata("process_sort_index", "sort_index", .number(String(process)), process),
    ]
    let tracks = [timeline.root.map { [$0] } ?? []] + timeline.sideTracks
    for (place, slices) in tracks.enumerated() {
      let title = place == 0 ? "layers" : "segments \(place + 1)"
      events.append(metadata("thread_name", "name", .string(title), process, thread: place + 1))
      events.append(
        metadata(
          "thread_sort_index", "sort_index", .number(String(place)), process, thread: place + 1))
      for slice in slices { append(slice, to: &events, process: process, thread: place + 1) }
    }
    for track in timeline.counters {
      for point in track.points {
        var event = JSONFields()
        event.add("ph", "C")
        event.add("name", track.name)
        event.add("pid", process)
        event.add("ts", microseconds(point.time))
        var value = JSONFields()
        value.add("value", point.value)
        event.add("args", value)
        events.append(event.object)
      }
    }
    return events
  }

  private static func append(
    _ slice: Timeline.Slice, to events: inout [JSONValue], process: Int, thread: Int
  ) {
    var event = JSONFields()
    event.add("ph", "X")
    event.add("name", slice.name)
    event.add("cat", slice.level == .rest ? "unattributed" : slice.level.rawValue)
    event.add("pid", process)
    event.add("tid", thread)
    event.add("ts", microseconds(slice.start))
    event.add("dur", microseconds(slice.end - slice.start))
    event.add("args", slice.details)
    events.append(event.object)
    for child in slice.children { append(child, to: &events, process: process, thread: thread) }
  }

  private static func metadata(
    _ name: String, _ key: String, _ value: JSONValue, _ process: Int, thread: Int? = nil
  ) -> JSONValue {
    var event = JSONFields()
    event.add("ph", "M")
    event.add("name", name)
    event.add("pid", process)
    event.add("tid", thread)
    var arguments = JSONFields()
    arguments.add(key, value)
    event.add("args", arguments)
    return event.object
  }

  /// Whole nanoseconds as microseconds, exactly.
  private static func microseconds(_ nanoseconds: Int) -> JSONValue {
    let rest = String(nanoseconds % 1000)
    let zeros = String(repeating: "0", count: 3 - rest.utf8.count)
    return .number("\(nanoseconds / 1000).\(zeros)\(rest)")
  }
}
