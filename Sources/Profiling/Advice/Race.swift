/// What a lap of a race tells.
public enum RaceLap: Hashable, Sendable {
  /// The time of one pass, or of one input of it, ns.
  case time(Double)
  /// It is no candidate any more: its outputs are too far from those wanted.
  case inaccurate
  /// It cannot be measured.
  case failed(String)
}

/// Where a race is run: something that measures one runner, once.
public protocol RaceTrack {
  /// What can go wrong for all.
  associatedtype Fault: Error
  /// Seconds since the race began.
  var elapsed: Double { get }
  /// Measures a runner for that long; 0 is the baseline. Nil stops the race.
  mutating func lap(_ runner: Int, seconds: Double) throws(Fault) -> RaceLap?
}

/// Successive halving: every runner has a short lap, the better half a longer one, and so on until few are
/// left or time is up.
///
/// Karnin, Koren and Somekh, "Almost optimal exploration in multi-armed bandits", ICML 2013. Each
/// round is run in the reverse order of the one before, with the baseline among the others; a runner's
/// figure is the median over the rounds of its time over the baseline's in the same round, so that drift
/// of the machine favours nobody.
public struct Race: Sendable {
  /// How a runner stands.
  public struct Standing: Hashable, Sendable {
    /// Its times over the baseline's, one a round.
    public internal(set) var ratios: [Double] = []
    /// What became of it; nil while it runs.
    public internal(set) var state: AdviceRow.State?
    /// Why it failed.
    public internal(set) var failure: String?

    /// The median of ``ratios``; infinite before the first round.
    public var ratio: Double { ratios.isEmpty ? .infinity : Percentiles.median(of: ratios) }
  }

  /// A lap of the baseline without a time: what ran in its round has nothing to be compared with.
  public struct Fault: Hashable, Sendable {
    /// Why the baseline has none.
    public let reason: String
    /// Rounds before it, whose figures stand.
    public let rounds: Int

    /// What happened, and what was kept.
    public var sentence: String {
      let kept =
        switch rounds {
        case 0: "nothing of it can be compared"
        case 1: "the round before it stands, this one is left out"
        default: "the \(rounds) rounds before it stand, this one is left out"
        }
      return "round \(rounds + 1) of the race ended with the baseline, which \(reason): \(kept)"
    }
  }

  /// How every candidate stands, 1 of the race first.
  public private(set) var standings: [Standing]
  /// Whether it was stopped from outside.
  public private(set) var isStopped = false
  /// What ended it because the baseline had no time in a round; nil where nothing did.
  public private(set) var fault: Fault?
  /// Seconds that the race may take.
  private let seconds: Double
  /// Runners that need not be told apart any more.
  private let finalists: Int

  /// Seconds of the first round's laps.
  static let firstLap = 0.25

  /// A race of so many candidates besides the baseline.
  public init(candidates: Int, seconds: Double, finalists: Int) {
    standings = Array(repeating: Standing(), count: candidates)
    self.seconds = seconds
    self.finalists = finalists
  }

  /// The candidates still running, the fastest first.
  public var running: [Int] {
    standings.indices.filter { standings[$0].state == nil && !standings[$0].ratios.isEmpty }
      .sorted { (standings[$0].ratio, $0) < (standings[$1].ratio, $1) }
  }

  /// Runs until few are left, or time is up; every candidate has one lap if at all possible.
  public mutating func run<Track: RaceTrack>(on track: inout Track) throws(Track.Fault) {
    var lap = Self.firstLap
    var round = 0
    while true {
      let due = standings.indices.filter { standings[$0].state == nil }
      if due.isEmpty || (round > 0 && due.count <= finalists) { return }
      let begin = track.elapsed
      guard try self.round(round, of: due, seconds: lap, on: &track) else { return }
      drop()
      let took = track.elapsed - begin
      round += 1
      lap *= 2
      // The next round has half as many runners for twice as long.
      if track.elapsed + took > seconds { return }
    }
  }

  /// One lap of the baseline and of each of some candidates; false when it had to stop.
  private mutating func round<Track: RaceTrack>(
    _ round: Int, of due: [Int], seconds lap: Double, on track: inout Track
  ) throws(Track.Fault) -> Bool {
    var times: [Int: Double] = [:]
    let order = [-1] + due
    for candidate in round % 2 == 0 ? order : order.reversed() {
      if round == 0, candidate >= 0, track.elapsed > seconds { break }
      guard let found = try track.lap(candidate + 1, seconds: lap) else {
        isStopped = true
        return false
      }
      switch found {
      case .time(let time): times[candidate] = time
      case .inaccurate where candidate >= 0: standings[candidate].state = .inaccurate
      case .failed(let reason) where candidate >= 0:
        standings[candidate].state = .failed
        standings[candidate].failure = reason
      case .inaccurate:
        fault = Fault(reason: "is too far from itself in f32", rounds: round)
        return false
      case .failed(let reason):
        fault = Fault(reason: "could not be measured (\(reason))", rounds: round)
        return false
      }
    }
    guard let baseline = times[-1], baseline > 0 else {
      fault = Fault(reason: "took no time", rounds: round)
      return false
    }
    for candidate in due {
      if let time = times[candidate] { standings[candidate].ratios.append(time / baseline) }
    }
    return true
  }

  /// Takes the slower half out of the race.
  private mutating func drop() {
    let order = running
    let kept = max(finalists, (order.count + 1) / 2)
    for candidate in order.dropFirst(kept) { standings[candidate].state = .dropped }
  }
}

extension Race {
  /// The finalists that may be put together: of each kind the fastest one that gained in the race and
  /// leaves the network as it is; empty where there are not two of them.
  ///
  /// Also of those that were dropped: what gains little by itself may still add to another.
  public func combination(of candidates: [AdviceCandidate]) -> [Int] {
    var best: [AdviceRow.Kind: Int] = [:]
    for (index, candidate) in candidates.enumerated() where candidate.kind != .param {
      let standing = standings[index]
      guard standing.state == nil || standing.state == .dropped,
        standing.ratio < Self.worthCombining
      else { continue }
      if let other = best[candidate.kind], standings[other].ratio <= standing.ratio { continue }
      best[candidate.kind] = index
    }
    return best.count > 1 ? best.values.sorted() : []
  }

  /// A candidate above that gained nothing worth adding to another.
  static let worthCombining = 0.97
}
