internal import Profiling

/// The columns that a record fills.
struct LayerColumns {
  let record: RunRecord
  /// The unit of the time column.
  let unit: TimeUnit

  init(_ record: RunRecord) {
    self.record = record
    let times =
      record.layers.compactMap { $0.time?.median ?? $0.predicted?.leastNs }
      + [record.sumOfMedians ?? record.predictedNs ?? 0]
    unit = TimeUnit(largest: times.max() ?? 0)
  }

  /// Whether anything was timed.
  var isMeasured: Bool { record.layers.contains { $0.time != nil } }

  /// What the row of the time outside the layers' rows is called.
  ///
  /// With `--layers` most of it are the layers outside.
  var restName: String {
    record.layers.contains { $0.whyUntimed == .notMeasured }
      ? "layers not measured" : "unattributed"
  }

  /// The columns of a table: those of the place that have a value in some row.
  func table() -> [LayerColumn] {
    let place: LayerColumn.Places = isMeasured ? .measured : .shown
    return all().filter { column in
      column.places.contains(place) && record.layers.contains { column.cell($0) != nil }
    }
  }

  /// The columns for other programs: always the same ones, then the events the record has.
  func data() -> [LayerColumn] { all().filter { $0.places.contains(.data) } }

  private func all() -> [LayerColumn] {
    identity() + analytic() + timing() + rates() + predicted() + bound() + events()
      + implementation()
  }

  private func identity() -> [LayerColumn] {
    let precisions = Set(record.layers.map(\.precision))
    let mixed: LayerColumn.Places = precisions.count > 1 ? .everywhere : .data
    return [
      LayerColumn(
        key: "index", title: "#", help: "place in the order of execution",
        places: .everywhere
      ) { .count($0.index) { Figures.fixed($0, 0) } },
      LayerColumn(
        key: "name", title: "layer", help: "the layer's name", alignment: .left,
        places: .everywhere, narrowest: 24
      ) { .text($0.name) },
      LayerColumn(
        key: "kind", title: "kind", help: "its costliest primitive", alignment: .left,
        places: .everywhere, narrowest: 9, expendable: 3
      ) { .text($0.kind) },
      LayerColumn(
        key: "segments", title: "segments", help: "the segments it belongs to",
        alignment: .left, places: .data
      ) { .text($0.segments.joined(separator: " ")) },
      LayerColumn(
        key: "precision", title: "precision", help: "number format", alignment: .left,
        places: mixed, expendable: 2
      ) { .text($0.precision.rawValue) },
      LayerColumn(
        key: "input_shapes", title: "input", help: "shapes it reads", alignment: .left,
        places: .data
      ) { .text($0.inputShapes.map(\.description).joined(separator: " ")) },
      LayerColumn(
        key: "output_shape", title: "output", help: "the shape it makes",
        alignment: .left, places: .everywhere, narrowest: 16, expendable: 1
      ) {
        $0.outputShape.isEmpty ? nil : .text($0.outputShape.description)
      },
    ]
  }

  private func analytic() -> [LayerColumn] {
    let totals = record.totals
    let prefixed: (Double) -> String = { Figures.prefixed($0) }
    return [
      LayerColumn(
        key: "parameters", title: "parameters", help: "trained values",
        places: [.shown, .data], total: totals.$parameters.map { prefixed(Double($0)) }
      ) {
        $0.$parameters.map { .count($0, prefixed) }
      },
      LayerColumn(
        key: "macs", title: "MACs", help: "multiply-adds of the direct algorithm",
        places: [.shown, .data], total: totals.$macs.map { prefixed(Double($0)) }
      ) {
        $0.$macs.map { .count($0, prefixed) }
      },
      LayerColumn(
        key: "flops", title: "FLOP", help: "floating-point operations, one MAC being 2",
        places: [.shown, .data], total: totals.$flops.map { prefixed(Double($0)) }
      ) {
        $0.$flops.map { .count($0, prefixed) }
      },
      LayerColumn(
        key: "bytes", title: "bytes", help: "weights, inputs and outputs once each",
        places: [.shown, .data], total: totals.$bytes.map { Figures.bytes(Double($0)) }
      ) {
        $0.$bytes.map { .count($0.total, Figures.bytes) }
      },
    ]
  }

  /// Of layers that have not run: what the machine's roofs allow them.
  private func predicted() -> [LayerColumn] {
    let unit = unit
    let whole = record.predictedNs
    return [
      LayerColumn(
        key: "predicted_ns", title: "at least", unit: unit.rawValue,
        help: "time that the machine's measured roofs allow the layer by itself",
        places: [.shown, .data], total: whole.map { unit.number($0) }
      ) { .number($0.predicted?.leastNs) { unit.number($0) } },
      LayerColumn(
        key: "predicted_bound", title: "bound", unit: "predicted",
        help: "what holds it back where it reaches its roof", alignment: .left,
        places: [.shown, .data], narrowest: 9
      ) { $0.predicted.map { .text($0.class.rawValue) } },
    ]
  }

