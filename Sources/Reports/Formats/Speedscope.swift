import Profiling

/// The file format of speedscope: an evented profile of one pass.
///
/// Primitives of the same kind and implementation share a frame, so that speedscope's "sandwich"
/// view adds up what each implementation costs.
public struct SpeedscopeFormat: ReportFormat {
  /// `speedscope`.
  public let name = "speedscope"
  /// A file.
  public let isText = false
  /// `speedscope.json`.
  public let fileExtension = "speedscope.json"

  /// Passes of one run or two.
  public let showsOverviews = false

  /// Makes the format.
  public init() {}

  /// The representative pass of a run, segments that overlap in profiles of their own; both sides of a
  /// comparison, a profile each.
  public func render(_ document: some ReportDocument, options: ReportOptions) -> [UInt8] {
    switch document.content {
    case .record(let record): run(record)
    case .diff(let diff): sides(diff)
    case .overview: []
    }
  }

  private func run(_ record: RunRecord) -> [UInt8] {
    var frames = SpeedscopeFrames(source: record.topology.source)
    let timeline = Timeline(record)
    var profiles = [
      Self.profile(
        record.topology.name, timeline.root.map { [$0] } ?? [], end: timeline.root?.end ?? 0,
        &frames)
    ]
    for (place, track) in timeline.sideTracks.enumerated() {
      profiles.append(
        Self.profile("segments \(place + 2)", track, end: timeline.root?.end ?? 0, &frames))
    }
    return Self.document(timeline.name, profiles, frames, tool: record.tool)
  }

  private func sides(_ diff: Diff) -> [UInt8] {
    var frames = SpeedscopeFrames(source: nil)
    let sides = Timeline.sides(of: diff)
    let profiles = sides.map { side in
      Self.profile(side.name, side.root.map { [$0] } ?? [], end: side.root?.end ?? 0, &frames)
    }
    return Self.document(
      sides.map(\.name).joined(separator: ", "), profiles, frames, tool: nil)
  }

  private static func document(
    _ name: String, _ profiles: [JSONValue], _ frames: SpeedscopeFrames, tool: Tool?
  ) -> [UInt8] {
    var shared = JSONFields()
    shared.add("frames", .array(frames.list))
    var document = JSONFields()
    document.add("$schema", "https://www.speedscope.app/file-format-schema.json")
    document.add("shared", shared)
    document.add("profiles", .array(profiles))
    document.add("name", name)
    document.add("activeProfileIndex", 0)
    document.add("exporter", tool.map { "\($0.name)@\($0.version)" } ?? "ntprof")
    return JSONWriter.compact(document.object) + [UInt8(ascii: "\n")]
  }

  private static func profile(
    _ name: String, _ slices: [Timeline.Slice], end: Int, _ frames: inout SpeedscopeFrames
  ) -> JSONValue {
    var events: [JSONValue] = []
    for slice in slices { append(slice, to: &events, &frames) }
    var profile = JSONFields()
    profile.add("type", "evented")
    profile.add("name", name)
    profile.add("unit", "nanoseconds")
    profile.add("startValue", 0)
    profile.add("endValue", end)
    profile.add("events", .array(events))
    return profile.object
  }

  private static func append(
    _ slice: Timeline.Slice, to events: inout [JSONValue], _ frames: inout SpeedscopeFrames
  ) {
    let frame = frames.index(of: slice)
    events.append(event("O", frame, slice.start))
    for child in slice.children { append(child, to: &events, &frames) }
    events.append(event("C", frame, slice.end))
  }

  private static func event(_ type: String, _ frame: Int, _ time: Int) -> JSONValue {
    var event = JSONFields()
    event.add("type", type)
    event.add("frame", frame)
    event.add("at", time)
    return event.object
  }
}

/// The frames that all profiles of a document share.
struct SpeedscopeFrames {
  /// What tells frames apart: a layer is one of its own, a primitive is its implementation.
  private struct Key: Hashable {
    var level: Timeline.Level
    var name: String
  }

  /// The topology's file.
  let source: String?
  /// The frames in order of their first use.
  private(set) var list: [JSONValue] = []
  private var places: [Key: Int] = [:]

  /// Starts without frames.
  init(source: String?) { self.source = source }

  /// Index of a slice's frame, which is added when it is new.
  mutating func index(of slice: Timeline.Slice) -> Int {
    let key = Key(level: slice.level, name: slice.name)
    if let place = places[key] { return place }
    var frame = JSONFields()
    frame.add("name", slice.name)
    if slice.level == .layer {
      frame.add("file", source)
      if let line = slice.line, line > 0 { frame.add("line", line) }
    }
    places[key] = list.count
    list.append(frame.object)
    return list.count - 1
  }
}
