import Machine
import Profiling
import Session
import SystemPackage

/// How many processes a sweep starts and how long they take, said before the first one.
struct SweepSize {
  /// Points that nobody asks about.
  static let unasked = 50
  /// What a process takes besides measuring, seconds: its start, the plan, the first pass.
  private static let start = 0.4

  private let plan: SweepPlan
  private let points: Int

  init(_ plan: SweepPlan) {
    self.plan = plan
    points = SweepStart.count(plan)
  }

  /// Asks whether that many points are meant; elsewhere than on a terminal `--yes` must say so.
  func confirm(isAgreed: Bool) throws(Failure) {
    // Beyond the limit the sweep is refused anyway.
    guard points > Self.unasked, points <= SweepStart.limit, !isAgreed else { return }
    let text = "the sweep has \(words(points))"
    guard Terminal.isThere(.standardInput), Terminal.isThere(.standardError) else {
      throw Failure(.usage, text, remedy: "--yes starts it; \(fewer)")
    }
    Console.ask("\(text). Start? [y/N] ")
    let answer = readLine()?.lowercased() ?? ""
    guard answer == "y" || answer == "yes" else {
      throw Failure(.usage, "not started", remedy: fewer)
    }
  }

  /// How many points are measured, in how many processes, and about how long that takes.
  func sentence(of sweep: Sweep) -> String {
    let measured = sweep.points.count { $0.state == .pending }
    let left = sweep.points.count - measured
    let rest = left == 0 ? "" : " (\(left) more are ruled out or cannot be built)"
    return "sweep: \(words(measured))\(rest)\(forecast(sweep))"
  }

  /// `; by bricks a pass takes 1.2 ms … 40 ms, all of them about 3 min`; empty where the store does not know every
  /// point's bricks.
  private func forecast(_ sweep: Sweep) -> String {
    let due = sweep.points.filter { $0.state == .pending }
    let times = due.compactMap(\.predictedNs)
    guard let least = times.min(), let most = times.max(), times.count == due.count else {
      return ""
    }
    let range = [least, most].map { Quantity.time($0) }
    let passes =
      "; by bricks a pass takes \(range[0] == range[1] ? range[0] : range.joined(separator: " … "))"
    guard let iterations = plan.iterations, plan.budgetSeconds == nil else { return passes }
    // Each measured pass has another one beside it that is timed layer by layer.
    let seconds = times.reduce(0) { sum, ns in
      sum + Double(plan.rounds) * (2 * Double(iterations) * ns * 1e-9 + Self.start)
    }
    return passes + ", all of them about \(SimulationProgress.duration(seconds))"
  }

  private func words(_ count: Int) -> String {
    let processes = count * plan.rounds
    let each = plan.rounds == 1 ? "one process each" : "\(plan.rounds) processes each"
    return "\(count) point\(count == 1 ? "" : "s"), \(each)\(time(processes))"
  }

  /// `: about 40 min`; empty where passes of unknown length are counted.
  private func time(_ processes: Int) -> String {
    if let budget = plan.budgetSeconds {
      return ": \(SimulationProgress.duration(budget)), or longer if one process a point takes that"
    }
    guard plan.iterations == nil else { return "" }
    let seconds = Double(processes) * (SweepRun.usual + Self.start)
    let whose = plan.launch == nil ? "" : " of the nodes' time"
    return ": about \(SimulationProgress.duration(seconds))\(whose)"
  }

  /// What makes a sweep smaller: a step where a range has none.
  private var fewer: String {
    let longest = plan.axes.max { $0.values.count < $1.values.count }
    guard let longest, longest.values.count > Self.unasked,
      let first = longest.values.first, let last = longest.values.last.flatMap({ Int($0) }),
      let begin = Int(first), last > begin
    else { return "fewer values, --one-at-a-time or --time make it shorter" }
    let step = max(1, (last - begin) / 8)
    let option = longest.kind == .param ? "--set \(longest.name)=" : "--\(longest.kind.rawValue) "
    return "a step takes fewer values: \(option)\(begin)..\(last):\(step)"
  }
}
