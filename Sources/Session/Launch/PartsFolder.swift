import Files
import FoundationEssentials
package import Profiling

/// The folder that the nodes of a cluster and this machine share: what is to be measured, and the parts.
///
/// ```
/// node.json            what the nodes are; node-PARTITION.json where machines are an axis
/// wave-1/task-0.json   what a task measures; run.sh, the job; task-0.log, what it said
/// decided/000012.txt   what a point's processes run
/// r0/000012.json       a part: point 12, process 0
/// ```
package struct PartsFolder {
  /// Its path, from the root.
  package let path: String

  /// Names a folder; it need not be there.
  package init(_ path: String) {
    if path.hasPrefix("/") {
      self.path = path
      return
    }
    self.path = "\(FileManager.default.currentDirectoryPath)/\(path)"
  }

  /// Whether it is there.
  package var exists: Bool { FilePlace(path).exists }

  /// The path of a name in it.
  package func join(_ name: String) -> String { "\(path)/\(name)" }

  /// Makes one of its folders, and itself.
  package func make(_ name: String) throws(Failure) -> OutputFolder {
    try OutputFolder(creating: join(name))
  }

  /// The path of a part.
  package func path(of place: MeasuredPart.Place) -> String {
    join("r\(place.round)/\(Self.number(place.item)).json")
  }

  /// The path of what a point's processes run.
  package func decision(of item: Int) -> String { join("decided/\(Self.number(item)).txt") }

  /// The path of the description of the nodes.
  package func nodeKind(_ partition: String?) -> String {
    join(partition.map { "node-\(FileName.safe($0)).json" } ?? "node.json")
  }

  private static func number(_ item: Int) -> String {
    let digits = String(item)
    return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }

  /// Whether a part is there.
  package func holds(_ place: MeasuredPart.Place) -> Bool { FilePlace(path(of: place)).exists }

  /// The places of all parts that are there, and files among them that are none.
  package func places() -> (parts: [MeasuredPart.Place], strange: [String]) {
    var parts: [MeasuredPart.Place] = []
    var strange: [String] = []
    for folder in Self.names(in: path) where folder.hasPrefix("r") {
      guard let round = Int(folder.dropFirst()), round >= 0 else { continue }
      for name in Self.names(in: join(folder)) where !name.hasPrefix(".") {
        guard name.hasSuffix(".json"), let item = Int(name.dropLast(5)), item >= 0 else {
          strange.append(join("\(folder)/\(name)"))
          continue
        }
        parts.append(MeasuredPart.Place(item: item, round: round))
      }
    }
    return (parts.sorted(), strange.sorted())
  }

  /// Numbers of the waves that were begun.
  package func waves() -> [Int] {
    Self.names(in: path).filter { $0.hasPrefix("wave-") }.compactMap { Int($0.dropFirst(5)) }
  }

  private static func names(in folder: String) -> [String] {
    FilePlace(folder).entries
  }

  /// Reads a part.
  package func part(_ place: MeasuredPart.Place) throws(Failure) -> MeasuredPart {
    let path = path(of: place)
    let bytes = try SavedRecord.bytes(path)
    do throws(RecordError) { return try RecordCoding.decodePart(bytes) } catch {
      throw Failure(
        .data, "\(path): no part of a run: \(error)",
        remedy: "move it away; what it was a part of is measured again")
    }
  }

  /// What the nodes are; nil where none has said so yet.
  package func machine(_ partition: String?) throws(Failure) -> NodeKind? {
    let path = nodeKind(partition)
    guard FilePlace(path).exists else { return nil }
    let bytes = try SavedRecord.bytes(path)
    do throws(RecordError) { return try RecordCoding.decodeNodeKind(bytes) } catch {
      throw Failure(.data, "\(path): \(error)", remedy: "move it away")
    }
  }

  /// Writes a file that appears whole, unless somebody else's has the name already.
  ///
  /// - Returns: Whether it is ours.
  @discardableResult
  package static func keep(_ bytes: [UInt8], as path: String) throws(Failure) -> Bool {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    do throws(SystemCallError) {
      return try TemporaryFile(in: folder, holding: bytes).appear(asNew: path)
    } catch {
      throw Failure(.inputOutput, "\(path): \(error.reason)")
    }
  }
}
