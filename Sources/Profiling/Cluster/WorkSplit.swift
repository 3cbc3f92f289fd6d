/// Shares processes out to the tasks of an array job, so that neither a node nor a moment favours a point.
///
/// Each point's processes fall to different tasks, where there are as many; every task has as many
/// processes as the others, or one less; and each does its own in an order of its own, drawn at random,
/// which the seed fixes.
public struct WorkSplit: Sendable {
  /// The processes of each task.
  public let tasks: [[MeasuredPart.Place]]

  /// Seconds that a task is meant to take where nobody says how many tasks there are: far longer than
  /// Slurm needs to start one, and short enough that little is lost with it.
  public static let usualSeconds = 60.0

  /// Shares processes out.
  ///
  /// - Parameters:
  ///   - places: What is to be measured, each once.
  ///   - count: How many tasks; no more than processes are made.
  ///   - seed: Of the orders.
  public init(_ places: [MeasuredPart.Place], over count: Int, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let count = max(1, min(count, places.count))
    var items: [Int: [MeasuredPart.Place]] = [:]
    for place in places { items[place.item, default: []].append(place) }
    // An item's processes lie side by side in this row, so that dealing it out like cards parts them.
    var row: [MeasuredPart.Place] = []
    for item in items.keys.sorted().shuffled(using: &random) {
      row += (items[item] ?? []).sorted()
    }
    var tasks = [[MeasuredPart.Place]](repeating: [], count: count)
    for (index, place) in row.enumerated() { tasks[index % count].append(place) }
    self.tasks = tasks.map { $0.shuffled(using: &random) }
  }

  /// How many tasks processes are shared out to.
  ///
  /// - Parameters:
  ///   - processes: How many there are.
  ///   - rounds: Of one point at most.
  ///   - seconds: About what a process takes.
  ///   - limit: The most tasks that an array job may have.
  /// - Returns: At least as many as a point has processes, where there are so many.
  public static func count(processes: Int, rounds: Int, seconds: Double, limit: Int) -> Int {
    let wanted = (Double(processes) * seconds / usualSeconds).rounded(.up)
    let most = max(1, min(processes, limit))
    return min(max(Int(min(wanted, Double(most))), min(rounds, most)), most)
  }
}
