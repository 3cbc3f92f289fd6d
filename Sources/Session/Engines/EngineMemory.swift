package import Engines
import Measuring
package import Topology

/// The memory of a process in which another engine runs a network, predicted from the bytes of its weights.
///
/// Engines keep the model as it was read, packed copies of weights and what they optimise it to; how much of each is
/// theirs to decide. The factors were fitted to mobilenet-v2, resnet50, bert-base and deepspeech (14 to 418 MiB of
/// weights) in the versions of `Benchmarks/requirements.txt`, and meet those within 10 %.
package struct EngineMemory {
  private var convolutions = 0
  private var recurrent = 0
  private var others = 0

  /// Adds up the weights of a program, each once, in f32.
  package init(_ program: Program) {
    var known: Set<WeightOwner> = []
    for instruction in program.instructions {
      for slot in instruction.weights {
        if let owner = slot.owner, !known.insert(owner).inserted { continue }
        let size = [Int](repeating: slot.elementCount, count: 4).total
        switch instruction.operation {
        case .convolution, .deconvolution: convolutions = [convolutions, size].total
        case .recurrent: recurrent = [recurrent, size].total
        default: others = [others, size].total
        }
      }
    }
  }

  /// The resident set of a process that loaded it and has run it.
  ///
  /// - Parameters:
  ///   - engine: Which one.
  ///   - values: Bytes of the values that are alive at once.
  /// - Returns: Bytes.
  package func bytes(_ engine: EngineName, values: Int) -> Int {
    let all = [convolutions, recurrent, others].total
    let (base, weights): (Int, Double) =
      switch engine {
      case .onednn: (0, Double(all))
      case .onnxruntime: (70, 2.8 * Double(all))
      case .openvino:
        (110, 5 * Double(convolutions) + 6 * Double(recurrent) + 2.6 * Double(others))
      case .pytorch: (260, 1.2 * Double(all))
      }
    // 2^60: a larger one would be no Int any more.
    return [base << 20, Int(min(weights, 0x1p60)), values].total
  }
}
