/// The groups of a convolution: equal parts of the input's channels and of the filters.
enum Grouping {
  /// Checks that groups divide both.
  ///
  /// - Throws: ``ShapeError`` that says what they do not divide, and which numbers would.
  static func check(_ groups: Int, channels: Int, filters: Int) throws(ShapeError) {
    var odd: [String] = []
    if !channels.isMultiple(of: groups) {
      odd.append("the \(channels) channel\(channels == 1 ? "" : "s") of the input")
    }
    if !filters.isMultiple(of: groups) {
      odd.append("its \(filters) filter\(filters == 1 ? "" : "s")")
    }
    guard !odd.isEmpty else { return }
    let common = divisor(channels, filters)
    let remedy = common == 1 ? "only one group does" : "\(common) and its divisors do"
    throw ShapeError("\(groups) groups do not divide \(odd.joined(separator: " and ")); \(remedy)")
  }

  private static func divisor(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }
}
