/// A text of `Name: value` lines, as `/proc/meminfo` and `/proc/self/status` are.
struct StatusFields {
  private let values: [Substring: Substring]

  /// Reads the text; the first line of a name counts.
  init(_ text: String) {
    var values: [Substring: Substring] = [:]
    for line in text.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let name = line[..<colon].trimmingSpace()
      if values[name] == nil { values[name] = line[line.index(after: colon)...].trimmingSpace() }
    }
    self.values = values
  }

  /// The value of a name.
  subscript(name: String) -> String? { values[name[...]].map(String.init) }

  /// The number of a name.
  func number(_ name: String) -> Int? {
    values[name[...]]?.split(separator: " ").first.flatMap { Int($0) }
  }

  /// The number of a name in bytes; `kB` in these files means 1024 bytes.
  func bytes(_ name: String) -> Int? {
    guard let number = number(name) else { return nil }
    return values[name[...]]?.hasSuffix("kB") == true ? number * 1024 : number
  }
}
