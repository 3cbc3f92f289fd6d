/// Roofs that are worth keeping between runs on one machine and team, by where its threads lay.
///
/// A host that moves virtual CPUs changes what a team can do. ``HandOff`` of a line tells, so that roofs
/// are kept for each hand-off by itself: those of one within a factor of ``sameWithin`` are the same.
///
/// What was measured in a bad moment is too low, never too high: the best of many short windows, of
/// work that is known. So roofs that are lower than those that are kept replace them only when a later
/// measurement finds them again, and so do roofs that contradict themselves (``RoofChecks``).
public struct RoofMemory: Codable, Hashable, Sendable {
  /// Roofs of one placement of the threads.
  public struct Entry: Codable, Hashable, Sendable {
    /// Those in use; absent until some are sound.
    public var roofs: Rooflines?
    /// Lower or doubtful ones, which wait to be measured again.
    public var unconfirmed: Rooflines?

    /// Makes an entry.
    public init(roofs: Rooflines? = nil, unconfirmed: Rooflines? = nil) {
      self.roofs = roofs
      self.unconfirmed = unconfirmed
    }

    var handOff: Double? { (roofs ?? unconfirmed)?.handOff }
  }

  /// The entries, in the order they were made.
  public private(set) var entries: [Entry]

  /// Hand-offs that differ by less than this factor are of one placement.
  public static let sameWithin = 2.0
  /// Peaks that differ by less than this share are the same.
  static let tolerance = 0.1

  /// Begins with nothing.
  public init() { entries = [] }

  /// Whether two hand-offs are those of one placement; true where one is not known.
  public static func isSamePlacement(_ first: Double?, _ second: Double?) -> Bool {
    guard let first, let second, first > 0, second > 0 else { return true }
    return max(first, second) / min(first, second) < sameWithin
  }

  /// The roofs of a placement.
  ///
  /// - Parameter handOff: What the hand-off takes now, ns; nil for one thread.
  /// - Returns: Nil where none are kept for it.
  public func roofs(handOff: Double?) -> Rooflines? {
    place(of: handOff).flatMap { entries[$0].roofs }
  }

  /// Takes what was measured, and says what to go by.
  ///
  /// - Parameters:
  ///   - measured: Roofs, with their hand-off.
  ///   - isDoubtful: Whether they contradict themselves.
  /// - Returns: The better of kept and measured ones, point by point; the kept ones where the
  ///   measured ones are lower; the measured ones where nothing was kept, or where they were found
  ///   twice.
  public mutating func admit(_ measured: Rooflines, isDoubtful: Bool = false) -> Rooflines {
    guard let place = place(of: measured.handOff) else {
      entries.append(isDoubtful ? Entry(unconfirmed: measured) : Entry(roofs: measured))
      return measured
    }
    let isConfirmed =
      entries[place].unconfirmed.map { Self.agrees($0.peakFlops, measured.peakFlops) } ?? false
    if isConfirmed {
      entries[place] = Entry(roofs: measured)
      return measured
    }
    let kept = entries[place].roofs
    if isDoubtful || kept.map({ Self.isLower(measured.peakFlops, than: $0.peakFlops) }) == true {
      entries[place].unconfirmed = measured
      return kept ?? measured
    }
    let best = kept.map { measured.better(than: $0) } ?? measured
    entries[place] = Entry(roofs: best)
    return best
  }

  /// Raises kept peaks to what a layer has reached.
  ///
  /// - Parameters:
  ///   - peaks: Peaks that were reached; lower ones change nothing.
  ///   - handOff: The hand-off of that run.
  public mutating func raise(to peaks: Rooflines.PeakFlops, handOff: Double?) {
    guard let place = place(of: handOff), let kept = entries[place].roofs else { return }
    entries[place].roofs?.peakFlops = kept.peakFlops.raised(to: peaks)
    // What waits to be confirmed is lower still, and wrong.
    entries[place].unconfirmed = nil
  }

  /// The entry whose hand-off is nearest.
  private func place(of handOff: Double?) -> Int? {
    func distance(_ place: Int) -> Double {
      guard let handOff, let other = entries[place].handOff, handOff > 0, other > 0 else {
        return 1
      }
      return max(handOff, other) / min(handOff, other)
    }
    return entries.indices.filter { Self.isSamePlacement(handOff, entries[$0].handOff) }
      .min { distance($0) < distance($1) }
  }

  private static func agrees(_ first: Rooflines.PeakFlops, _ second: Rooflines.PeakFlops) -> Bool {
    abs(first.f32 / second.f32 - 1) <= tolerance
  }

  private static func isLower(_ new: Rooflines.PeakFlops, than old: Rooflines.PeakFlops) -> Bool {
    zip(new.all, old.all).contains { new, old in
      guard let new, let old else { return false }
      return new < (1 - tolerance) * old
    }
  }
}

extension Rooflines.PeakFlops {
  fileprivate var all: [Double?] { [f32, bf16, int8] }

  /// The larger of each.
  public func raised(to other: Rooflines.PeakFlops) -> Rooflines.PeakFlops {
    func larger(_ first: Double?, _ second: Double?) -> Double? {
      first.map { max($0, second ?? $0) } ?? second
    }
    return .init(
      f32: max(f32, other.f32), bf16: larger(bf16, other.bf16), int8: larger(int8, other.int8))
  }
}

extension Rooflines {
  /// These with every roof that was higher before; clock, disturbance and hand-off stay.
  fileprivate func better(than kept: Rooflines) -> Rooflines {
    var best = self
    best.peakFlops = peakFlops.raised(to: kept.peakFlops)
    best.bandwidth = bandwidth.better(than: kept.bandwidth)
    if let old = kept.registerFlops { best.registerFlops = max(registerFlops ?? 0, old) }
    return best
  }
}

extension [Rooflines.Bandwidth] {
  /// Point by point the higher rate; these where the points are others.
  public func better(than other: [Rooflines.Bandwidth]) -> [Rooflines.Bandwidth] {
    guard map(\.bytes) == other.map(\.bytes) else { return self }
    return zip(self, other).map { new, old in
      let copies = [new.copyGbs, old.copyGbs].compactMap(\.self)
      return .init(bytes: new.bytes, gbs: Swift.max(new.gbs, old.gbs), copyGbs: copies.max())
    }
  }

  /// Point by point the median of several curves; the first where the points differ.
  static func median(of curves: [[Rooflines.Bandwidth]]) -> [Rooflines.Bandwidth] {
    guard let first = curves.first else { return [] }
    let alike = curves.filter { $0.map(\.bytes) == first.map(\.bytes) }
    return first.indices.map { place in
      let copies = alike.compactMap { $0[place].copyGbs }
      return .init(
        bytes: first[place].bytes, gbs: Percentiles.median(of: alike.map { $0[place].gbs }),
        copyGbs: copies.isEmpty ? nil : Percentiles.median(of: copies))
    }
  }
}