  private func timing() -> [LayerColumn] {
    let (unit, record) = (unit, record)
    let rest = record.unattributed
    return [
      data("time_mean_ns") { $0.time?.mean },
      LayerColumn(
        key: "time_median_ns", title: "median", unit: unit.rawValue,
        help: "median time of a pass, which shares, rates and cycles are of",
        places: [.measured, .data], total: record.sumOfMedians.map { unit.number($0) },
        unattributed: rest.map { unit.number($0.time.median) }
      ) {
        .number($0.time?.median) { unit.number($0) } ?? UntimedText.cell($0)
      },
      data("time_low_ns") { $0.time?.interval?.lowerBound },
      data("time_high_ns") { $0.time?.interval?.upperBound },
      LayerColumn(
        key: "share", title: "share", unit: "%", help: "share of the sum of the median times",
        places: [.measured, .data], total: record.timedPass.map { _ in "100.0" },
        unattributed: rest.map { Figures.percent($0.share) }
      ) {
        .number($0.share, Figures.percent)
      },
    ]
  }

  private func rates() -> [LayerColumn] {
    let totals = record.totals
    let intensity =
      totals.bytes > 0 ? Figures.short(Double(totals.flops) / Double(totals.bytes)) : nil
    let flops = record.executedFlops
    let complete = record.layers.allSatisfy { $0.time != nil }
    let rate = record.sumOfMedians.flatMap { complete ? flops / $0 : nil }
    return [
      LayerColumn(
        key: "gflops_per_second", title: "GFLOP/s",
        help: "executed FLOP (no taps in the padding; Winograd's own) over the median time",
        places: [.measured, .data], expendable: 4,
        total: rate.map(Figures.short)
      ) {
        .number($0.metrics[.gflopsPerSecond], Figures.short)
      },
      LayerColumn(
        key: "gigabytes_per_second", title: "GB/s", unit: "model",
        help: "bytes the implementation moves, by the model of its traffic, over the median time",
        places: [.measured, .data], expendable: 5
      ) {
        .number($0.metrics[.gigabytesPerSecond], Figures.short)
      },
      LayerColumn(
        key: "traffic_intensity", title: "AI", unit: "model",
        help: "arithmetic intensity, FLOP a byte: GFLOP/s over GB/s, as in the roofline plot",
        places: [.measured, .data], expendable: 6
      ) { .number($0.trafficIntensity, Figures.short) },
      LayerColumn(
        key: "arithmetic_intensity", title: "AI", unit: "least traffic",
        help: "arithmetic intensity: FLOP a byte, each weight, input and output counted once",
        places: [.shown, .data], expendable: 6, total: intensity
      ) { .number($0.$arithmeticIntensity, Figures.short) },
    ]
  }

  private func bound() -> [LayerColumn] {
    [
      LayerColumn(
        key: "bound", title: "bound", unit: "% of roof",
        help: "what holds it back, and how near it comes to that roof", alignment: .left,
        places: [.measured, .data], narrowest: 15
      ) { layer in
        layer.bound.map { LayerColumn.Cell(raw: $0.class.rawValue, text: BoundText.cell($0)) }
          ?? UntimedText.place(layer)
      },
      data("efficiency") { $0.bound?.evidence[.efficiency] },
      LayerColumn(
        key: "confidence", title: "confidence", help: "in the bound: high, medium or low",
        alignment: .left, places: .data
      ) { $0.bound.map { .text($0.confidence) } },
    ]
  }

  private func implementation() -> [LayerColumn] {
    [
      LayerColumn(
        key: "untimed", title: "untimed", help: "why there is no time", alignment: .left,
        places: .data
      ) { $0.whyUntimed.map { .text($0.rawValue) } },
      LayerColumn(
        key: "fused_into", title: "fused into", help: "the layer that computes it, too",
        alignment: .left, places: .data
      ) { $0.fusedInto.map { .text($0) } },
      LayerColumn(
        key: "counter_source", title: "source", help: "where the events come from",
        alignment: .left, places: .data
      ) { $0.counters.map { .text($0.source.rawValue) } },
      LayerColumn(
        key: "implementation", title: "implementation",
        help: "the oneDNN implementation that ran; +1: with one more primitive",
        alignment: .left, places: [.measured, .data], narrowest: 19, expendable: 2
      ) { layer in
        layer.mainPrimitive.map { main in
          let others = layer.primitives.count - 1
          return LayerColumn.Cell(
            raw: main.implementation,
            text: main.implementation + (others > 0 ? " +\(others)" : ""))
        }
      },
    ]
  }

  private func data(
    _ key: String, _ value: @escaping (LayerRecord) -> Double?
  ) -> LayerColumn {
    LayerColumn(key: key, title: key, help: key, places: .data) {
      .number(value($0), Figures.short)
    }
  }
}
