internal import RealModule

/// The time of a network from those of its parts: their sum, and that along the longest path.
public struct BrickPrediction: Hashable, Sendable {
  /// The sum of all parts.
  public let sequential: Double
  /// The sum along the longest path.
  public let critical: Double
  /// The parts on that path; of paths that are equally long the one whose parts stand first.
  public let path: Set<Int>

  /// Adds up; nil where the time of a part is not known, for a sum without it would pass for one of the
  /// whole.
  ///
  /// - Parameters:
  ///   - times: What each part takes, in an order in which they can run.
  ///   - inputs: The parts that each reads.
  /// - Precondition: Every part stands behind those that it reads.
  /// - Complexity: O(parts + inputs).
  public init?(times: [Double?], inputs: [[Int]]) {
    let known = times.compactMap(\.self)
    guard !known.isEmpty, known.count == times.count else { return nil }
    var end: [Double] = []
    var before: [Int?] = []
    for (part, time) in known.enumerated() {
      precondition(inputs[part].allSatisfy { $0 < part }, "a part reads one behind it")
      var longest: Int?
      for input in inputs[part].sorted() where end[input] > longest.map({ end[$0] }) ?? -1 {
        longest = input
      }
      end.append(time + (longest.map { end[$0] } ?? 0))
      before.append(longest)
    }
    var last = 0
    for part in end.indices where end[part] > end[last] { last = part }
    sequential = known.reduce(0, +)
    critical = end[last]
    var path: Set<Int> = []
    var place: Int? = last
    while let part = place {
      path.insert(part)
      place = before[part]
    }
    self.path = path
  }
}

/// What bricks save, and how far predictions from them are from what was measured.
public struct BrickSummary: Codable, Hashable, Sendable {
  /// A network and its error.
  public struct Worst: Codable, Hashable, Sendable {
    /// The network's name.
    public var network: String
    /// Its error, percent.
    public var percent: Double
  }

  /// Layers of all networks.
  public var layers: Int
  /// Places of bricks in all networks.
  public var parts: Int
  /// Distinct bricks.
  public var distinct: Int
  /// ``distinct`` over ``parts``, 0 to 1.
  public var share: Double
  /// One pass of every network, as predicted, ns; absent where one could not be.
  public var networksNs: Double?
  /// One pass of every distinct brick, in each state of the caches that it is measured in, ns; absent where one was not
  /// measured.
  public var bricksNs: Double?
  /// ``networksNs`` over ``bricksNs``: how many times shorter it takes to run every brick once than every
  /// network.
  public var saving: Double?
  /// Networks with a prediction and a measurement.
  public var compared: Int
  /// exp(mean |ln(predicted / measured)|) − 1 over those, percent: the geometric mean of the factor by which
  /// predictions are off; absent where nothing was compared.
  public var errorPercent: Double?
  /// The network whose prediction is off by most.
  public var worst: Worst?

  /// Sums up.
  public init(bricks: [BrickRow], networks: [BrickNetwork]) {
    layers = networks.reduce(0) { $0 + $1.layers }
    parts = networks.reduce(0) { $0 + $1.parts.count }
    distinct = Set(bricks.map(\.id)).count
    share = parts > 0 ? Double(distinct) / Double(parts) : 0
    let predicted = networks.compactMap(\.sequentialNs)
    if !predicted.isEmpty, predicted.count == networks.count {
      networksNs = predicted.reduce(0, +)
    }
    let times = bricks.compactMap { $0.timing?.ns }
    if !times.isEmpty, times.count == bricks.count { bricksNs = times.reduce(0, +) }
    if let networksNs, let bricksNs, bricksNs > 0 { saving = networksNs / bricksNs }
    let errors = networks.compactMap { network in
      network.errorPercent.map { (name: network.topology.name, percent: $0) }
    }
    compared = errors.count
    guard !errors.isEmpty else { return }
    func distance(_ percent: Double) -> Double { Double.log(onePlus: percent / 100).magnitude }
    let mean = errors.reduce(0) { $0 + distance($1.percent) } / Double(errors.count)
    errorPercent = Double.expMinusOne(mean) * 100
    worst = errors.max { distance($0.percent) < distance($1.percent) }
      .map { Worst(network: $0.name, percent: $0.percent) }
  }
}
