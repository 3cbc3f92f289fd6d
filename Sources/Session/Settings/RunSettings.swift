import FoundationEssentials

/// What is run and how it is measured: one value, from whoever asks to the processes that measure, and what a record's
/// `options` are made of.
public struct RunSettings: Codable, Hashable, Sendable {
  /// What is run.
  public var network: NetworkSettings
  /// How it is measured.
  public var measurement: MeasurementSettings

  /// Settings of a run.
  ///
  /// - Parameters:
  ///   - network: What is run.
  ///   - measurement: How; in ntprof's own engine with standard events unless it says otherwise.
  public init(_ network: NetworkSettings, _ measurement: MeasurementSettings = .init()) {
    self.network = network
    self.measurement = measurement
  }

  /// The JSON text, of which there is one for equal settings.
  package var text: String { Self.text(of: self) }

  /// The JSON text of a value of settings: keys are in order, and every number is finite.
  static func text(of value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
