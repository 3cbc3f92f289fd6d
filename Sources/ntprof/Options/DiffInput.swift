import Files
import Session

/// One input of `diff`: a file, and params that are set for it alone.
struct DiffInput {
  /// The file.
  let path: String
  /// Its own params.
  let assignments: [Assignment]

  /// Reads `FILE` or `FILE:NAME=VALUE,…`: the text behind the last `:` that has a `=` after it.
  ///
  /// A file whose whole name has that form is taken as it is.
  init(_ argument: String) throws(Failure) {
    guard let colon = argument.lastIndex(of: ":"), argument[colon...].contains("="),
      !FilePlace(argument).exists
    else {
      path = argument
      assignments = []
      return
    }
    path = String(argument[..<colon])
    var list: [Assignment] = []
    for text in argument[argument.index(after: colon)...].split(
      separator: ",", omittingEmptySubsequences: false)
    {
      do throws(SettingFault) { list.append(try Assignment.parse(String(text))) } catch {
        throw Failure(
          .usage, "\(argument): '\(text)': \(error)",
          remedy: "like \(path):hidden=1024, several joined by commas")
      }
    }
    assignments = list
  }
}
