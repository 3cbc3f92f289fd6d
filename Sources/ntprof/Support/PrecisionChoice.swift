import ArgumentParser
import Execution
import Measuring
import Topology

/// The option `--precision`.
enum PrecisionChoice {
  static let help: ArgumentHelp =
    """
    Numbers to compute with: f32, bf16, or int8 (calibrated on the seeded inputs, or with the scales \
    of a network that quantises itself, whose default it is).
    """

  static func validate(_ text: String) throws {
    guard Precision(rawValue: text) != nil else {
      let known = Precision.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--precision '\(text)' is none of \(known)")
    }
  }

  /// What was asked for, else what a network says itself.
  static func settled(_ asked: String?, for graph: Graph) -> String {
    asked ?? (graph.quantizesItself ? Precision.int8 : .f32).rawValue
  }

  /// The precision of a validated text.
  static func parse(_ text: String) -> Precision { Precision(rawValue: text) ?? .f32 }

  /// The precision of a validated text, for a run with the instruction set there is.
  static func runnable(_ text: String) throws(Failure) -> Precision {
    let precision = parse(text)
    if let obstacle = OneDNNEngine().obstacle(to: precision) {
      throw Failure(
        .unavailable, "--precision \(text): \(obstacle)",
        remedy: "use --precision f32 or int8, or a CPU (or --isa) with AVX-512")
    }
    return precision
  }
}
