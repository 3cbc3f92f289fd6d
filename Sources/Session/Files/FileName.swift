/// Names of topologies as parts of file names.
package enum FileName {
  /// Most bytes of a part: file systems allow 255 for a name with its stamp and extension.
  package static let limit = 180

  /// `name` without what a path, a terminal or a shell's user would trip over: separators, white
  /// space, control and formatting characters; cut at a character within ``limit`` bytes.
  package static func safe(_ name: String) -> String {
    var result = ""
    var size = 0
    for character in name {
      let clean = String(
        String.UnicodeScalarView(character.unicodeScalars.map { isPlain($0) ? $0 : "_" }))
      size += clean.utf8.count
      guard size <= limit else { break }
      result += clean
    }
    return result
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == "/" || scalar == "\\" || scalar.properties.isWhitespace { return false }
    switch scalar.properties.generalCategory {
    case .control, .format, .privateUse, .surrogate, .unassigned: return false
    default: return true
    }
  }
}
