import Files
import FoundationEssentials
import FuzzTargets

/// The documents that changes begin from, as files: every process that reads them sees the same.
///
/// Some seeds are made anew each time and are never twice the same, such as what a search finds.
enum Corpus {
  /// A word that names what is asked of the program itself: `--list`, or `--seeds FOLDER [TARGET…]`.
  ///
  /// - Returns: The exit status of what was asked; nil where the words ask for something else.
  static func answer(_ words: [String]) -> Int32? {
    switch words.first {
    case "--list":
      for target in FuzzTarget.all { print(target.name) }
      return 0
    case "--seeds":
      guard words.count > 1, let targets = targets(Array(words.dropFirst(2))) else { return 64 }
      return targets.allSatisfy { write($0, below: words[1]) } ? 0 : 73
    default: return nil
    }
  }

  /// The readers of these names, all of them of none; nil where one is unknown.
  static func targets(_ names: [String]) -> [FuzzTarget]? {
    if names.isEmpty { return FuzzTarget.all }
    let found = names.compactMap { name in FuzzTarget.all.first { $0.name == name } }
    if found.count < names.count { print("a reader is none of --list") }
    return found.count == names.count ? found : nil
  }

  /// Writes the seeds of a reader, and what once crashed it, into a folder of its name.
  static func write(_ target: FuzzTarget, below folder: String) -> Bool {
    let place = "\(folder)/\(target.name)"
    let documents =
      target.seeds().enumerated().map { ("seed-\($0)", $1) }
      + target.crashes.enumerated().map { ("crash-\($0)", $1) }
    do {
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
      for (name, bytes) in documents {
        try Data(bytes).write(to: URL(filePath: "\(place)/\(name)"))
      }
      return true
    } catch {
      print("\(place): \(error)")
      return false
    }
  }

  /// What lies in the folder of a reader, in the order of the names.
  static func read(_ target: FuzzTarget, below folder: String) -> [[UInt8]] {
    let place = "\(folder)/\(target.name)"
    return FilePlace(place).entries.sorted().compactMap {
      (try? Data(contentsOf: URL(filePath: "\(place)/\($0)"))).map { Array($0) }
    }
  }
}
