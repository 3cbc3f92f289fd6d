public import Profiling

/// What another program measured of a network, before it is a record.
public struct ImportedProfile: Sendable {
  /// A primitive, or a node of another engine, and how long it took in each pass.
  public struct Part: Sendable {
    /// Without its time.
    public var primitive: PrimitiveRecord
    /// Its time in each pass, ns.
    public var samples: [Double]

    /// Describes a primitive.
    public init(_ primitive: PrimitiveRecord, samples: [Double]) {
      self.primitive = primitive
      self.samples = samples
    }
  }

  /// A layer as far as the file tells: its row without times, and what ran for it.
  public struct Row: Sendable {
    /// The row.
    public var layer: LayerRecord
    /// What ran for it, in order.
    public var parts: [Part]

    /// Its time in each pass, ns.
    var samples: [Double] {
      guard var sum = parts.first?.samples else { return [] }
      for part in parts.dropFirst() {
        for (place, value) in part.samples.enumerated() where place < sum.count {
          sum[place] += value
        }
      }
      return sum
    }
  }

  /// What made the file.
  public var origin: RunRecord.Origin
  /// The layers in the order of execution.
  public var rows: [Row]
  /// The whole passes where the file tells more than the sum of their layers, ns.
  public var passes: [Double]?
  /// The latency of a pass nobody looked into, ns; nil where the file does not say.
  public var latency: Double?
  /// Samples a second; nil where the file does not say.
  public var throughput: Double?
  /// Batch size; nil where the file does not say.
  public var batch: Int?
  /// Threads; nil where the file does not say.
  public var threads: Int?
  /// `f32`, `bf16`, `f16` or `int8`.
  public var precision = PrecisionName.f32
  /// Whether post-operations were fused.
  public var fusion = true
  /// Passes left out because they warmed up.
  public var warmup: Int?
  /// The vector ISA; empty where the file does not say.
  public var isa = ""
  /// The library, where it is oneDNN.
  public var onednn: MachineInfo.OneDNN?
  /// What the reader of the record should know.
  public var warnings: [Warning] = []

  init(origin: RunRecord.Origin, rows: [Row]) {
    self.origin = origin
    self.rows = rows
  }

  /// The number of passes that were measured.
  public var passCount: Int { rows.map(\.samples.count).max() ?? 0 }
}

extension ImportedProfile {
  /// The record, of a network's name and file, the time (RFC 3339), and who imports.
  public func record(
    topology: TopologyInfo, created: String, tool: Tool, command: [String]
  ) -> RunRecord {
    var layers: [LayerRecord] = []
    var names: Set<String> = []
    for (index, row) in rows.enumerated() {
      var layer = row.layer
      layer.index = index
      var number = 2
      while !names.insert(layer.name).inserted {
        layer.name = "\(row.layer.name)_\(number)"
        number += 1
      }
      layer.primitives = row.parts.map { part in
        var primitive = part.primitive
        primitive.time = part.samples.isEmpty ? nil : TimeSummary(samples: part.samples)
        return primitive
      }
      let samples = row.samples
      if samples.isEmpty {
        layer.untimed = layer.fusedInto == nil ? layer.untimed ?? .notMeasured : .fused
      } else {
        let time = TimeSummary(samples: samples)
        layer.time = time
        if time.median > 0, layer.costsUnknown != true {
          layer.metrics[.gflopsPerSecond] = Double(layer.flops) / time.median
          layer.metrics[.gigabytesPerSecond] = Double(layer.bytes.total) / time.median
        }
      }
      layers.append(layer)
    }
    func sum(_ part: (LayerRecord) -> Int) -> Int {
      // Beyond what records hold nothing more is added.
      layers.reduce(0) {
        let (sum, overflow) = $0.addingReportingOverflow(part($1))
        return overflow ? Int(NumberRange.largestWhole) : min(sum, Int(NumberRange.largestWhole))
      }
    }
    var options = RunOptions(
      batch: batch ?? 1, threads: threads, precision: precision, iterations: passCount,
      warmup: warmup, fusion: fusion, seed: nil, counters: "none")
    options.iterations = passCount > 0 ? passCount : nil
    var machine = MachineInfo(
      cpu: "CPU not recorded", vendor: nil, cores: nil, threads: nil, isa: isa, caches: [],
      memoryBytes: nil, kernel: nil, governor: nil, virtualized: nil)
    machine.onednn = onednn
    var record = RunRecord(
      created: created, tool: tool, command: command, topology: topology, options: options,
      machine: machine,
      totals: layers.allSatisfy { $0.costsUnknown == true }
        ? Totals(unknownOf: layers.count)
        : Totals(
          layers: layers.count, parameters: sum(\.parameters), macs: sum(\.macs),
          flops: sum(\.flops), bytes: sum(\.bytes.total)), layers: layers, warnings: warnings)
    record.origin = origin
    fillPasses(&record)
    record.shareOut()
    return record
  }

  private func fillPasses(_ record: inout RunRecord) {
    let times = rows.map(\.samples).filter { !$0.isEmpty }
    guard let count = times.map(\.count).min() else { return }
    let sums = (0..<count).map { pass in times.reduce(0) { $0 + $1[pass] } }
    if let passes, passes.count == count {
      record.timedPass = TimedPass(time: TimeSummary(samples: passes))
      let rest = zip(passes, sums).map { $0 - $1 }
      record.unattributed = Unattributed(time: TimeSummary(samples: rest), share: 0)
    } else {
      record.timedPass = TimedPass(time: TimeSummary(samples: sums))
    }
    guard let latency, latency > 0 else { return }
    record.endToEnd = EndToEnd(
      time: TimeSummary(samples: [latency]),
      throughputPerSecond: throughput ?? Double(record.options.batch) / (latency * 1e-9))
  }
}
