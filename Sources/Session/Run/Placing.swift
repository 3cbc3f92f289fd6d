import Files
package import Machine
package import Profiling

/// Puts the threads of a run where they should be, and says where that is.
package enum Placing {
  /// Pins the calling thread's team, which must have its size already, as `--pin` says.
  package static func place(
    _ threads: Int, asked mode: PinningDecision.Mode, on host: Host, _ observer: any SessionObserver
  ) throws(Failure) -> (pin: ThreadPinning?, record: Pinning) {
    let asked = mode.rawValue
    let decision = PinningDecision.make(
      mode, threads: threads, host: host, current: Affinity.currentCPU,
      environment: { Environment.variable($0) })
    switch decision {
    case .pin(let cpus):
      do throws(PinningError) {
        let pin = try ThreadPinning(cpus)
        return (pin, Pinning(asked: asked, by: .ntprof, cpus: cpus.map(String.init)))
      } catch {
        if mode == .on { throw impossible("\(error)") }
        return (nil, try left(threads, asked, .kernel, "\(error)"))
      }
    case .environment(let variables):
      let names = variables.joined(separator: " and ")
      if mode == .on { observer.note("threads are placed by \(names), not by --pin on") }
      return (nil, try left(threads, asked, .environment, names))
    case .leave(let reason):
      if mode == .on { throw impossible(reason) }
      return (nil, try left(threads, asked, .kernel, reason))
    }
  }

  private static func left(
    _ threads: Int, _ asked: String, _ owner: Pinning.Owner, _ reason: String
  ) throws(Failure) -> Pinning {
    do throws(ThreadTeamError) {
      let places = try ThreadPinning.places(ofTeam: threads)
      return Pinning(asked: asked, by: owner, cpus: places.map(CPUList.text), reason: reason)
    } catch {
      throw Failure(.software, "\(error)")
    }
  }

  private static func impossible(_ reason: String) -> Failure {
    Failure(.software, "--pin on: \(reason)", remedy: "use fewer --threads, or --pin auto")
  }
}
