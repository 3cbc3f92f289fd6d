/// The names of a model's values, each used once.
struct NameTable {
  private var used: Set<String> = []
  private var counts: [String: Int] = [:]

  /// Takes a name that is known to be free.
  mutating func claim(_ name: String) { used.insert(name) }

  /// `wanted`, or with a number behind it when that is taken.
  mutating func unique(_ wanted: String) -> String {
    if used.insert(wanted).inserted { return wanted }
    var number = counts[wanted, default: 1]
    repeat { number += 1 } while !used.insert("\(wanted)_\(number)").inserted
    counts[wanted] = number
    return "\(wanted)_\(number)"
  }
}
