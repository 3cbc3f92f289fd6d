/// Whether the threads of a run were bound to CPUs, by whom, and to which.
public struct Pinning: Codable, Hashable, Sendable {
  /// Who decided where threads run.
  public enum Owner: String, Codable, Hashable, Sendable, CaseIterable {
    /// This program, for as long as it measured.
    case ntprof
    /// The OpenMP runtime, as its environment variables say.
    case environment
    /// The kernel, all the time.
    case kernel
  }

  /// What was asked for: `auto`, `on` or `off`.
  public var asked: String
  /// Who decided.
  public var by: Owner
  /// The CPUs that each thread could use, the calling one first, as the kernel writes lists: `0-3,8`.
  public var cpus: [String]
  /// Why the threads were not pinned by this program; absent when they were.
  public var reason: String?

  /// Describes where threads ran.
  public init(asked: String, by: Owner, cpus: [String], reason: String? = nil) {
    self.asked = asked
    self.by = by
    self.cpus = cpus
    self.reason = reason
  }

  /// One line for people: `CPUs 0, 1`, or why not.
  public var summary: String {
    let places = cpus.joined(separator: ", ")
    return switch by {
    case .ntprof: "to CPU\(cpus.count == 1 ? "" : "s") \(places)"
    case .environment: "by \(reason ?? "the environment"), to \(places)"
    case .kernel: "no: \(reason ?? "left to the kernel")"
    }
  }
}
