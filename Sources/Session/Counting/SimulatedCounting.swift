import Counters
import Execution
import Machine
import Measuring
package import Profiling
import Topology

/// The counting that `--counters simulated` does after the timing.
extension NetworkRun {
  /// Simulates the selected layers in child processes; what they counted until a failure or
  /// Ctrl-C stays.
  package func simulate() {
    let observer = bench.observer
    let simulation: Simulation
    do throws(CounterError) {
      simulation = try Simulation(
        program: ChildProcess.ownProgram, arguments: childTask.arguments,
        topology: topology.info.sha256, events: bench.events, cold: options.cache == "cold")
    } catch {
      simulationFailure = error
      return
    }
    let concurrently = childrenAtATime()
    var line = SimulationProgress(
      layerSeconds: layerSeconds(), threads: bench.threads, concurrently: concurrently)
    let begin = Clock.now()
    simulation.run(
      concurrently: concurrently, isCancelled: { Interrupt.isRequested },
      watch: { progress in
        line.update(progress, elapsed: Double(Clock.now() - begin) * 1e-9)
        observer.progress(line.text)
      })
    observer.progressEnded()
    simulationFailure = simulation.failure
    self.simulation = simulation
  }

  /// The simulated events of each layer that has a row of its own.
  package var simulatedCounters: [Int: CounterRecord] {
    guard let simulation else { return [:] }
    var found: [Int: CounterRecord] = [:]
    for (layer, steps) in Dictionary(grouping: plan.steps, by: \.layer) {
      found[layer] = simulation.counters(layer: layer, native: steps.map(\.simulated))
    }
    return found
  }

  /// What the child is told: all that decides which network it plans.
  private var childTask: ChildTask {
    var settings = MeasurementSettings()
    settings.layers = options.layers
    settings.planning.seed = options.seed
    settings.planning.isa = options.isa
    settings.planning.noFusion = options.noFusion
    var network = topology.childSettings
    // It says itself which file it read.
    network.sha256 = nil
    return ChildTask(.simulate, RunSettings(network, settings))
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
