import Execution
import FoundationEssentials
import Glibc
import Machine
import Profiling

/// The measured roofs, cached per machine, thread count, ISA and library version.
///
/// The cache is only a cache: a file that cannot be read or written means measuring again.
enum Calibration {
  static func rooflines(
    for machine: MachineInfo, threads: Int, isa: String?, quiet: Bool, fresh: Bool = false
  ) throws(Failure) -> Rooflines {
    let name = fileName(for: machine, threads: threads, isa: isa)
    if !fresh, let cached = load(name), isSound(cached, threads: threads) { return cached }
    if !quiet { Console.progress("calibrating peak rate and bandwidth (\(threads) threads)…") }
    defer { Console.clearProgress() }
    let measured = try measure(threads: threads)
    store(measured, as: name)
    return measured
  }

  /// Measures the roofs now.
  static func measure(threads: Int) throws(Failure) -> Rooflines {
    do {
      let peak = try PeakRate.f32(threads: threads)
      let bf16 = try PeakRate.narrow(.bf16, threads: threads)
      let int8 = try PeakRate.narrow(.int8, threads: threads)
      let curve = try Bandwidth.curve(threads: threads)
      let clock = try CoreClock.measure(threads: threads)
      return Rooflines(
        peakFlops: .init(f32: peak, bf16: bf16, int8: int8),
        bandwidth: curve.map { .init(bytes: $0.bytes, gbs: $0.bytesPerSecond / 1e9) },
        clockHz: clock, threads: threads)
    } catch {
      throw Failure(.software, "calibration failed: \(error)")
    }
  }

  /// Whether cached roofs can be used: for these threads, and every rate a positive number.
  private static func isSound(_ roofs: Rooflines, threads: Int) -> Bool {
    let peaks = [roofs.peakFlops.bf16, roofs.peakFlops.int8].compactMap(\.self)
    let rates = [roofs.peakFlops.f32, roofs.clockHz] + peaks + roofs.bandwidth.map(\.gbs)
    return roofs.threads == threads && !roofs.bandwidth.isEmpty
      && rates.allSatisfy { $0.isFinite && $0 > 0 }
  }

  private static func fileName(for machine: MachineInfo, threads: Int, isa: String?) -> String {
    let key = [
      machine.cpu, machine.isa, "\(machine.cores)", "\(machine.lastLevelCacheBytes)",
      machine.kernel, machine.onednn?.version ?? "", machine.onednn?.isa ?? "", isa ?? "",
    ].joined(separator: "|")
    return "roofs-2-\(SHA256.hexDigest(of: Array(key.utf8)).prefix(16))-t\(threads).json"
  }

  private static var folder: String? {
    func variable(_ name: String) -> String? {
      getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    if let base = variable("XDG_CACHE_HOME") { return "\(base)/ntprof" }
    return variable("HOME").map { "\($0)/.cache/ntprof" }
  }

  private static func load(_ name: String) -> Rooflines? {
    guard let folder, let data = try? Data(contentsOf: URL(filePath: "\(folder)/\(name)")) else {
      return nil
    }
    return try? JSONDecoder().decode(Rooflines.self, from: data)
  }

  private static func store(_ roofs: Rooflines, as name: String) {
    guard let folder, let data = try? JSONEncoder().encode(roofs),
      let target = try? OutputFolder(creating: folder)
    else { return }
    _ = try? target.write(Array(data), as: name)
  }
}
