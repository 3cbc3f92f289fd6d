/// The kernel's way to write a set of CPUs: `0-3,8,10-11`.
public enum CPUList {
  /// The numbers in the list, ascending; parts that are no numbers are left out.
  public static func parse(_ text: String) -> [Int] {
    var found: Set<Int> = []
    for part in text.trimmingSpace().split(separator: ",") {
      let ends = part.split(separator: "-").compactMap { Int($0.trimmingSpace()) }
      guard let first = ends.first, let last = ends.last, first <= last, last < 1 << 20 else {
        continue
      }
      found.formUnion(first...last)
    }
    return found.sorted()
  }

  /// The list of some numbers: `0-3,8`.
  public static func text(_ numbers: [Int]) -> String {
    var runs: [ClosedRange<Int>] = []
    for number in Set(numbers).sorted() {
      if let last = runs.last, last.upperBound + 1 == number {
        runs[runs.count - 1] = last.lowerBound...number
      } else {
        runs.append(number...number)
      }
    }
    return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ",")
  }
}
