import Execution

/// How a network is planned, and which are refused: the same for one run and for a sweep.
public struct PlanningSettings: Codable, Hashable, Sendable {
  /// What oneDNN's instruction set is capped at.
  public var isa: String?
  /// How implementations are chosen, `auto`, `fast` or `search`; nil for what is usual.
  public var askedTuning: String?
  /// Seconds that `auto` may search for.
  public var tuningBudget = 2.0
  /// Whether no algorithm may round otherwise than the direct one.
  public var exact = false
  /// Whether every primitive runs by itself.
  public var noFusion = false
  /// Seed of weights and inputs.
  public var seed: UInt64 = 1
  /// Bytes of memory beyond which a network is refused; nil for what is available.
  public var memoryLimit: Int?
  /// Seconds beyond which a layer is left out.
  public var layerTimeout: Double?

  /// What is usual.
  public init() {}

  /// How implementations are chosen, or what stands for it: `auto`, unless `isFast` or a layer may hang, whose trials
  /// would hang, too.
  package func tuning(isFast: Bool = false) -> String {
    askedTuning ?? (isFast || layerTimeout != nil ? "fast" : "auto")
  }

  /// Caps the instruction set; comes before oneDNN's first use.
  package func capISA() throws(Failure) {
    if let isa, let fault = OneDNNEngine.capISA(isa) {
      throw Failure(
        .usage, "--isa \(isa): \(fault)",
        remedy: "use one of \(OneDNNEngine.isaNames.joined(separator: ", "))")
    }
  }
}
