internal import Profiling

/// What machines are and deliver, a column each.
struct HardwareFacts {
  private let hardware: HardwareComparison

  init(_ hardware: HardwareComparison) { self.hardware = hardware }

  /// A fact as text or as a rate; of rates the last columns say how they compare.
  private enum Value {
    case text(String?)
    case rate(Double?)
  }

  /// The table: facts in rows, machines in columns, and rates over those of the first.
  func table() -> OverviewTable {
    let letters = hardware.machines.indices.map(Comparison.letter)
    var columns = [
      OverviewTable.Column(key: "fact", head: .init(title: "machine", alignment: .left))
    ]
    columns += letters.map { letter in
      .init(
        key: letter.lowercased(), head: .init(title: letter, alignment: .left, narrowest: 14))
    }
    columns += letters.dropFirst().map { letter in
      .init(
        key: "\(letter.lowercased())_over_a",
        head: .init(title: "\(letter)/A", unit: "×", expendable: 1))
    }
    var table = OverviewTable(
      heading: "Machines",
      remark:
        "Roofs are what was measured on the threads of each run; of a cache it is the rate of "
        + "a working set half its size.", columns: columns)
    for (name, value) in facts {
      let values = hardware.machines.map(value)
      if let row = row(name, values) { table.rows.append(row) }
    }
    return table
  }

  private func row(_ name: String, _ values: [Value]) -> [OverviewTable.Cell]? {
    let cells = values.map { value -> OverviewTable.Cell in
      switch value {
      case .text(let text): text.map { .init($0) } ?? .absent
      case .rate(let rate):
        rate.map { .init(Figures.short($0), raw: $0.description, order: $0) } ?? .absent
      }
    }
    guard cells.contains(where: { $0.text != OverviewTable.Cell.absent.text }) else { return nil }
    let rates = values.map { value -> Double? in
      if case .rate(let rate) = value { rate } else { nil }
    }
    let isRate = rates.contains { $0 != nil }
    let ratios = rates.dropFirst().map { rate -> OverviewTable.Cell in
      guard isRate else { return .init("") }
      guard let rate, let first = rates[0] else { return .absent }
      return .init(
        Figures.short(rate / first), raw: (rate / first).description, order: rate / first)
    }
    return [.init(name)] + cells + ratios
  }

  /// The facts, top down.
  private var facts: [(String, (HardwareComparison.Machine) -> Value)] {
    let levels = Set(hardware.machines.flatMap(\.bandwidths).map(\.level))
    let caches = levels.filter { $0 != "DRAM" }.sorted()
    return identity
      + [
        ("peak f32, GFLOP/s", { .rate(Self.giga($0.machine.rooflines?.peakFlops.f32)) }),
        ("peak bf16, GFLOP/s", { .rate(Self.giga($0.machine.rooflines?.peakFlops.bf16)) }),
        ("peak int8, GOP/s", { .rate(Self.giga($0.machine.rooflines?.peakFlops.int8)) }),
      ]
      + (caches + (levels.contains("DRAM") ? ["DRAM"] : [])).map { level in
        (
          "\(level) reads, GB/s",
          { side in .rate(side.bandwidths.first { $0.level == level }?.gbs) }
        )
      }
      + [
        ("clock under load, GHz", { .rate(Self.giga($0.machine.rooflines?.clockHz)) }),
        (
          "threads of the roofs",
          { .text($0.machine.rooflines.map { String($0.threads) }) }
        ),
        (
          "hand-off between threads",
          { .text($0.machine.rooflines?.handOff.map { TimeUnit.text($0) }) }
        ),
      ] + libraries
  }

  private var identity: [(String, (HardwareComparison.Machine) -> Value)] {
    [
      ("CPU", { .text($0.machine.cpu) }),
      ("microarchitecture", { .text($0.machine.microarchitecture) }),
      ("best vector ISA", { .text($0.machine.isa.isEmpty ? nil : $0.machine.isa) }),
      (
        "cores",
        { side in
          .text(
            side.machine.cores.map { cores in
              "\(cores)" + (side.machine.threads.map { " (\($0) logical)" } ?? "")
            })
        }
      ),
      ("caches", { .text(Self.caches($0.machine)) }),
      ("memory", { .text($0.machine.memoryBytes.map { Figures.binaryBytes($0) }) }),
      ("virtualized", { .text($0.machine.virtualized.map { $0 ? "yes" : "no" }) }),
    ]
  }

  private var libraries: [(String, (HardwareComparison.Machine) -> Value)] {
    [
      ("engine", { .text($0.machine.engine.map { EngineText.version($0) }) }),
      (
        "oneDNN",
        { .text($0.machine.onednn.map { "\($0.version), \($0.isa), \($0.runtime)" }) }
      ),
      ("kernel", { .text($0.machine.kernel) }), ("OS", { .text($0.machine.os) }),
      ("governor", { .text($0.machine.governor) }),
      ("network, median", { .text($0.timeNs.map { TimeUnit.precise($0) }) }),
      ("layers, of their roof", { .text($0.roofFraction.map { "\(Figures.percent($0)) %" }) }),
    ]
  }

  private static func caches(_ machine: MachineInfo) -> String? {
    let texts = machine.caches.filter { $0.kind != "instruction" }.map { cache in
      "L\(cache.level) \(Figures.binaryBytes(cache.bytes))"
    }
    return texts.isEmpty ? nil : texts.joined(separator: ", ")
  }

  private static func giga(_ value: Double?) -> Double? {
    value.flatMap { $0 > 0 && $0.isFinite ? $0 / 1e9 : nil }
  }
}
