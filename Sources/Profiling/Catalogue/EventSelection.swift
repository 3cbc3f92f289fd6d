/// What `--events` asks for, by the catalogue: sets of events that belong together.
///
/// `standard`, `topdown` and `flops` are names of sets, cycles and instructions among each; every
/// other name is an event of its own. Each set is counted in groups of its own, so that what a formula relates is counted in
/// the same passes as far as the counters allow.
public struct EventSelection: Hashable, Sendable {
  /// The names of sets that may be asked for.
  public static let setNames = ["standard", "topdown", "flops"]

  /// Sets of events, in the order asked for; no event twice.
  public private(set) var sets: [[String]] = []
  /// Sets that this CPU does not have, by name, with the reason.
  public private(set) var absent: [Absence] = []

  /// A set that a CPU does not have.
  public struct Absence: Hashable, Sendable {
    /// The name asked for.
    public let name: String
    /// Why it is not there.
    public let reason: String
  }

  /// All events, in order.
  public var events: [String] { sets.flatMap { $0 } }

  /// Expands names.
  ///
  /// - Parameters:
  ///   - names: As given; `standard` and, where the CPU has it, `topdown` when empty.
  ///   - cpu: The catalogue's entry for the CPU.
  public init(_ names: [String], on cpu: Microarchitecture) {
    var names = names
    if names.isEmpty {
      names = cpu.topDown.value == nil ? ["standard"] : ["standard", "topdown"]
    }
    var loose: [String] = []
    for name in names {
      switch name {
      case "standard": add(CommonEvent.standard)
      case "topdown":
        if let model = cpu.topDown.value {
          addTopDown(model, on: cpu)
        } else {
          miss(name, cpu, cpu.topDown.reason)
        }
      case "flops":
        if let weights = cpu.flops.value {
          add(CommonEvent.crossCheck + weights.map(\.event))
        } else {
          miss(name, cpu, cpu.flops.reason)
        }
      default: loose.append(name)
      }
    }
    add(loose)
  }

  /// Level 1 should add up within one group, and level 2 is a ratio of its own: together where they
  /// fit, else apart.
  private mutating func addTopDown(_ model: TopDownModel, on cpu: Microarchitecture) {
    let first =
      CommonEvent.crossCheck
      + model.level1Events.filter {
        !CommonEvent.crossCheck.contains($0)
      }
    let both = first + model.level2Events
    if CounterFit(cpu: cpu, counters: cpu.generalCounters).allows(both) {
      add(both)
    } else {
      add(first)
      add(model.level2Events)
    }
  }

  private mutating func add(_ events: [String]) {
    var seen = Set(self.events)
    let fresh = events.filter { seen.insert($0).inserted }
    if !fresh.isEmpty { sets.append(fresh) }
  }

  private mutating func miss(_ name: String, _ cpu: Microarchitecture, _ reason: String?) {
    absent.append(Absence(name: name, reason: "\(cpu.name): \(reason ?? "not in the catalogue")"))
  }
}
