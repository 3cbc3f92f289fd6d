internal import Profiling

/// Slices as OTLP spans, parents first; segments are an attribute of their layers.
struct OTLPSpans {
  /// The spans.
  private(set) var list: [JSONValue] = []
  /// 16 bytes in hex.
  private let trace: String
  /// Nanoseconds from 1970 to the start of the run.
  private let origin: Int

  /// Makes the spans of a trace whose identity is a document.
  init(trace document: [UInt8], created: String, spans: [Timeline.Slice]) {
    trace = String(SHA256.hexDigest(of: document).prefix(32))
    origin = (UnixTime.seconds(rfc3339: created) ?? 0) * 1_000_000_000
    for slice in spans { append(slice, parent: nil) }
  }

  private mutating func append(_ slice: Timeline.Slice, parent: String?) {
    var next = parent
    if slice.level != .segment, slice.level != .rest {
      let id = String(SHA256.hexDigest(of: Array("\(trace)/\(list.count)".utf8)).prefix(16))
      var attributes = OTLPAttributes()
      attributes.add("ntprof.level", .string(slice.level.rawValue))
      attributes.add(slice.details, under: "ntprof")
      if let line = slice.line { attributes.add("code.line.number", .number(String(line))) }
      var span = JSONFields()
      span.add("traceId", trace)
      span.add("spanId", id)
      span.add("parentSpanId", parent)
      span.add("name", slice.name)
      span.add("kind", 1)
      span.add("startTimeUnixNano", String(origin + slice.start))
      span.add("endTimeUnixNano", String(origin + slice.end))
      span.add("attributes", .array(attributes.list))
      list.append(span.object)
      next = id
    }
    for child in slice.children { append(child, parent: next) }
  }
}

/// Key-value pairs of OTLP: objects become dotted names.
struct OTLPAttributes {
  /// The pairs.
  private(set) var list: [JSONValue] = []

  /// Adds every member under a prefix.
  mutating func add(_ fields: JSONFields, under prefix: String) {
    add(members: fields.members, under: prefix)
  }

  /// Adds one pair; null adds nothing.
  mutating func add(_ key: String, _ value: JSONValue) {
    if case .object(let members) = value {
      add(members: members, under: key)
    } else if let any = Self.any(value) {
      var pair = JSONFields()
      pair.add("key", key)
      pair.add("value", any)
      list.append(pair.object)
    }
  }

  private mutating func add(members: [JSONValue.Member], under prefix: String) {
    for member in members {
      add(prefix.isEmpty ? member.key : "\(prefix).\(member.key)", member.value)
    }
  }

  private static func any(_ value: JSONValue) -> JSONValue? {
    var any = JSONFields()
    switch value {
    case .null, .object: return nil
    case .bool: any.add("boolValue", value)
    case .string: any.add("stringValue", value)
    case .number(let text):
      if Int64(text) != nil {
        any.add("intValue", text)
      } else {
        any.add("doubleValue", value)
      }
    case .array(let items):
      var inner = JSONFields()
      inner.add("values", .array(items.compactMap(Self.any)))
      any.add("arrayValue", inner.object)
    }
    return any.object
  }
}
