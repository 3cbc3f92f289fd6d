import Machine
import Topology

/// A host kernel whose work falls into parts that do not depend on each other.
protocol TeamKernel: HostKernel {
  /// Who shares the parts.
  var team: KernelTeam { get }

  /// How many parts there are; all take about as long.
  func partCount(types: [TensorType], type: TensorType) -> Int

  /// Computes what some of the parts give, from the same buffers for all of them.
  func run(
    parts: Range<Int>, inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType)
}

extension TeamKernel {
  /// Computes all parts, each thread some of them.
  func run(
    inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    let numbers = inputs.reduce(output.count) { $0 + min($1.count, output.count) }
    nonisolated(unsafe) let (sources, target) = (inputs, output)
    team.share(partCount(types: types, type: type), numbers: numbers) { parts in
      run(parts: parts, inputs: sources, types: types, output: target, type: type)
    }
  }
}

/// The threads that share the work of host kernels.
struct KernelTeam {
  /// Numbers read and written below which waking a team takes longer than it saves.
  private static let smallest = 1 << 14

  /// Threads of the team, the calling one included.
  let threads: Int

  /// Calls `body` with parts of `0..<count` that together are the whole, from one thread each.
  func share(_ count: Int, numbers: Int, _ body: @Sendable (Range<Int>) -> Void) {
    let parts = min(threads, count)
    guard parts > 1, numbers >= KernelTeam.smallest else { return body(0..<count) }
    do throws(ThreadTeamError) {
      // The whole team, even where some have nothing to do: a smaller one would end threads.
      try ThreadTeam.run(threads) { part in
        guard part < parts else { return }
        body(part * count / parts..<(part + 1) * count / parts)
      }
    } catch {
      body(0..<count)
    }
  }
}
