public import Measuring
import Profiling
import Topology

extension Plan {
  /// The steps whose algorithm executes another number of operations than the direct one: the
  /// convolutions that run by Winograd's.
  ///
  /// See ``Profiling/WinogradCost`` for the count. Bias and post-ops are in neither number.
  public var algorithmWork: [Int: AlgorithmWork] {
    var found: [Int: AlgorithmWork] = [:]
    for (index, step) in steps.enumerated() {
      guard let cost = WinogradCost.of(implementation: step.implementation),
        let source = step.sources.first,
        case .convolution(let convolution) = program.instructions[source].operation,
        convolution.kernel == [cost.filter, cost.filter]
      else { continue }
      let input = program.values[program.instructions[source].inputs[0]].dims
      let output = program.values[program.instructions[source].output].dims
      let (batch, inputs, outputs) = (output[0], input[1] / convolution.groups, output[1])
      let (height, width) = (output[2], output[3])
      let valid = convolution.validTaps(input: input.dropFirst(2), output: output.dropFirst(2))
      found[index] = AlgorithmWork(
        direct: 2 * batch * inputs * outputs * valid.pairs,
        executed: convolution.groups
          * cost.flops(
            batch: batch, inputs: inputs, outputs: outputs / convolution.groups, height: height,
            width: width))
    }
    return found
  }
}
