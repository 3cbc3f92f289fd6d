import DNNL
import Measuring
import Topology

/// What ``Fuser`` needs to know about the anchor.
struct FusionSite {
  /// The instruction that becomes a primitive.
  let anchor: Int
  /// Dims of the primitive's dst: the value's own, or others over the same memory.
  let dims: [Int]
  /// How plain memory of the result's lies under those dims, where that is not plain order, too.
  var form: MemoryDescriptor?
  /// The dimension of the value whose batch normalisation can be folded into the constants.
  var channelAxis: Int?
  /// Whether a residual can be added to what dst holds.
  var sums = false
  /// The type of what it reads.
  var type = DataType.f32
  /// Whether its result is of that type, too, whoever reads it.
  var keepsType = false
  /// The factors of an 8-bit primitive, without epilogue, whose result is to be multiplied with a
  /// number; with the batch normalisations folded into its weights.
  var scaling: ((_ factor: Float, _ folded: [Int]) throws(DNNLError) -> Scaling)?
  /// What is added to its result before anything else: what operands' zero points stand for.
  var addend: Float = 0
  /// Buffers it reads, which a sum must not overwrite.
  var reads: [Int] = []
  /// The forms its source has already.
  var sources: [MemoryDescriptor] = []
  /// Other ways to make the primitive descriptor, for a search.
  var variants: [Make] = []
  /// Makes the primitive descriptor.
  let make: Make

  /// Makes a primitive descriptor: attributes, dst, and whether a bias is needed.
  typealias Make = (borrowing PrimitiveAttributes, MemoryDescriptor, Bool) throws(DNNLError) ->
    PrimitiveDescriptor
}
