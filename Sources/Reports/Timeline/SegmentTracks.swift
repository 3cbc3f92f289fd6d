internal import Profiling

/// Sorts segments into tracks in which they nest.
struct SegmentTracks {
  /// A run of neighbouring layers of one segment.
  struct Run: Hashable {
    /// Index of the segment in the record.
    var segment: Int
    /// Places of its layers among the timed ones.
    var layers: Range<Int>
    /// Which run of the segment it is, from 1, and of how many.
    var part: Int
    var parts: Int
  }

  /// Segments deeper than this go to another track; viewers show no more anyway.
  private static let deepest = 16

  /// Runs by track; outer before inner, else by place.
  ///
  /// The first track holds the layers too.
  private(set) var tracks: [[Run]] = []

  /// Places each segment of `record` over the layers at `timed`, indices in execution order.
  init(_ record: RunRecord, timed: [Int]) {
    var places: [String: [Int]] = [:]
    for (place, index) in timed.enumerated() {
      places[record.layers[index].name, default: []].append(place)
    }
    for (index, segment) in record.segments.enumerated() {
      let members = Set(segment.layers.flatMap { places[$0] ?? [] })
      let ranges = Self.runs(of: members.sorted())
      let runs = ranges.enumerated().map { part, range in
        Run(segment: index, layers: range, part: part + 1, parts: ranges.count)
      }
      if !runs.isEmpty { place(runs) }
    }
    for index in tracks.indices {
      tracks[index].sort { one, other in
        if one.layers.lowerBound != other.layers.lowerBound {
          return one.layers.lowerBound < other.layers.lowerBound
        }
        return one.layers.upperBound > other.layers.upperBound
      }
    }
  }

  /// Puts all runs of a segment on the first track where they nest.
  private mutating func place(_ runs: [Run]) {
    if let track = tracks.firstIndex(where: { Self.fit(runs, in: $0) }) {
      tracks[track] += runs
    } else {
      tracks.append(runs)
    }
  }

  private static func fit(_ runs: [Run], in track: [Run]) -> Bool {
    runs.allSatisfy { run in
      var around = 0
      for other in track where other.layers.overlaps(run.layers) {
        let isInner = other.layers.contains(run.layers)
        guard isInner || run.layers.contains(other.layers) else { return false }
        around += 1
      }
      return around < deepest
    }
  }

  /// Neighbouring numbers of an ascending list as ranges.
  private static func runs(of places: [Int]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    for place in places {
      if let last = result.last, last.upperBound == place {
        result[result.count - 1] = last.lowerBound..<(place + 1)
      } else {
        result.append(place..<(place + 1))
      }
    }
    return result
  }
}

extension Range<Int> {
  /// Whether all of `other` lies within.
  fileprivate func contains(_ other: Range<Int>) -> Bool {
    lowerBound <= other.lowerBound && other.upperBound <= upperBound
  }
}
