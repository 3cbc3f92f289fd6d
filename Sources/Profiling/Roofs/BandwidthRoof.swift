/// What bytes of a working set cost, by measured bandwidths of reading and of copying.
struct BandwidthRoof: Hashable {
  /// Nanoseconds a byte that is read.
  let read: Double
  /// Nanoseconds a byte that is written.
  let write: Double

  /// From bandwidths, 10⁹ bytes a second; nil unless they are positive.
  ///
  /// A copy reads and writes as many bytes, and its rate counts both: what it takes beyond reading is
  /// the price of writing. Writing around the caches may cost less than reading, but no less than half
  /// of what a byte of the copy takes. Without a copy's rate a write costs what a read does.
  init?(gbs: Double, copyGbs: Double?) {
    guard gbs > 0 else { return nil }
    read = 1 / gbs
    guard let copyGbs, copyGbs > 0 else {
      write = read
      return
    }
    write = max(2 / copyGbs - 1 / gbs, 0.5 / copyGbs)
  }

  /// The roof of a working set on a curve.
  init?(of workingSet: Double, curve: [Rooflines.Bandwidth]) {
    guard let gbs = Roofline.bandwidth(of: workingSet, curve: curve) else { return nil }
    self.init(gbs: gbs, copyGbs: Self.copy(of: workingSet, curve: curve))
  }

  /// Copies are measured at some of the points.
  private static func copy(of workingSet: Double, curve: [Rooflines.Bandwidth]) -> Double? {
    let copies = curve.compactMap { point in
      point.copyGbs.map { Rooflines.Bandwidth(bytes: point.bytes, gbs: $0) }
    }
    return Roofline.bandwidth(of: workingSet, curve: copies)
  }

  /// Time of a mix, ns.
  func time(reading: Double, writing: Double = 0) -> Double { reading * read + writing * write }
}
