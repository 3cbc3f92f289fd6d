/// What can be counted on one family of CPUs, and what it means: an entry of the catalogue.
public struct Microarchitecture: Hashable, Sendable {
  /// The name in records, like `zen4`.
  public let id: String
  /// The name for people, like `AMD Zen 4`.
  public let name: String
  /// The CPUs it stands for; none for the fallback.
  public let cpus: [CPUs]
  /// General counters of a hardware thread.
  public let generalCounters: Int
  /// Its events.
  public let events: [CatalogueEvent]
  /// The vendor's top-down formulas, or why there are none.
  public let topDown: Availability<TopDownModel>
  /// Events that count floating-point operations with what one count is worth, or why there are
  /// none.
  public let flops: Availability<[FlopWeight]>
  /// When its numbers mislead, one sentence each.
  public let caveats: [String]

  /// CPUs as `/proc/cpuinfo` numbers them.
  public struct CPUs: Hashable, Sendable {
    /// The vendor, like `AuthenticAMD`.
    public let vendor: String
    /// The family, decimal.
    public let family: Int
    /// The models.
    public let models: [ClosedRange<Int>]

    func contain(vendor: String, family: Int, model: Int) -> Bool {
      vendor == self.vendor && family == self.family && models.contains { $0.contains(model) }
    }
  }

  /// Something a CPU has, or the reason why not.
  public enum Availability<Value: Hashable & Sendable>: Hashable, Sendable {
    /// It is there.
    case known(Value)
    /// It is not, for this reason.
    case absent(String)

    /// What is there.
    public var value: Value? { if case .known(let value) = self { value } else { nil } }
    /// Why nothing is there.
    public var reason: String? { if case .absent(let reason) = self { reason } else { nil } }
  }

  /// An event that counts floating-point instructions or operations.
  public struct FlopWeight: Hashable, Sendable {
    /// The event.
    public let event: String
    /// Operations a count.
    public let weight: Double
  }

  /// The event of a record name.
  public func event(_ name: String) -> CatalogueEvent? { events.first { $0.name == name } }

  /// Floating-point operations by the CPU's own count; nil unless all of the events were counted.
  ///
  /// - Parameter events: Events by record name.
  /// - Returns: Operations, a multiply-add being two.
  public func measuredFlops(_ events: [String: Double]) -> Double? {
    guard let weights = flops.value else { return nil }
    var sum = 0.0
    for part in weights {
      guard let count = events[part.event] else { return nil }
      sum += part.weight * count
    }
    return sum
  }
}
