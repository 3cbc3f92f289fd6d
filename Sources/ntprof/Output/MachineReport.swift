import Profiling
import Session

/// What `ntprof machine` prints.
struct MachineReport {
  private let file: MachineFile
  private var machine: MachineInfo { file.machine }
  private var sources: [SourceAvailability] { file.sources }

  init(_ file: MachineFile) { self.file = file }

  /// The record's `machine` plus `sources` and whatever else is known of it, as JSON.
  var json: [UInt8] { RecordCoding.encode(file) }

  /// The same for people.
  var table: [UInt8] {
    var lines = ["machine"]
    lines.append("  cpu            \(machine.cpu) (\(machine.vendor ?? "vendor not known"))")
    lines.append(
      "  cores          \(machine.cores ?? 1) physical, \(machine.threads ?? 1) logical"
        + (machine.virtualized == true ? ", virtualized" : ""))
    lines.append("  isa            \(machine.isa)")
    for cache in machine.caches where cache.kind != "instruction" {
      let ways = cache.ways.map { ", \($0) ways" } ?? ""
      lines.append("  L\(cache.level) \(pad(cache.kind, 12))\(Quantity.bytes(cache.bytes))\(ways)")
    }
    lines.append("  memory         \(Quantity.bytes(machine.memoryBytes ?? 0))")
    lines.append(
      "  kernel         \(machine.kernel ?? "unknown"), governor \(machine.governor ?? "not shown by the kernel")"
    )
    if let library = machine.onednn {
      lines.append("  oneDNN         \(library.version), \(library.isa), \(library.runtime)")
    }
    if let papi = machine.papi {
      lines.append("  PAPI           \(papi.version), \(papi.hardwareCounters) hardware counters")
    }
    lines += ["", "counter sources"]
    for source in sources {
      lines.append("  \(pad(source.name, 15))\(source.available ? "available" : "not available")")
      if let reason = source.reason { lines.append("                 why: \(reason)") }
      if let remedy = source.remedy, !source.available {
        lines.append("                 do:  \(remedy)")
      }
    }
    if let roofs = machine.rooflines { lines += [""] + rooflines(roofs) }
    if !file.roofs.isEmpty {
      let others = file.roofs.map { known in
        let threads = known.rooflines.threads
        return "\(threads) thread\(threads == 1 ? "" : "s")" + (known.isa.map { " \($0)" } ?? "")
      }
      lines += ["", "also known, and in --format json: " + others.joined(separator: "; ")]
    }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  private func rooflines(_ roofs: Rooflines) -> [String] {
    var lines = ["rooflines, \(roofs.threads) thread\(roofs.threads == 1 ? "" : "s")"]
    lines.append("  peak f32       \(digits(roofs.peakFlops.f32 / 1e9)) GFLOP/s")
    if let rate = roofs.registerFlops {
      lines.append("  in registers   \(digits(rate / 1e9)) GFLOP/s of multiply-adds")
    }
    if let handOff = roofs.handOff {
      lines.append("  hand-off       \(digits(handOff)) ns for a cache line between threads")
    }
    lines.append("  core clock     \(digits(roofs.clockHz / 1e9)) GHz under load")
    let top = roofs.bandwidth.map(\.gbs).max() ?? 1
    for point in roofs.bandwidth {
      let bar = String(repeating: "█", count: max(1, Int(rounding: point.gbs / top * 40)))
      lines.append(
        "  \(pad(Quantity.bytes(point.bytes), 15))\(pad("\(digits(point.gbs)) GB/s", 14))\(pad(bar, 42))"
          + (point.copyGbs.map { "copying \(digits($0)) GB/s" } ?? ""))
    }
    return lines
  }

  private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private func digits(_ value: Double) -> String {
    let scale = value >= 100 ? 1.0 : value >= 10 ? 10.0 : 100.0
    let rounded = (value * scale).rounded() / scale
    return scale == 1 ? "\(Int(rounded))" : "\(rounded)"
  }
}
