import Execution
package import Measuring
package import Topology

/// The setting `precision`.
package enum PrecisionChoice {
  /// What was asked for, else what a network says itself.
  package static func settled(_ asked: String?, for graph: Graph) -> String {
    asked ?? (graph.quantizesItself ? Precision.int8 : .f32).rawValue
  }

  /// The precision of a validated text.
  package static func parse(_ text: String) -> Precision { Precision(rawValue: text) ?? .f32 }

  /// The precision of a validated text, for a run with the instruction set there is.
  package static func runnable(_ text: String) throws(Failure) -> Precision {
    let precision = parse(text)
    if let obstacle = OneDNNEngine().obstacle(to: precision) {
      throw Failure(
        .unavailable, "--precision \(text): \(obstacle)",
        remedy: "use --precision f32 or int8, or a CPU (or --isa) with AVX-512")
    }
    return precision
  }
}
