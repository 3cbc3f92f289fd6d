package import Profiling
import TopologyXML

/// Records in files.
package enum SavedRecord {
  /// Whether a path names a record rather than a topology: by its extension.
  package static func looksLikeOne(_ path: String) -> Bool { path.hasSuffix(".json") }

  /// Reads a file.
  package static func bytes(_ path: String) throws(Failure) -> [UInt8] {
    do throws(TopologyReadError) { return try FileLoader.load(path, limit: 1 << 30) } catch {
      throw Failure(error)
    }
  }

  /// Reads a record.
  package static func load(_ path: String) throws(Failure) -> RunRecord {
    let bytes = try bytes(path)
    do throws(RecordError) { return try RecordCoding.decode(bytes) } catch {
      throw Failure(.data, "\(path): \(error)")
    }
  }
}
