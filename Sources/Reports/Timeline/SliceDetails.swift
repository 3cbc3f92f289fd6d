internal import Profiling

/// What a slice says of itself, in the record's own words and units.
enum SliceDetails {
  /// Name of a primitive's slice: `convolution jit:avx512_core`.
  static func name(_ primitive: PrimitiveRecord) -> String {
    primitive.implementation.isEmpty
      ? primitive.kind : "\(primitive.kind) \(primitive.implementation)"
  }

  /// The run: what was measured, how, where, and what to know about it.
  static func facts(_ record: RunRecord) -> JSONFields {
    var fields = JSONFields()
    fields.add("schema", record.schema)
    fields.add("created", record.created)
    fields.add("command", ShellWord.command(record.command))
    fields.add("topology", record.topology.name)
    fields.add("source", record.topology.source)
    fields.add("sha256", record.topology.sha256)
    fields.add("parameters", record.topology.parameters)
    fields.add("batch", record.options.batch)
    fields.add("threads", record.options.threads)
    fields.add("precision", record.options.precision.rawValue)
    fields.add("cache", record.options.cache)
    fields.add("layers", record.options.layers)
    fields.add("cpu", record.machine.cpu)
    fields.add("isa", record.machine.isa)
    fields.add("kernel", record.machine.kernel)
    fields.add("onednn", record.machine.onednn.map { "\($0.version) \($0.isa) \($0.runtime)" })
    fields.add("warnings", record.warnings.map { "\($0.code): \($0.message)" })
    if record.interrupted { fields.add("interrupted", .bool(true)) }
    if record.timedPass == nil { fields.add("note", "the record holds no times") }
    return fields
  }

  /// The whole network.
  static func network(_ record: RunRecord, pass: Int) -> JSONFields {
    var fields = JSONFields()
    fields.add("pass", pass)
    fields.add("passes", record.timedPass?.time.samples.count)
    fields.add("median_ns", record.timedPass?.time.median)
    fields.add("end_to_end_median_ns", record.endToEnd?.time.median)
    fields.add("layers", record.totals.layers)
    fields.add("parameters", record.totals.$parameters)
    fields.add("macs", record.totals.$macs)
    fields.add("flops", record.totals.$flops)
    fields.add("bytes", record.totals.$bytes)
    return fields
  }

  /// A segment, or a part of one that other layers interrupt.
  static func segment(
    _ segment: SegmentRecord, of record: RunRecord, part: Int, parts: Int
  ) -> JSONFields {
    var fields = JSONFields()
    if parts > 1 { fields.add("part", "\(part) of \(parts)") }
    fields.add("layers", segment.layers)
    fields.add("share", segment.share)
    fields.add("median_ns", segment.time?.median)
    measured(&fields, segment)
    return fields
  }

  /// A layer, with those that its primitives compute too.
  static func layer(_ layer: LayerRecord, fused: [LayerRecord]) -> JSONFields {
    var fields = JSONFields()
    fields.add("kind", layer.kind)
    fields.add("precision", layer.precision.rawValue)
    fields.add("input_shapes", layer.inputShapes.map(\.description))
    fields.add("output_shape", layer.outputShape.description)
    fields.add("parameters", layer.$parameters)
    fields.add("macs", layer.$macs)
    fields.add("flops", layer.$flops)
    fields.add("bytes", layer.$bytes?.total)
    fields.add("segments", layer.segments)
    fields.add("fused", fused.map(\.name))
    fields.add("implementation", layer.primitives.map(name))
    fields.add("share", layer.share)
    fields.add("median_ns", layer.time?.median)
    measured(&fields, layer)
    return fields
  }

  /// A primitive.
  static func primitive(_ primitive: PrimitiveRecord) -> JSONFields {
    var fields = JSONFields()
    fields.add("kind", primitive.kind)
    fields.add("implementation", primitive.implementation)
    fields.add("algorithm", primitive.algorithm)
    fields.add("formats", primitive.formats)
    fields.add("post_ops", primitive.postOps)
    fields.add("median_ns", primitive.time?.median)
    return fields
  }

  /// What no layer accounts for, and the layers that are in it for want of a time of their own.
  static func rest(_ record: RunRecord) -> JSONFields {
    var fields = JSONFields()
    fields.add("share", record.unattributed?.share)
    fields.add("median_ns", record.unattributed?.time.median)
    let untimed = record.layers.filter { $0.time == nil && $0.fusedInto == nil }
    fields.add("layers_without_time", untimed.map(\.name))
    return fields
  }

  private static func measured(_ fields: inout JSONFields, _ row: some MeasuredRow) {
    if let bound = row.bound {
      var inner = JSONFields()
      inner.add("class", bound.class.rawValue)
      inner.add("method", bound.method.rawValue)
      inner.add("confidence", bound.confidence)
      inner.add("efficiency", bound.evidence[.efficiency])
      fields.add("bound", inner)
    }
    fields.add("metrics", row.metrics.byName)
    if let counters = row.counters {
      fields.add("counter_source", counters.source.rawValue)
      fields.add("events", counters.events.mapValues(\.value))
    }
  }
}
