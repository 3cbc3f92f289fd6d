import Files
import FoundationEssentials
import Machine
package import Profiling

/// What is worth keeping between runs on one machine, under `$XDG_CACHE_HOME/ntprof`.
///
/// It is only a cache: a file that cannot be read or written means doing the work again.
package enum CacheFolder {
  /// Its path; nil where neither variable names one.
  package static var path: String? {
    if let base = Environment.filled("XDG_CACHE_HOME") { return "\(base)/ntprof" }
    return Environment.filled("HOME").map { "\($0)/.cache/ntprof" }
  }

  /// A name that stands for a machine, its library and a capped instruction set.
  package static func name(_ kind: String, for machine: MachineInfo, threads: Int, isa: String?)
    -> String
  {
    let key = [
      machine.cpu, machine.isa, "\(machine.cores ?? 1)", "\(machine.lastLevelCacheBytes)",
      machine.kernel ?? "", machine.onednn?.version ?? "", machine.onednn?.isa ?? "", isa ?? "",
    ].joined(separator: "|")
    return "\(kind)-\(SHA256.hexDigest(of: Array(key.utf8)).prefix(16))-t\(threads).json"
  }

  /// A value that was kept; `nil` when there is none that can be read.
  package static func load<Value: Decodable>(_ type: Value.Type, _ name: String) -> Value? {
    guard let path, let bytes = try? FileReader.read("\(path)/\(name)") else { return nil }
    return try? CheckedJSON.decode(type, from: bytes)
  }

  /// Keeps a value.
  package static func store(_ value: some Encodable, as name: String) {
    guard let path, let data = try? JSONEncoder().encode(value),
      let target = try? OutputFolder(creating: path)
    else { return }
    _ = try? target.write(Array(data), as: name)
  }
}
