import ArgumentParser
import Measuring
import Session

/// The option `--precision`.
extension PrecisionChoice {
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
}
