import Files
import FoundationEssentials

/// A folder for files that nobody else needs, removed with this object.
package final class PrivateFolder {
  /// Its path.
  package let path: String

  /// Makes it under `TMPDIR`, else `/tmp`, for this user alone.
  package init() throws(Failure) {
    let base = Environment.filled("TMPDIR") ?? "/tmp"
    do throws(SystemCallError) {
      path = try FilePlace.makePrivateFolder("\(base)/ntprof-").path
    } catch {
      throw Failure(
        .cannotCreate, "\(base): \(error.reason)",
        remedy: "name a folder that can be written with TMPDIR")
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a name in it.
  package func join(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes raw f32.
  package func write(_ values: [Float], as name: String) throws(Failure) -> String {
    try NewFile.write(join(name)) { (file) throws(Failure) in try file.write(values.span.bytes) }
    return join(name)
  }

  /// Reads raw f32.
  package static func read(_ path: String) throws(Failure) -> [Float] {
    let bytes: [UInt8]
    do throws(FileError) { bytes = try FileReader.read(path) } catch {
      throw Failure(.inputOutput, "\(path): cannot be read: \(error.words)")
    }
    return [Float](unsafeUninitializedCapacity: bytes.count / 4) { buffer, count in
      bytes.withUnsafeBytes { all in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: all[..<(bytes.count / 4 * 4)]))
      }
      count = bytes.count / 4
    }
  }
}
