import Counters
import Execution
import Glibc
import Machine
import Profiling
import Topology

/// The counting that `--counters simulated` does after the timing.
extension NetworkRun {
  /// Simulates the selected layers in child processes; what they counted until a failure or
  /// Ctrl-C stays.
  func simulate(quiet: Bool) {
    let simulation: Simulation
    do throws(CounterError) {
      simulation = try Simulation(
        program: ChildProcess.ownProgram, arguments: childArguments,
        topology: topology.info.sha256, events: bench.events, cold: options.cache == "cold")
    } catch {
      simulationFailure = error
      return
    }
    let seconds = layerSeconds()
    let concurrently = childrenAtATime()
    let begin = Clock.now()
    simulation.run(
      concurrently: concurrently, isCancelled: { Interrupt.isRequested },
      watch: { progress in
        guard !quiet else { return }
        Console.progress(
          SimulationProgress(
            layerSeconds: seconds, threads: bench.threads, concurrently: concurrently,
            elapsed: Double(Clock.now() - begin) * 1e-9
          ).line(for: progress))
      })
    Console.clearProgress()
    simulationFailure = simulation.failure
    self.simulation = simulation
  }

  /// The simulated events of each layer that has a row of its own.
  var simulatedCounters: [Int: CounterRecord] {
    guard let simulation else { return [:] }
    var found: [Int: CounterRecord] = [:]
    for (layer, steps) in Dictionary(grouping: plan.steps, by: \.layer) {
      found[layer] = simulation.counters(layer: layer, native: steps.map(\.simulated))
    }
    return found
  }

  /// What the child is told: all that decides which network it plans.
  ///
  /// The parent's number has a fixed width: a longer argument moves the stack, and with it a
  /// cache miss or two.
  private var childArguments: [String] {
    let id = String(getpid())
    let padded = String(repeating: "0", count: max(0, 10 - id.count)) + id
    var arguments = ["simulate-child", "--parent", padded, "--seed", "\(options.seed)"]
    if let batch = topology.batch { arguments += ["--batch", "\(batch)"] }
    for assignment in topology.assignments {
      arguments += ["--set", "\(assignment.name)=\(assignment.value)"]
    }
    if let layers = options.layers { arguments += ["--layers", layers] }
    if let isa = options.isa { arguments += ["--isa", isa] }
    if options.noFusion { arguments.append("--no-fusion") }
    return arguments + ["--", topology.source]
  }

  /// Two children where there are cores and memory for both.
  private func childrenAtATime() -> Int {
    let host = Host.read()
    let needed = plan.weightBytes + plan.peakActivationBytes + plan.scratchpadBytes
    // Weights exist twice while they are packed; valgrind itself takes some 200 MB.
    let room = host.memoryAvailableBytes / max(1, 2 * needed + 400 << 20)
    return host.defaultThreads >= 2 && room >= 2 ? 2 : 1
  }

  /// Mean time of each instrumented layer, seconds, by index.
  private func layerSeconds() -> [Int: Double] {
    var sums: [Int: Double] = [:]
    let rows = max(1, sampler.timed.count)
    for (index, time) in sampler.steps.enumerated() where time.isFinite {
      sums[plan.steps[index % plan.stepCount].layer, default: 0] += time * 1e-9 / Double(rows)
    }
    return sums
  }
}

/// The line that says how far a simulation is and how long it may still take.
struct SimulationProgress {
  /// Native time of each simulated layer, by index.
  let layerSeconds: [Int: Double]
  let threads: Int
  let concurrently: Int
  /// Seconds since the first child was started.
  let elapsed: Double

  /// How much slower than natively on one thread a layer is simulated: between 100 (plain copies)
  /// and 3000 (convolutions), and AVX-512 natively is AVX2 here.
  private static let slowdown = 1500.0

  func line(for progress: Simulation.Progress) -> String {
    // Every layer is counted twice in every run, in either state of the caches.
    let total = 2 * layerSeconds.values.reduce(0, +) * Double(progress.runs)
    let counted = [progress.begun, progress.finished].joined().joined()
    let done = counted.reduce(0) { $0 + (layerSeconds[$1] ?? 0) }
    let share = total > 0 ? min(done / total, 1) : 0
    let left =
      share > 0.02
      ? elapsed * (1 - share) / share
      : max(1, total * Self.slowdown * Double(threads) / Double(concurrently) - elapsed)
    let passes = max(1, 2 * progress.runs)
    let layers = "\(counted.count / passes) of \(layerSeconds.count) layers"
    return "simulating caches: \(Self.bar(share)) \(Int(share * 100)) %, \(layers), "
      + "about \(Self.duration(left)) left"
  }

  private static func bar(_ share: Double) -> String {
    let width = 20
    let full = Int(share * Double(width))
    return String(repeating: "█", count: full) + String(repeating: "·", count: width - full)
  }

  /// Seconds in the words of a progress line.
  static func duration(_ seconds: Double) -> String {
    let whole = Int(min(seconds.rounded(.up), 1e9))
    if whole < 100 { return "\(whole) s" }
    if whole < 5400 { return "\((whole + 30) / 60) min" }
    return "\((whole + 1800) / 3600) h"
  }
}
