/// Which kinds of primitives ran in a pass, how often, and how long.
public struct PrimitiveDistribution: Hashable, Sendable {
  /// All primitives of a kind.
  public struct Row: Hashable, Sendable {
    /// `convolution`, `reorder`….
    public var kind: String
    /// How many ran in a pass.
    public var count: Int
    /// That of all that ran, 0 to 1.
    public var countShare: Double
    /// The sum of their median times, ns.
    public var medianNs: Double
    /// That of the sum over all kinds, 0 to 1.
    public var timeShare: Double
  }

  /// One row a kind, the longest first.
  public let rows: [Row]

  /// Counts what has a time.
  public init(_ record: RunRecord) {
    var sums: [String: (count: Int, time: Double)] = [:]
    for primitive in record.layers.flatMap(\.primitives) {
      guard let time = primitive.time else { continue }
      sums[primitive.kind, default: (0, 0)].count += 1
      sums[primitive.kind, default: (0, 0)].time += time.median
    }
    let count = sums.values.reduce(0) { $0 + $1.count }
    let time = sums.values.reduce(0) { $0 + $1.time }
    rows = sums.map { kind, sum in
      Row(
        kind: kind, count: sum.count, countShare: Double(sum.count) / Double(max(count, 1)),
        medianNs: sum.time, timeShare: time > 0 ? sum.time / time : 0)
    }.sorted { ($1.medianNs, $0.kind) < ($0.medianNs, $1.kind) }
  }
}
