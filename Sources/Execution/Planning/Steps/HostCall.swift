import Machine
import Measuring
import Topology

/// A host kernel with its buffers, and the team that shares its work.
struct HostCall {
  /// Numbers read and written below which waking a team takes longer than it saves.
  private static let smallest = 1 << 14

  private let kernel: any HostKernel
  private let inputs: [UnsafeBufferPointer<Float>]
  private let types: [TensorType]
  private let output: UnsafeMutableBufferPointer<Float>
  private let type: TensorType
  private let job: TeamJob?

  /// Prepares a call; the buffers must outlive it.
  init(
    _ kernel: any HostKernel, inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType, threads: Int
  ) {
    self.kernel = kernel
    self.inputs = inputs
    self.types = types
    self.output = output
    self.type = type
    let numbers = inputs.reduce(output.count) { $0 + min($1.count, output.count) }
    guard threads > 1, numbers >= HostCall.smallest, let shared = kernel as? any ParallelKernel
    else {
      job = nil
      return
    }
    let parts = shared.partCount(types: types, type: type)
    let team = min(threads, parts)
    nonisolated(unsafe) let (sources, target) = (inputs, output)
    // The whole team, even where some have nothing to do: a smaller one would end threads.
    job =
      team > 1
      ? try? TeamJob(threads: threads) { index in
        let begin = parts * min(index, team) / team
        let end = parts * min(index + 1, team) / team
        guard begin < end else { return }
        shared.run(parts: begin..<end, inputs: sources, types: types, output: target, type: type)
      } : nil
  }

  /// Computes the output.
  func run() {
    if let job {
      job.run()
    } else {
      kernel.run(inputs: inputs, types: types, output: output, type: type)
    }
  }
}
