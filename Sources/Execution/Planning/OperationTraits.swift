import Measuring
import Topology

/// What planning has to know of an operation beside how it is lowered.
///
/// Said once for each operation, in a switch without a default: a new operation does not compile until
/// it is decided.
struct OperationTraits {
  /// How an operation may run as part of the step before it, on the value that the step makes.
  enum Fusion {
    /// Not.
    case none
    /// A batch normalisation, into weights and bias.
    case intoWeights
    /// A function of every element.
    case eltwise(Topology.Eltwise)
    /// As one, where its constant is one number.
    case slope
    /// With a second operand.
    case binary(BinaryKind)
  }

  /// What an operation does with 8-bit numbers.
  enum Quantization {
    /// It multiplies them: a value that it reads is worth an 8-bit form.
    case multiplies
    /// It gives on what it reads: worth it where its own result is.
    case passesOn
    /// It computes in floating point.
    case none
  }

  /// What computes it.
  enum Place {
    /// oneDNN, as a primitive.
    case library
    /// A kernel of ours, on plain f32 values.
    case host
    /// Nothing in a pass: a constant, another view of a value, or the value itself.
    case nothing
  }

  /// What computes it.
  var place: Place
  /// How it is fused.
  var fusion = Fusion.none
  /// What it does with 8-bit numbers.
  var quantization = Quantization.none
  /// Whether its result lies in the format of what it reads, whatever that is.
  var keepsFormat = false
  /// Whether its result has one scale with what it reads: what is joined, and what is only moved.
  var sharesScale = false
  /// Whether it makes or only moves data, so that on constants it is done once.
  var keepsConstants = false
  /// Whether one reorder of the library is all of its work.
  var isReorder = false
}

extension Topology.Operation {
  /// What planning has to know of it.
  var traits: OperationTraits {
    switch self {
    case .convolution, .deconvolution, .innerProduct, .matrixProduct:
      OperationTraits(place: .library, quantization: .multiplies)
    case .recurrent, .softmax, .logSoftmax, .layerNormalization, .reduction:
      OperationTraits(place: .library)
    case .pooling, .concat:
      OperationTraits(
        place: .library, quantization: .passesOn, keepsFormat: true, sharesScale: true)
    case .eltwise(let eltwise):
      OperationTraits(
        place: .library, fusion: .eltwise(eltwise), quantization: .passesOn, keepsFormat: true)
    case .binary(let kind):
      OperationTraits(
        place: .library, fusion: .binary(kind), quantization: .passesOn, keepsFormat: true)
    case .batchNormalization:
      OperationTraits(place: .library, fusion: .intoWeights, keepsFormat: true)
    case .parametricRelu: OperationTraits(place: .library, fusion: .slope)
    case .localResponse: OperationTraits(place: .library, keepsFormat: true)
    case .resampling:
      OperationTraits(place: .library, quantization: .passesOn, keepsFormat: true)
    case .transpose:
      OperationTraits(
        place: .library, quantization: .passesOn, sharesScale: true, keepsConstants: true,
        isReorder: true)
    case .copy:
      OperationTraits(
        place: .library, quantization: .passesOn, keepsFormat: true, sharesScale: true,
        isReorder: true)
    case .reorder:
      OperationTraits(
        place: .library, quantization: .passesOn, sharesScale: true, isReorder: true)
    case .spaceBlocks: OperationTraits(place: .library, isReorder: true)
    case .reshape:
      OperationTraits(
        place: .nothing, quantization: .passesOn, sharesScale: true, keepsConstants: true)
    case .constant, .identity: OperationTraits(place: .nothing, keepsConstants: true)
    case .gather: OperationTraits(place: .host, keepsConstants: true)
    case .slice, .pad, .roll, .expand, .embedding, .groupNormalization, .causalMask,
      .rootMeanSquareNormalization, .cumulativeSum, .topK, .oneHot, .select, .host:
      OperationTraits(place: .host)
    }
  }
}
