import Machine

/// What the process lost during a pair of passes: time in which its threads were ready to run and
/// did not, or in which the hypervisor kept a CPU.
public struct PairLoss: Hashable, Sendable {
  /// The lost time over that of the pair, 0 to 1; of several threads, the sum of what each lost.
  public let share: Double
  /// Whether the pair is no fair sample.
  public let isDisturbed: Bool
  /// How often threads had to leave a CPU.
  public let switches: Int

  /// From that share on a pair is disturbed.
  public static let disturbedFrom = 0.01
  /// Less than that is the kernel's own doing when it wakes a thread, ns.
  static let wakingNs = 5_000.0

  /// Makes a loss.
  public init(share: Double, isDisturbed: Bool, switches: Int) {
    self.share = share
    self.isDisturbed = isDisturbed
    self.switches = switches
  }

  /// The loss between two readings, during passes of `ns` together.
  ///
  /// Where the kernel keeps no account of run queues, any switch disturbs.
  init(from begin: StolenTime.Reading, to end: StolenTime.Reading, ns: Double) {
    switches = Swift.max(end.switches - begin.switches, 0)
    guard let first = begin.lostNs, let last = end.lostNs else {
      share = 0
      isDisturbed = switches > 0
      return
    }
    let lost = last > first ? Double(last - first) : 0
    share = ns > 0 ? Swift.min(lost / ns, 1) : 0
    isDisturbed = share >= Self.disturbedFrom && lost >= Self.wakingNs
  }

  /// Which pairs to keep: all clean ones, and if those are fewer than `wanted`, the least disturbed
  /// of the others up to that number.
  ///
  /// - Returns: Indices in ascending order.
  public static func chosen(_ losses: [PairLoss], wanted: Int) -> [Int] {
    let clean = losses.indices.filter { !losses[$0].isDisturbed }
    guard clean.count < wanted else { return clean }
    let others = losses.indices.filter { losses[$0].isDisturbed }
      .sorted { (losses[$0].share, $0) < (losses[$1].share, $1) }
    return (clean + others.prefix(wanted - clean.count)).sorted()
  }

  /// The losses of several networks measured in turn, round by round: a round is as disturbed as its
  /// worst pair, so that all keep the same rounds.
  public static func rounds(_ networks: [[PairLoss]]) -> [PairLoss] {
    let count = networks.map(\.count).min() ?? 0
    return (0..<count).map { round in
      let row = networks.map { $0[round] }
      return PairLoss(
        share: row.map(\.share).max() ?? 0, isDisturbed: row.contains { $0.isDisturbed },
        switches: row.reduce(0) { $0 + $1.switches })
    }
  }
}
