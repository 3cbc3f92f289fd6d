import DNNL
import Machine
import Measuring

/// A place that no search has seen.
struct OpenPlace {
  /// What would be remembered of it.
  let key: String
  /// Its time in a pass as it is guessed, ns.
  let expected: Double
  /// About how long trying everything takes, ns.
  let effort: Double
  /// Tries everything.
  let search: (CandidateSearch) throws(DNNLError) -> Void
  /// Looks how much Winograd's algorithm rounds; `nil` where it is not expected to be the fastest.
  let rounding: ((CandidateSearch) throws(DNNLError) -> Void)?

  /// Whether trying everything now is over before a time.
  func fits(before end: UInt64) -> Bool { Clock.now() + UInt64(effort) < end }
}

/// What a search within a budget has still to try.
struct Outlook {
  /// Places of which each is expected to take that share of all places' time are worth a trial.
  static let worthwhile = 0.005

  /// The places, the same ones together, those that carry most first.
  let places: [OpenPlace]

  /// Orders what a walk left open; `carriedTime` is that of all places with several implementations.
  init(_ open: [OpenPlace], carriedTime: Double) {
    var times: [String: Double] = [:]
    for place in open { times[place.key, default: 0] += place.expected }
    var seen: Set<String> = []
    let least = Outlook.worthwhile * carriedTime
    places =
      open
      .filter { seen.insert($0.key).inserted && times[$0.key, default: 0] >= least }
      .sorted { (times[$0.key, default: 0], $1.key) > (times[$1.key, default: 0], $0.key) }
  }
}

/// Tries the places that carry the time, within a budget.
enum Exploration {
  /// The share of the budget that places may take before the reorders between them have their turn.
  private static let shareOfPlaces = 0.75

  /// How often the formats that were found may bring about places not seen before; beyond that they
  /// are left to guesses.
  private static let mostRounds = 4

  /// Tries the places that carry the time, those that carry most first, until the budget is spent.
  ///
  /// Then the reorders between them, and the places that only the formats chosen so bring about. Those
  /// change what is chosen before and behind them, so all of it is walked through again until nothing
  /// is left to try: else another run would find places that this one opened.
  ///
  /// - Parameters:
  ///   - budget: In seconds.
  ///   - walk: Surveys the program with the formats given, keeping what it finds open or not.
  /// - Throws: What a walk throws, or a trial that is no refusal of oneDNN's.
  static func explore(
    budget: Double, _ walk: (Layouts?, _ keepsOpen: Bool) throws(ExecutionError) -> Tuner
  ) throws(ExecutionError) {
    let begin = Clock.now()
    func end(_ share: Double) -> UInt64 { begin + UInt64(max(budget, 0) * share * 1e9) }
    var hasOpened = false
    for _ in 0..<mostRounds where Clock.now() <= end(shareOfPlaces) {
      let first = try walk(nil, true)
      let hasTried = try first.search.tryOpenPlaces(until: end(shareOfPlaces))
      guard hasTried || hasOpened else { return }
      let survey = hasTried ? try walk(nil, false) : first
      let layouts = try survey.assign(until: end(0.9))
      hasOpened = try walk(layouts, true).search.tryOpenPlaces(until: end(1))
    }
  }
}
