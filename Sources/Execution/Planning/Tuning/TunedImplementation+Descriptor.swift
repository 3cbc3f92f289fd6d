import DNNL
import Measuring
import Profiling

extension TunedImplementation {
  /// What a descriptor is, not timed yet.
  init(variant: Int, of descriptor: borrowing PrimitiveDescriptor) throws(DNNLError) {
    self.init(
      variant: variant, implementation: descriptor.implementation,
      algorithm: descriptor.convolutionAlgorithm?.rawValue,
      formats: try TunedImplementation.formats(of: descriptor))
  }

  /// How a record lists it where another one was chosen.
  var alternative: Alternative {
    Alternative(
      implementation: implementation, algorithm: algorithm, time: time,
      formats: ["src": formats[0], "weights": formats[1], "dst": formats[2]],
      numericalError: error, fault: fault?.words)
  }

  /// Whether its blocks of channels are those of this machine's vectors, or it has none.
  ///
  /// Blocks of 8 are those of AVX2. On AVX-512 oneDNN 2.6.3's binary primitives with post-ops were seen
  /// to go wrong on them.
  var fillsVectors: Bool {
    let vector = ConvolutionForms.vector
    return [source, result].allSatisfy { format in
      guard format.hasSuffix("b"), let block = Int(format.dropLast().drop { !$0.isNumber }) else {
        return true
      }
      return block == vector
    }
  }

  /// Whether a descriptor is that of this implementation on these formats.
  func isMade(by descriptor: borrowing PrimitiveDescriptor) throws(DNNLError) -> Bool {
    guard descriptor.implementation == implementation,
      descriptor.convolutionAlgorithm?.rawValue == algorithm
    else { return false }
    return try TunedImplementation.formats(of: descriptor) == formats
  }

  private static func formats(of descriptor: borrowing PrimitiveDescriptor) throws(DNNLError)
    -> [String]
  {
    try [
      descriptor.required(.src).format, descriptor.required(.weights).format,
      descriptor.required(.dst).format,
    ]
  }
}
