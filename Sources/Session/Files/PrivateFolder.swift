import FoundationEssentials
import Glibc

/// A folder for files that nobody else needs, removed with this object.
package final class PrivateFolder {
  /// Its path.
  package let path: String

  /// Makes it under `TMPDIR`, else `/tmp`, for this user alone.
  package init() throws(Failure) {
    let base = getenv("TMPDIR").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    // mkdtemp puts six characters of its own for as many X.
    var template = Array(
      "\(base ?? "/tmp")/ntprof-\(String(repeating: "X", count: 6))".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Failure(
        .cannotCreate, "\(base ?? "/tmp"): \(String(cString: strerror(errno)))",
        remedy: "name a folder that can be written with TMPDIR")
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a name in it.
  package func join(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes raw f32.
  package func write(_ values: [Float], as name: String) throws(Failure) -> String {
    try NewFile.write(join(name)) { (file) throws(Failure) in
      var problem: Failure?
      values.withUnsafeBytes { bytes in
        do throws(Failure) { try file.write(bytes) } catch { problem = error }
      }
      if let problem { throw problem }
    }
    return join(name)
  }

  /// Reads raw f32.
  package static func read(_ path: String) throws(Failure) -> [Float] {
    guard let data = try? Data(contentsOf: URL(filePath: path)) else {
      throw Failure(.inputOutput, "\(path): cannot be read")
    }
    return [Float](unsafeUninitializedCapacity: data.count / 4) { buffer, count in
      count = data.copyBytes(to: buffer) / 4
    }
  }
}
