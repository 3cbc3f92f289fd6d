import RealModule

/// The discrete Fourier transform of real signals whose length is a power of two.
///
/// A signal of n samples is packed into n/2 complex ones, transformed in place by the radix-2
/// method of Cooley and Tukey (1965) and unpacked, half the work of a complex transform.
struct RealFFT: Sendable {
  /// The number of real samples.
  let size: Int
  /// Parts of e^(−2πik/n) for k < n/2.
  private let cosines: [Float]
  private let sines: [Float]
  private let reversed: [Int]

  /// Prepares transforms of the smallest power of two that holds `minimumSize` (≥ 2) samples.
  init(minimumSize: Int) {
    var size = 2
    while size < minimumSize { size *= 2 }
    let half = size / 2
    let angles = (0..<half).map { -2 * Double.pi * Double($0) / Double(size) }
    self.size = size
    cosines = angles.map { Float(Double.cos($0)) }
    sines = angles.map { Float(Double.sin($0)) }
    var reversed = [0]
    while reversed.count < half { reversed = reversed.map { 2 * $0 } + reversed.map { 2 * $0 + 1 } }
    self.reversed = reversed
  }

  /// The number of bins from 0 to half the sampling rate: n/2 + 1.
  var binCount: Int { size / 2 + 1 }

  /// Writes |X| of every bin; `real` and `imaginary` are scratch of n/2 elements.
  ///
  /// - Parameters:
  ///   - sample: The sample at an index below ``size``.
  ///   - real: Scratch.
  ///   - imaginary: Scratch.
  ///   - magnitudes: ``binCount`` results.
  func magnitudes(
    of sample: (Int) -> Float, real: UnsafeMutableBufferPointer<Float>,
    imaginary: UnsafeMutableBufferPointer<Float>,
    into magnitudes: UnsafeMutableBufferPointer<Float>
  ) {
    let half = size / 2
    for index in 0..<half {
      real[reversed[index]] = sample(2 * index)
      imaginary[reversed[index]] = sample(2 * index + 1)
    }
    transform(real, imaginary)
    magnitudes[0] = abs(real[0] + imaginary[0])
    magnitudes[half] = abs(real[0] - imaginary[0])
    for bin in 1..<max(half, 1) {
      // X[k] = (Z[k] + Z*[m−k]) / 2 − i/2 · e^(−2πik/n) · (Z[k] − Z*[m−k])
      let mirror = half - bin
      let evenReal = (real[bin] + real[mirror]) / 2
      let evenImaginary = (imaginary[bin] - imaginary[mirror]) / 2
      let oddReal = (imaginary[bin] + imaginary[mirror]) / 2
      let oddImaginary = (real[mirror] - real[bin]) / 2
      let x = evenReal + cosines[bin] * oddReal - sines[bin] * oddImaginary
      let y = evenImaginary + cosines[bin] * oddImaginary + sines[bin] * oddReal
      magnitudes[bin] = (x * x + y * y).squareRoot()
    }
  }

  /// The complex transform of n/2 values in bit-reversed order, in place.
  private func transform(
    _ real: UnsafeMutableBufferPointer<Float>, _ imaginary: UnsafeMutableBufferPointer<Float>
  ) {
    let count = size / 2
    var span = 1
    while span < count {
      let stride = count / span
      for start in Swift.stride(from: 0, to: count, by: 2 * span) {
        for offset in 0..<span {
          let (low, high) = (start + offset, start + offset + span)
          let (c, s) = (cosines[offset * stride], sines[offset * stride])
          let x = real[high] * c - imaginary[high] * s
          let y = real[high] * s + imaginary[high] * c
          real[high] = real[low] - x
          imaginary[high] = imaginary[low] - y
          real[low] += x
          imaginary[low] += y
        }
      }
      span *= 2
    }
  }
}
