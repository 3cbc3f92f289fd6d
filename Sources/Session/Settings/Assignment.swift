/// `NAME=VALUE` of `--set`.
public struct Assignment: Codable, Hashable, Sendable {
  /// The param's name.
  public let name: String
  /// Its value.
  public let value: Int

  /// Sets a param.
  public init(name: String, value: Int) {
    self.name = name
    self.value = value
  }

  /// Reads `NAME=VALUE`.
  ///
  /// - Throws: `SettingFault` that says what is wrong with it.
  package static func parse(_ argument: String) throws(SettingFault) -> Assignment {
    let (name, text) = try split(argument)
    guard let value = Int(text) else {
      let why =
        text.contains(",") || text.contains("..")
        ? "one value; several are for `ntprof sweep`" : SettingWords.wanted(text)
      throw SettingFault("'\(name)' takes \(why)")
    }
    return Assignment(name: name, value: value)
  }

  /// The name and what stands behind the `=`.
  package static func split(_ argument: String) throws(SettingFault) -> (
    name: String, value: String
  ) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty else { throw SettingFault("write NAME=VALUE") }
    return (String(parts[0]), String(parts[1]))
  }
}

/// What a number on the command line should have been.
package enum SettingWords {
  /// `integers only, not '1.5'`, as the object of a sentence.
  package static func wanted(_ text: String) -> String {
    if text.isEmpty { return "an integer, and there is none" }
    if text.drop(while: { $0 == "-" || $0 == "+" }).allSatisfy(\.isNumber) {
      return "integers of 64 bits, and '\(text)' has more"
    }
    return "integers only, not '\(text)'"
  }
}
