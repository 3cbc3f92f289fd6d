internal import RealModule

/// By how much fresh processes of one network on one machine are known to differ.
///
/// Passes of a process share its placement of code and memory, its cores and its moment; another
/// process has others. So the median of one process says where its passes lie, and this says how far
/// from it the next process may lie.
public struct ProcessSpread: Codable, Hashable, Sendable {
  /// Where the number comes from.
  public enum Source: String, Codable, Hashable, Sendable, CaseIterable {
    /// From several processes of this network, with these options, on this machine.
    case measured
    /// ``standard`` or ``standardOfLayers``: nothing is known of this network here.
    case `default`
  }

  /// Standard deviation between the medians of processes, percent (of the logarithms).
  public var percent: Double
  /// Degrees of freedom it was estimated with.
  public var degrees: Double
  /// Processes it was estimated from.
  public var processes: Int
  /// Where it comes from.
  public var source: Source
  /// How runs of several processes differ; nil in records of older versions, and of layers.
  public var runs: RunSpread?

  /// Makes a spread of given numbers.
  public init(
    percent: Double, degrees: Double, processes: Int, source: Source, runs: RunSpread? = nil
  ) {
    self.percent = percent
    self.degrees = degrees
    self.processes = processes
    self.source = source
    self.runs = runs
  }

  /// What is taken of a whole network of which nothing is known.
  ///
  /// Half as much again as the pooled spread of the sweep in `reports/examples`: 72 processes at 12
  /// points on a virtual machine with two cores, from 2 % (one thread) to 24 % (two) a point, 10 %
  /// together. A machine of one's own is quieter, and `--processes` measures it.
  public static let standard = ProcessSpread(
    percent: 15, degrees: 60, processes: 72, source: .default, runs: .standard)
  /// The same of a layer: short ones differ more.
  public static let standardOfLayers = ProcessSpread(
    percent: 20, degrees: 60, processes: 72, source: .default)

  /// The variance of the logarithm of a process's median.
  var variance: Double { percent / 100 * (percent / 100) }

  /// By how much two processes may differ although nothing does: half the width of the 95 %
  /// prediction interval, percent.
  public var reach: Double {
    let factor = StudentT.quantile(twoSided: 0.05, degrees: degrees) * 2.0.squareRoot()
    return Double.expMinusOne(factor * percent / 100) * 100
  }
}

/// By how much runs of several processes, taken apart in time, are known to differ.
///
/// A machine has moods that last for minutes: neighbours on the host, clocks, heat. Processes of one
/// run share the mood, so that what they differ by says too little of another run. Processes taken
/// in turn share it, too, and their comparison needs none of this.
public struct RunSpread: Codable, Hashable, Sendable {
  /// Standard deviation between the means of runs, percent (of the logarithms); what their
  /// processes differ by has its part in it.
  public var percent: Double
  /// Degrees of freedom it was estimated with.
  public var degrees: Double
  /// Runs it was estimated from.
  public var runs: Int
  /// Processes of a run, in the mean.
  public var processes: Double
  /// Where it comes from.
  public var source: ProcessSpread.Source

  /// Makes a spread of given numbers.
  public init(
    percent: Double, degrees: Double, runs: Int, processes: Double, source: ProcessSpread.Source
  ) {
    self.percent = percent
    self.degrees = degrees
    self.runs = runs
    self.processes = processes
    self.source = source
  }

  /// Runs from which on they are asked for their spread; before, ``standard`` stands for it.
  public static let fewest = 4

  /// What is taken where too few runs are known.
  ///
  /// From 97 runs of 6 or 10 processes of three networks on a virtual machine with 16 cores of a
  /// shared host: 10.5 % beside 15.8 % between the processes of a run.
  public static let standard = RunSpread(
    percent: 12, degrees: 60, runs: 97, processes: 10, source: .default)

  /// The variance of the logarithm of the mean of `count` processes which differ by `inside`
  /// (a variance) within a run.
  func variance(count: Int, inside: Double) -> Double {
    let own = inside / Double(count)
    let between = percent / 100 * (percent / 100)
    return Swift.max(between + own - inside / processes, own)
  }
}

/// What is known of the spread of one time, from the medians of processes of several runs.
///
/// Runs lie apart in time and so see different moments of the machine: a component of its own, by
/// the one-way analysis of variance (Searle, Casella and McCulloch, *Variance Components*, §3.6),
/// with Satterthwaite's degrees of freedom (1946).
public struct SpreadEstimate: Hashable, Sendable {
  /// The spread; nil where no run had two processes.
  public let spread: ProcessSpread?

  /// Estimates from the medians of each run's processes.
  public init(runs: [[Double]]) {
    let runs = runs.map { $0.filter { $0 > 0 }.map { Double.log($0) } }.filter { !$0.isEmpty }
    let total = runs.reduce(0) { $0 + $1.count }
    var within = PooledSpread()
    for run in runs { within.add(logarithms: run) }
    guard within.degrees > 0 else {
      spread = nil
      return
    }
    let inside = within.squares / within.degrees
    var (variance, degrees) = (inside, within.degrees)
    if runs.count > 1 {
      let grand = runs.joined().reduce(0, +) / Double(total)
      let groups = Double(runs.count - 1)
      let outside =
        runs.reduce(0) { sum, run in
          let mean = run.reduce(0, +) / Double(run.count)
          return sum + Double(run.count) * (mean - grand) * (mean - grand)
        } / groups
      let squares = runs.reduce(0) { $0 + Double($1.count * $1.count) }
      let size = (Double(total) - squares / Double(total)) / groups
      if outside > inside, size > 0 {
        let parts = (outside / size, inside * (1 - 1 / size))
        variance = parts.0 + parts.1
        degrees =
          variance * variance
          / (parts.0 * parts.0 / groups + parts.1 * parts.1 / within.degrees)
      }
    }
    spread = ProcessSpread(
      percent: variance.squareRoot() * 100, degrees: degrees, processes: total, source: .measured,
      runs: Self.between(runs))
  }

  /// What the means of runs differ by, of those that have several processes.
  private static func between(_ runs: [[Double]]) -> RunSpread {
    let runs = runs.filter { $0.count > 1 }
    guard runs.count >= RunSpread.fewest else { return .standard }
    let means = runs.map { $0.reduce(0, +) / Double($0.count) }
    let grand = means.reduce(0, +) / Double(means.count)
    let squares = means.reduce(0) { $0 + ($1 - grand) * ($1 - grand) }
    let degrees = Double(means.count - 1)
    return RunSpread(
      percent: (squares / degrees).squareRoot() * 100, degrees: degrees, runs: runs.count,
      processes: Double(runs.reduce(0) { $0 + $1.count }) / Double(runs.count), source: .measured)
  }
}
