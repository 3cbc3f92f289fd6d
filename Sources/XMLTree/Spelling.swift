/// Finds what a misspelt word may have meant.
public enum Spelling {
  /// The candidate nearest to `word`, if one is near enough to be meant.
  ///
  /// Near is one slip (insertion, deletion, substitution or swap of neighbours) in every three
  /// characters, at least one.
  public static func suggestion(
    for word: String, among candidates: some Sequence<String>
  ) -> String? {
    guard word.unicodeScalars.count <= 64 else { return nil }
    let limit = max(1, word.unicodeScalars.count / 3)
    var best: (word: String, distance: Int)?
    for candidate in candidates where candidate.unicodeScalars.count <= 64 {
      let distance = distance(word, candidate)
      // A word of which nothing is left is another word, not a slip.
      let length = max(word.unicodeScalars.count, candidate.unicodeScalars.count)
      guard distance <= limit, distance < length, distance < (best?.distance ?? .max) else {
        continue
      }
      best = (candidate, distance)
    }
    return best?.word
  }

  /// The optimal string alignment distance, ignoring case.
  static func distance(_ left: String, _ right: String) -> Int {
    let a = Array(left.lowercased().unicodeScalars)
    let b = Array(right.lowercased().unicodeScalars)
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var value = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          value = min(value, beforeLast[j - 1] + 1)
        }
        row.append(value)
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }
}
