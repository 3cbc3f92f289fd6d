import Profiling

/// OpenTelemetry's trace export request in its JSON form: spans network > layer > primitive.
///
/// Ids are derived from the record, so that publishing it twice makes one trace, not two. Times
/// are those of the representative pass, counted from the start of the run. Numbers of 64 bits are
/// decimal strings, enumerations are integers, ids are hex, as the OTLP specification 1.x has it.
public struct OTLPFormat: ReportFormat {
  /// `otlp`.
  public let name = "otlp"
  /// A file.
  public let isText = false
  /// `otlp.json`.
  public let fileExtension = "otlp.json"

  /// Passes of one run or two.
  public let showsOverviews = false

  /// Makes the format.
  public init() {}

  /// The representative pass of a run, no span when nothing was timed; both sides of a comparison, a
  /// trace each.
  public func render(_ document: some ReportDocument, options: ReportOptions) -> [UInt8] {
    switch document.content {
    case .record(let record): run(record)
    case .diff(let diff): sides(diff)
    case .overview: []
    }
  }

  private func run(_ record: RunRecord) -> [UInt8] {
    let spans = OTLPSpans(
      trace: RecordCoding.encode(record), created: record.created,
      spans: Timeline(record).root.map { [$0] } ?? [])
    return Self.document([Self.resource(record.machine, record.options, record.tool, spans)])
  }

  private func sides(_ diff: Diff) -> [UInt8] {
    let document = RecordCoding.encode(diff)
    let resources = zip(Timeline.sides(of: diff), [diff.baseline, diff.candidate]).enumerated()
      .map { place, pair in
        let spans = OTLPSpans(
          trace: document + [UInt8(place)], created: pair.1.created,
          spans: pair.0.root.map { [$0] } ?? [])
        var attributes = OTLPAttributes()
        attributes.add("service.name", .string("ntprof"))
        attributes.add("host.cpu.model.name", .string(DisplayText.clean(pair.1.cpu)))
        attributes.add(pair.0.facts, under: "ntprof")
        return Self.resource(attributes, scope: nil, spans)
      }
    return Self.document(resources)
  }

  private static func document(_ resources: [JSONValue]) -> [UInt8] {
    var document = JSONFields()
    document.add("resourceSpans", .array(resources))
    return JSONWriter.compact(document.object) + [UInt8(ascii: "\n")]
  }

  private static func resource(
    _ machine: MachineInfo, _ options: RunOptions, _ tool: Tool, _ spans: OTLPSpans
  ) -> JSONValue {
    var fields = JSONFields()
    fields.add("service.name", "ntprof")
    fields.add("service.version", tool.version)
    fields.add("host.cpu.model.name", machine.cpu)
    fields.add("host.cpu.vendor.id", machine.vendor)
    fields.add("ntprof.machine.cores", machine.cores)
    fields.add("ntprof.machine.isa", machine.isa)
    fields.add("ntprof.machine.kernel", machine.kernel)
    fields.add("ntprof.onednn.version", machine.onednn?.version)
    fields.add("ntprof.onednn.isa", machine.onednn?.isa)
    fields.add("ntprof.onednn.runtime", machine.onednn?.runtime)
    fields.add("ntprof.batch", options.batch)
    fields.add("ntprof.threads", options.threads)
    fields.add("ntprof.precision", options.precision.rawValue)
    fields.add("ntprof.cache", options.cache)
    var attributes = OTLPAttributes()
    attributes.add(fields, under: "")
    return resource(attributes, scope: tool, spans)
  }

  private static func resource(
    _ attributes: OTLPAttributes, scope tool: Tool?, _ spans: OTLPSpans
  ) -> JSONValue {
    var resource = JSONFields()
    resource.add("attributes", .array(attributes.list))
    var scope = JSONFields()
    scope.add("name", tool?.name ?? "ntprof")
    scope.add("version", tool?.version)
    var scoped = JSONFields()
    scoped.add("scope", scope)
    scoped.add("spans", .array(spans.list))
    var result = JSONFields()
    result.add("resource", resource)
    result.add("scopeSpans", .array([scoped.object]))
    return result.object
  }
}
