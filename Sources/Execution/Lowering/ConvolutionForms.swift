import DNNL
import Measuring
import Profiling

/// Memory formats of a convolution's source and result that implementations exist for.
struct ConvolutionForms {
  let source: MemoryDescriptor
  let result: MemoryDescriptor

  /// The f32 numbers of a vector.
  static var vector: Int { OneDNN.instructionSet.lanes == 16 ? 16 : 8 }

  /// Channels last, and channels in blocks of a vector; for few source channels also from plain
  /// order, which the first convolution of a network reads.
  static func all(_ source: [Int], _ result: [Int], _ type: DataType)
    throws(DNNLError) -> [ConvolutionForms]
  {
    let rank = source.count
    let letters = String("abcde".prefix(rank))
    let last = MemoryFormat("a" + letters.dropFirst(2) + "b", rank: rank)
    let blocked = MemoryFormat("aB" + letters.dropFirst(2) + "\(vector)b", rank: rank)
    var forms: [ConvolutionForms] = []
    for format in [last, blocked] {
      guard let format else { continue }
      let wanted = try MemoryDescriptor(result, type, format)
      forms.append(
        ConvolutionForms(source: try MemoryDescriptor(source, type, format), result: wanted))
      if source[1] < vector {
        forms.append(ConvolutionForms(source: try MemoryDescriptor(source, type), result: wanted))
      }
    }
    return forms
  }
}
