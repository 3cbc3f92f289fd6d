import Profiling

/// What a collector says of the spans it took: OTLP's ExportTraceServiceResponse.
package struct CollectorAnswer {
  /// Spans it rejected; nil when it took all.
  package let rejected: Int?

  private struct Response: Decodable {
    struct Partial: Decodable {
      var rejectedSpans: Count?
    }

    var partialSuccess: Partial?
  }

  /// A 64-bit number: JSON of protobuf writes it as a text, and many a collector as a number.
  private struct Count: Decodable {
    var value: Double

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      value =
        if let text = try? container.decode(String.self) {
          Double(text) ?? 0
        } else { try container.decode(Double.self) }
    }
  }

  /// Reads the answer; one that says nothing we know rejects nothing.
  package init(_ body: [UInt8]) {
    let response = try? CheckedJSON.decode(Response.self, from: body)
    let count = response?.partialSuccess?.rejectedSpans?.value ?? 0
    rejected = count > 0 ? Int(min(count, 1e15)) : nil
  }
}
