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
}
