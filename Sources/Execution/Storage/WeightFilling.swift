import Machine
import Topology

extension WeightProvider {
  /// Writes a whole constant, a large one from all threads of the team.
  func fill(
    instruction: Int, slot: WeightSlot, index: Int, threads: Int,
    into buffer: UnsafeMutableBufferPointer<Float>
  ) {
    let grain = 1 << 18
    let parts = min(threads, buffer.count / grain)
    guard parts > 1 else {
      fill(instruction: instruction, slot: slot, index: index, offset: 0, into: buffer)
      return
    }
    nonisolated(unsafe) let target = buffer
    let share = (buffer.count + parts - 1) / parts
    do throws(ThreadTeamError) {
      // The whole team, even where some have nothing to do: a smaller one would end threads, and
      // with them what was made for them.
      try ThreadTeam.run(threads) { part in
        guard part < parts else { return }
        let begin = part * share
        let end = min(begin + share, target.count)
        guard begin < end else { return }
        fill(
          instruction: instruction, slot: slot, index: index, offset: begin,
          into: UnsafeMutableBufferPointer(rebasing: target[begin..<end]))
      }
    } catch {
      fill(instruction: instruction, slot: slot, index: index, offset: 0, into: buffer)
    }
  }
}
