import DNNL
import Topology

extension Planner {
  /// The host kernel of an operation that oneDNN 2.6 lacks; `nil` for any other.
  func kernel(of index: Int) -> (any HostKernel)? {
    let instruction = program.instructions[index]
    let extents = dims(instruction.inputs[0])
    let result = dims(instruction.output)
    let team = KernelTeam(threads: options.threads)
    switch instruction.operation {
    case .slice(let slice): return AxisMapCopy(slice, extents: extents, dims: result)
    case .pad(let padding): return AxisMapCopy(padding, extents: extents, dims: result)
    case .gather(let axis):
      return GatherCopy(name: "gather", axis: axis, data: (0, extents), indices: 1)
    case .embedding:
      let table = instruction.weights[0].dims
      return GatherCopy(name: "embedding", axis: 0, data: (1, table), indices: 0)
    case .groupNormalization(let groups, let epsilon):
      return GroupNormalization(groups: groups, epsilon: epsilon)
    case .causalMask(let value): return CausalMask(value: value)
    case .roll(let shifts): return AxisMapCopy(roll: shifts, extents: extents)
    case .expand: return AxisMapCopy(expanding: extents, dims: result)
    case .rootMeanSquareNormalization(let epsilon):
      return RootMeanSquareNormalization(
        epsilon: Float(epsilon), width: instruction.weights[0].elementCount, team: team)
    case .cumulativeSum(let sum): return CumulativeSums(sum: sum, team: team)
    case .topK(let topK): return TopElements(topK: topK, team: team)
    case .oneHot(let oneHot): return OneHotRows(oneHot: oneHot, team: team)
    case .select:
      return Selection(operands: instruction.inputs.map(dims), dims: result, team: team)
    default: return nil
    }
  }
}
