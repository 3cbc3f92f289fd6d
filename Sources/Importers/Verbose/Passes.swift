/// The passes of a network that a log of executions holds.
///
/// A log says nothing about where a pass begins. What repeats from somewhere on up to the log's end are
/// the passes: of all lengths those whose whole repetitions cover most are taken, and of these the
/// shortest. What stands before them ran once: making the network ready. The pass behind it warms up,
/// and is no sample where another follows.
struct Passes: Equatable {
  /// The executions of one pass.
  let length: Int
  /// The first execution of each measured pass.
  let starts: [Int]
  /// Passes left out because they warmed up.
  let warmup: Int
  /// Executions before the first pass.
  let before: Int
  /// Executions behind the last one, of a pass that was cut off.
  let behind: Int

  /// Finds the passes among executions, which are equal where their numbers are.
  ///
  /// `wanted` is how many the log ends with, where somebody knows; nil finds out. There is no result where
  /// there are not so many equal passes.
  ///
  /// - Complexity: O(n).
  init?(_ executions: [Int], count wanted: Int? = nil) {
    let total = executions.count
    if wanted == 1 {
      self.init(length: total, starts: [0], warmup: 0, before: 0, behind: 0)
      return
    }
    let overlaps = Passes.overlaps(Array(executions.reversed()))
    if let wanted {
      // The longest pass of which there are so many: several make up a network that repeats itself.
      let lengths = (1...max(1, total / wanted)).filter { $0 + overlaps[$0] >= wanted * $0 }
      guard wanted > 1, total >= wanted, let length = lengths.last else { return nil }
      let first = total - wanted * length
      self.init(
        length: length, starts: (0..<wanted).map { first + $0 * length }, warmup: 0, before: first,
        behind: 0)
      return
    }
    var best = (covered: 0, length: 0)
    for length in stride(from: 1, through: total / 2, by: 1) {
      let run = length + overlaps[length]
      let covered = run - run % length
      if covered >= 2 * length, covered > best.covered { best = (covered, length) }
    }
    guard 2 * best.covered >= total, best.length > 0 else {
      self.init(length: total, starts: [0], warmup: 0, before: 0, behind: 0)
      return
    }
    let length = best.length
    let isWhole = length + overlaps[length] == total
    let first = isWhole ? 0 : total - best.covered
    let warmup = first > 0 && best.covered > length ? 1 : 0
    let starts = stride(from: first + warmup * length, through: total - length, by: length)
    self.init(
      length: length, starts: Array(starts), warmup: warmup, before: first,
      behind: (total - first) % length)
  }

  private init(length: Int, starts: [Int], warmup: Int, before: Int, behind: Int) {
    self.length = length
    self.starts = starts
    self.warmup = warmup
    self.before = before
    self.behind = behind
  }

  /// For each place, how many elements from there on equal those from the beginning on: the Z-function
  /// (Gusfield 1997), O(n).
  static func overlaps(_ list: [Int]) -> [Int] {
    var overlaps = [Int](repeating: 0, count: list.count + 1)
    var (left, right) = (0, 0)
    for place in list.indices.dropFirst() {
      if place < right { overlaps[place] = min(right - place, overlaps[place - left]) }
      while place + overlaps[place] < list.count,
        list[overlaps[place]] == list[place + overlaps[place]]
      {
        overlaps[place] += 1
      }
      if place + overlaps[place] > right { (left, right) = (place, place + overlaps[place]) }
    }
    return overlaps
  }
}
