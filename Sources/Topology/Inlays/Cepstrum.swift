import RealModule

/// The tables that turn a frame of samples into mel-frequency cepstral coefficients.
///
/// The method is that of Davis and Mermelstein, "Comparison of Parametric Representations for
/// Monosyllabic Word Recognition in Continuously Spoken Sentences", IEEE ASSP 28(4), 1980: window,
/// spectrum, triangular filters on the mel scale, logarithm, cosine transform. Choices the paper
/// leaves open follow the features DeepSpeech was trained on: a periodic Hann window, the
/// magnitude spectrum, HTK's mel(f) = 1127·ln(1 + f/700), 40 filters from 20 to 4000 Hz, an
/// orthonormal DCT-II whose first coefficient is kept, no pre-emphasis and no liftering.
struct CepstrumPlan: Sendable {
  /// What the tables are made for.
  struct Parameters: Hashable, Sendable {
    /// Samples a second.
    var rate: Int
    /// Samples in a frame.
    var window: Int
    /// Samples from one frame to the next.
    var step: Int
    /// Coefficients of a frame.
    var coefficients: Int
  }

  /// One triangular filter: weights of the spectrum's bins from `first` on.
  private struct Filter {
    var first: Int
    var weights: [Float]
  }

  /// What the tables are made for.
  let parameters: Parameters
  /// The transform of a frame, padded with zeros to a power of two.
  let fft: RealFFT
  private let window: [Float]
  private let filters: [Filter]
  /// Row-major: coefficients x filters.
  private let cosines: [Float]

  /// Computes the tables.
  init(_ parameters: Parameters) {
    self.parameters = parameters
    fft = RealFFT(minimumSize: parameters.window)
    window = (0..<parameters.window).map {
      Float(0.5 - 0.5 * Double.cos(2 * Double.pi * Double($0) / Double(parameters.window)))
    }
    let count = max(40, parameters.coefficients)
    filters = CepstrumPlan.makeFilters(count, rate: parameters.rate, fft: fft)
    var cosines: [Float] = []
    cosines.reserveCapacity(parameters.coefficients * count)
    for row in 0..<parameters.coefficients {
      let scale = ((row == 0 ? 1 : 2) / Double(count)).squareRoot()
      for column in 0..<count {
        let angle = Double.pi * Double(row) * (Double(column) + 0.5) / Double(count)
        cosines.append(Float(scale * Double.cos(angle)))
      }
    }
    self.cosines = cosines
  }

  /// HTK's mel scale.
  static func mel(_ hertz: Double) -> Double { 1127 * Double.log(onePlus: hertz / 700) }

  /// The number of filters: room for the results of ``filterbank(magnitudes:into:)``.
  var filterCount: Int { filters.count }

  /// The frame's windowed sample at `index`; zero beyond the frame.
  func sample(_ index: Int, of frame: UnsafePointer<Float>) -> Float {
    index < window.count ? frame[index] * window[index] : 0
  }

  /// Sums the magnitudes under each filter.
  func filterbank(
    magnitudes: UnsafeMutableBufferPointer<Float>, into bands: UnsafeMutableBufferPointer<Float>
  ) {
    for (band, filter) in filters.enumerated() {
      var sum: Float = 0
      for (offset, weight) in filter.weights.enumerated() {
        sum += weight * magnitudes[filter.first + offset]
      }
      bands[band] = sum
    }
  }

  /// Takes the logarithm of the bands and writes their cosine transform.
  func cepstrum(
    bands: UnsafeMutableBufferPointer<Float>, into coefficients: UnsafeMutablePointer<Float>
  ) {
    for band in bands.indices { bands[band] = Float.log(max(bands[band], 1e-12)) }
    for row in 0..<parameters.coefficients {
      var sum: Float = 0
      for band in bands.indices { sum += cosines[row * bands.count + band] * bands[band] }
      coefficients[row] = sum
    }
  }

  /// Triangles of equal width in mel, each from its left neighbour's centre to its right one's.
  private static func makeFilters(_ count: Int, rate: Int, fft: RealFFT) -> [Filter] {
    let nyquist = Double(rate) / 2
    let low = mel(nyquist > 40 ? 20 : 0)
    let width = (mel(min(4000, nyquist)) - low) / Double(count + 1)
    let places = (0..<fft.binCount).map { bin in
      (mel(Double(bin) * Double(rate) / Double(fft.size)) - low) / width
    }
    return (0..<count).map { index in
      let centre = Double(index + 1)
      let first = places.firstIndex { $0 > centre - 1 } ?? places.count
      let end = places.firstIndex { $0 >= centre + 1 } ?? places.count
      let weights = places[first..<max(first, end)].map { Float(1 - abs($0 - centre)) }
      return Filter(first: first, weights: weights)
    }
  }
}

/// Computes the coefficients of every frame and lays each frame out with its neighbours.
///
/// Frames before the first and after the last one count as zeros. All scratch is taken once a
/// run, not once a frame.
struct CepstrumKernel: HostKernel {
  /// The tables.
  let plan: CepstrumPlan
  /// Neighbours on either side.
  let context: Int
  let name = MFCC.name

  func run(
    inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    guard let source = inputs[0].baseAddress else { return }
    let (frames, batch, samples) = (type.dims[0], type.dims[1], types[0].dims[1])
    let count = plan.parameters.coefficients
    withUnsafeTemporaryAllocation(of: Float.self, capacity: frames * count) { features in
      for sample in 0..<batch {
        computeFeatures(of: source + sample * samples, frames: frames, into: features)
        for frame in 0..<frames {
          var place = (frame * batch + sample) * type.dims[2]
          for neighbour in frame - context...frame + context {
            let isInside = (0..<frames).contains(neighbour)
            for index in 0..<count {
              output[place + index] = isInside ? features[neighbour * count + index] : 0
            }
            place += count
          }
        }
      }
    }
  }

  private func computeFeatures(
    of signal: UnsafePointer<Float>, frames: Int, into features: UnsafeMutableBufferPointer<Float>
  ) {
    guard let base = features.baseAddress else { return }
    let half = plan.fft.size / 2
    let capacity = 2 * half + plan.fft.binCount + plan.filterCount
    withUnsafeTemporaryAllocation(of: Float.self, capacity: capacity) { scratch in
      let real = UnsafeMutableBufferPointer(rebasing: scratch[..<half])
      let imaginary = UnsafeMutableBufferPointer(rebasing: scratch[half..<2 * half])
      let rest = scratch[(2 * half)...]
      let magnitudes = UnsafeMutableBufferPointer(rebasing: rest.prefix(plan.fft.binCount))
      let bands = UnsafeMutableBufferPointer(rebasing: rest.dropFirst(plan.fft.binCount))
      for frame in 0..<frames {
        let start = signal + frame * plan.parameters.step
        plan.fft.magnitudes(
          of: { plan.sample($0, of: start) }, real: real, imaginary: imaginary, into: magnitudes)
        plan.filterbank(magnitudes: magnitudes, into: bands)
        plan.cepstrum(bands: bands, into: base + frame * plan.parameters.coefficients)
      }
    }
  }
}
