import ArgumentParser
import Engines
import Session
import TopologyXML

/// `--engines A,B,…`.
struct EngineList {
  /// The engines, the baseline's first.
  let names: [EngineName]

  /// Reads the names.
  ///
  /// - Throws: `ValidationError` that names what is no engine.
  init(_ text: String) throws {
    names = try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
      guard let engine = EngineName(rawValue: String(word)) else {
        let known = EngineName.allCases.map(\.rawValue)
        let meant = Suggestion.nearest(to: String(word), among: known)
        throw ValidationError(
          "'\(word)' is none of \(known.joined(separator: ", "))"
            + (meant.map { "; did you mean '\($0)'?" } ?? ""))
      }
      return engine
    }
  }
}
