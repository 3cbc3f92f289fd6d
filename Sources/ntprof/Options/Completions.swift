import ArgumentParser
import Files
import Session
import Topology
import TopologyXML

/// What a shell offers for the word at the cursor, where that depends on files.
///
/// The shells' scripts ask the program itself, with the words of the command line as they stand.
enum Completions {
  /// Bundled networks and topology files.
  static let topology = CompletionKind.custom { _, _, prefix in
    BundledTopologies.names.filter { $0.hasPrefix(prefix) } + files(prefix, ["xml", "onnx"])
  }

  /// The same and saved records.
  static let topologyOrRecord = CompletionKind.custom { _, _, prefix in
    BundledTopologies.names.filter { $0.hasPrefix(prefix) }
      + files(prefix, ["xml", "onnx", "json"])
  }

  /// What `--layers` selects of the topology that the command names: the last term of the list.
  static let layers = CompletionKind.custom { words, index, prefix in
    let parts = split(prefix, after: [","])
    let range = parts.last.firstRange(of: "..").map { String(parts.last[..<$0.upperBound]) } ?? ""
    let head = parts.head + range
    guard let graph = topology(words, cursor: index)?.graph else { return [] }
    var terms = graph.layers.map(\.name)
    if range.isEmpty { terms += graph.segments.map { "@\($0.name)" } }
    if parts.head.isEmpty, range.isEmpty { terms = ["all", "marked"] + terms }
    return terms.map { head + $0 }.filter { $0.hasPrefix(prefix) }
  }

  /// The params that `--set` overrides, each as `NAME=`; behind `=` the value in the file.
  static let params = CompletionKind.custom { words, index, prefix in
    guard let parameters = topology(words, cursor: index)?.document?.parameters else { return [] }
    return parameters.sorted { $0.key < $1.key }.map { name, value in
      prefix.hasPrefix("\(name)=") ? "\(name)=\(value)" : "\(name)="
    }.filter { $0.hasPrefix(prefix) }
  }

  /// Words joined by commas, each once.
  static func list(_ choices: [String]) -> CompletionKind {
    .custom { _, _, prefix in
      let parts = split(prefix, after: [","])
      let taken = parts.head.split(separator: ",").map(String.init)
      return choices.filter { !taken.contains($0) }.map { parts.head + $0 }
        .filter { $0.hasPrefix(prefix) }
    }
  }

  /// A text's last part, and all before it.
  private static func split(
    _ text: String, after separators: Set<Character>
  ) -> (head: String, last: String) {
    guard let end = text.lastIndex(where: separators.contains) else { return ("", text) }
    let next = text.index(after: end)
    return (String(text[..<next]), String(text[next..<text.endIndex]))
  }

  /// The first word that names a topology, read; nil where none does, or it is invalid.
  private static func topology(_ words: [String], cursor: Int) -> LoadedTopology? {
    for (index, word) in words.enumerated()
    where index > 1 && index != cursor && !word.hasPrefix("-") {
      let path = BundledTopologies.path(for: unquoted(word))
      guard path.hasSuffix(".xml") || path.hasSuffix(".onnx") else { continue }
      if let loaded = try? LoadedTopology(NetworkSettings(path)) { return loaded }
    }
    return nil
  }

  /// A word of a shell without its quotes; bash and zsh pass them on.
  private static func unquoted(_ word: String) -> String {
    var text = ""
    var isEscaped = false
    for character in word {
      if isEscaped {
        text.append(character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if character != "'", character != "\"" {
        text.append(character)
      }
    }
    return text
  }

  /// Folders and files with one of the extensions whose paths begin with `prefix`.
  private static func files(_ prefix: String, _ extensions: [String]) -> [String] {
    let parts = split(prefix, after: ["/"])
    let folder = parts.head.isEmpty ? "." : parts.head
    return FilePlace(folder).entries.sorted().compactMap { name in
      guard name.hasPrefix(parts.last), name.hasPrefix(".") == parts.last.hasPrefix(".") else {
        return nil
      }
      if FilePlace("\(folder)/\(name)").kind == .folder { return "\(parts.head)\(name)/" }
      return extensions.contains { name.hasSuffix(".\($0)") } ? parts.head + name : nil
    }
  }
}
