import Files
import FoundationEssentials
import TopologyXML

/// The networks that come with ntprof: the XML files of one folder, each known by its file's name.
package enum BundledTopologies {
  /// The folder: `$NTPROF_TOPOLOGIES`; else `share/ntprof/topologies` of the prefix that the program
  /// is installed under; else `topologies` of the source tree that it was built in.
  package static let folder: String? = {
    if let folder = Environment.filled("NTPROF_TOPOLOGIES") { return folder }
    let files = FileManager.default
    guard let program = try? files.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
      return nil
    }
    var base = URL(filePath: program).deletingLastPathComponent()
    let installed = base.deletingLastPathComponent().appending(path: "share/ntprof/topologies")
    if isFolder(installed.path) { return installed.path }
    // PACKAGE/.build/TRIPLE/release/ntprof
    while base.pathComponents.count > 1 {
      base.deleteLastPathComponent()
      let own = base.appending(path: "topologies")
      if isFile(own.appending(path: "topology.xsd").path),
        isFile(base.appending(path: "Package.swift").path)
      {
        return own.path
      }
    }
    return nil
  }()

  /// Their names, sorted.
  package static let names: [String] = {
    guard let folder else { return [] }
    return FilePlace(folder).entries.filter { $0.hasSuffix(".xml") }
      .map { String($0.dropLast(4)) }.sorted()
  }()

  /// The file of the bundled network `name`.
  package static func file(of name: String) -> String { "\(folder ?? ".")/\(name).xml" }

  /// What to read for a topology that somebody names: a file of that name if there is one, else the
  /// bundled network's; else the name as it is, for an error to say.
  package static func path(for name: String) -> String {
    !name.contains("/") && !isFile(name) && names.contains(name) ? file(of: name) : name
  }

  /// What to do about a file that is not there.
  package static func hint(forMissing path: String) -> String? {
    guard !path.contains("/"), !path.hasSuffix(".json"), !names.isEmpty else { return nil }
    let word = path.hasSuffix(".xml") ? String(path.dropLast(4)) : path
    let near = names.contains(word) ? word : Suggestion.nearest(to: word, among: names)
    return near.map { "did you mean the bundled '\($0)'?" }
      ?? "'ntprof list' names the bundled networks"
  }

  private static func isFile(_ path: String) -> Bool { FilePlace(path).kind == .file }
  private static func isFolder(_ path: String) -> Bool { FilePlace(path).kind == .folder }
}

extension BundledTopologies {
  /// What a topology's opening comment calls it, with the paper's number: `VDSR (arXiv:1511.04587)`.
  ///
  /// The comment begins with the name, as far as the first colon.
  package static func title(_ bytes: [UInt8]) -> String? {
    let head = String(decoding: bytes.prefix(8192), as: UTF8.self)
    guard let open = head.firstRange(of: "<!--"),
      let close = head[open.upperBound...].firstRange(of: "-->")
    else { return nil }
    let words = head[open.upperBound..<close.lowerBound].split(whereSeparator: \.isWhitespace)
      .joined(separator: " ")
    guard let colon = words.firstIndex(of: ":") else { return nil }
    let name = String(words[..<colon])
    let papers = words.matches(of: /arXiv:[0-9]{4}\.[0-9]{4,5}/).map { String($0.output) }
    return papers.first.map { "\(name) (\($0))" } ?? name
  }
}
