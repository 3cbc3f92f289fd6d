/// Keeps a bounded number of the samples of a long run, spread evenly over it.
///
/// Of each block of ``stride`` samples in a row one is kept, drawn at random: stratified sampling
/// (Cochran, *Sampling Techniques*, 3rd ed., chapter 5), of which the variance is at most that of as many
/// drawn at random from the whole run. When the room is full, one of each two neighbours goes and the
/// blocks are twice as long, so that at least half of the room stays in use.
///
/// What a percentile of `n` kept samples is of all of them is uncertain by
/// ±1.96·√(p(1−p)/n) in rank: the median of 5000 lies between the true percentiles 48.6 and 51.4, their
/// p99 between 98.7 and 99.3, with 95 % confidence.
public struct SampleThinning: Sendable {
  /// Most samples that are kept.
  public let room: Int
  /// Of so many samples in a row one is kept.
  public private(set) var stride = 1
  /// Samples that there were.
  public private(set) var taken = 0

  private var kept = 0
  private var chosen = 0
  private var random = SplitMix64(seed: 1)

  /// Makes room for that many samples; an even number, 2 at least.
  public init(room: Int) { self.room = Swift.max(room + room % 2, 2) }

  /// Counts a sample; whether it is kept.
  public mutating func keepsNext() -> Bool {
    let place = taken % stride
    if place == 0 { chosen = draw(stride) }
    taken += 1
    guard place == chosen else { return false }
    kept += 1
    return true
  }

  /// When the room is full: the places among the kept samples of those that stay; else nil.
  public mutating func halving() -> [Int]? {
    guard kept >= room else { return nil }
    let stay = Swift.stride(from: 0, to: kept - 1, by: 2).map { $0 + draw(2) }
    kept = stay.count
    stride *= 2
    return stay
  }

  private mutating func draw(_ count: Int) -> Int {
    count > 1 ? Int(random.next() % UInt64(count)) : 0
  }
}
