/// Every CPU family that is known here, and the fallback.
public enum EventCatalogue {
  /// One entry a file beside this one; the fallback last.
  public static let all: [Microarchitecture] = [
    .zen2, .zen3, .zen4, .zen5, .skylakeServer, .iceLakeServer, .sapphireRapids, .generic,
  ]

  /// The entry for a CPU; the fallback for one that is not known.
  ///
  /// - Parameters:
  ///   - vendor: As in `/proc/cpuinfo`, like `GenuineIntel`.
  ///   - family: The family, decimal.
  ///   - model: The model, decimal.
  /// - Returns: The entry.
  public static func entry(vendor: String, family: Int?, model: Int?) -> Microarchitecture {
    guard let family, let model else { return .generic }
    return all.first { entry in
      entry.cpus.contains { $0.contain(vendor: vendor, family: family, model: model) }
    } ?? .generic
  }

  /// The entry that a record names; nil for none and for one of a later version.
  public static func entry(id: String?) -> Microarchitecture? {
    id.flatMap { id in all.first { $0.id == id } }
  }
}
