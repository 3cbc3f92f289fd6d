/// What to do about the places of a team's threads.
public enum PinningDecision: Hashable, Sendable {
  /// Pin thread i to the i-th of these CPUs.
  case pin([Int])
  /// The environment has told the OpenMP runtime where they go; the variables that did.
  case environment([String])
  /// Leave them to the kernel, and why.
  case leave(String)

  /// What a user asks for.
  public enum Mode: String, Codable, Hashable, Sendable, CaseIterable {
    /// Pin where CPUs differ in what they share (packages, last-level caches, hardware threads of a
    /// core), every thread gets a CPU, and the environment does not say otherwise.
    ///
    /// Where they do not differ, a bound thread gains nothing by staying and loses by not being able
    /// to give way to other programs.
    case auto
    /// Pin, or say why that is impossible.
    case on
    /// Leave threads to the kernel, or to the environment.
    case off
  }

  /// The variables by which an OpenMP runtime is told where threads go.
  static let variables = ["GOMP_CPU_AFFINITY", "OMP_PLACES", "OMP_PROC_BIND"]

  /// Decides.
  ///
  /// A runtime that binds threads by itself has done so before anybody could ask, so its variables
  /// come first; `OMP_PROC_BIND=false` is the wish that nothing be pinned.
  ///
  /// - Parameters:
  ///   - mode: What was asked for.
  ///   - threads: Size of the team.
  ///   - host: The machine as the process may use it.
  ///   - current: The CPU that the calling thread is on.
  ///   - environment: The value of a variable.
  /// - Returns: What to do.
  public static func make(
    _ mode: Mode, threads: Int, host: Host, current: Int?, environment: (String) -> String?
  ) -> PinningDecision {
    let set = variables.filter { environment($0)?.isEmpty == false }
    if !set.isEmpty { return .environment(set) }
    if mode == .off { return .leave("--pin off") }
    if let overload = host.overload(of: threads), mode == .auto || threads > host.logicalCPUs {
      return .leave(overload)
    }
    if mode == .auto, host.isUniform {
      return .leave("all cores share one cache and memory: the kernel places threads as well")
    }
    return .pin(Array(host.cpu.places(of: host.processors, from: current).prefix(threads)))
  }
}
