import Foundation
import TestSupport
import Testing

@testable import Topology

/// The features of speech against a direct transform and hand-checked cases.
@Suite struct MFCCTests {
  private func features(_ samples: [Float], batch: Int = 1, _ attributes: [String: String] = [:])
    throws -> [Float]
  {
    let type = try TensorType(dims: [batch, samples.count / batch], .nc)
    let graph = try Graph.single(
      "inlay", attributes.merging(["kind": "mfcc"]) { $1 }, on: [type])
    let program = try graph.program()
    return ReferenceInterpreter.run(program, inputs: [samples]) { _, _ in [] }[program.outputs[0]]
  }

  private func noise(_ count: Int) -> [Float] {
    var state: UInt32 = 1
    return (0..<count).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(state >> 8) / Float(1 << 23) - 1
    }
  }

  /// Magnitudes of a signal's bins by the definition of the transform.
  private func spectrum(_ signal: [Double], size: Int) -> [Double] {
    (0...size / 2).map { bin in
      var (x, y) = (0.0, 0.0)
      for (index, value) in signal.enumerated() {
        let angle = -2 * Double.pi * Double(bin * index) / Double(size)
        x += value * cos(angle)
        y += value * sin(angle)
      }
      return hypot(x, y)
    }
  }

  /// One frame's bands and coefficients by the formulas, for 16 kHz.
  private func direct(_ frame: [Float], size: Int, coefficients: Int) -> (
    bands: [Double], cepstrum: [Double]
  ) {
    let count = Double(frame.count)
    let windowed = frame.enumerated().map { index, value in
      Double(value) * (0.5 - 0.5 * cos(2 * Double.pi * Double(index) / count))
    }
    let magnitudes = spectrum(windowed, size: size)
    func mel(_ hertz: Double) -> Double { 2595 * log10(1 + hertz / 700) }
    let edges = (0...41).map { mel(20) + Double($0) * (mel(4000) - mel(20)) / 41 }
    let bands = (1...40).map { band in
      magnitudes.enumerated().reduce(0.0) { sum, item in
        let place = mel(Double(item.offset) * 16000 / Double(size))
        let rise = (place - edges[band - 1]) / (edges[band] - edges[band - 1])
        let fall = (edges[band + 1] - place) / (edges[band + 1] - edges[band])
        return sum + max(0, min(rise, fall)) * item.element
      }
    }
    let cepstrum = (0..<coefficients).map { row in
      var sum = 0.0
      for (index, band) in bands.enumerated() {
        sum += log(band) * cos(Double.pi * Double(row) * (Double(index) + 0.5) / 40)
      }
      return sum * ((row == 0 ? 1.0 : 2.0) / 40).squareRoot()
    }
    return (bands, cepstrum)
  }

  @Test(arguments: [2, 4, 8, 64, 512])
  func transformAgainstItsDefinition(size: Int) {
    let signal = noise(size)
    let fft = RealFFT(minimumSize: size)
    #expect(fft.size == size)
    var result = [Float](repeating: 0, count: fft.binCount)
    result.withUnsafeMutableBufferPointer { magnitudes in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: size) { scratch in
        fft.magnitudes(
          of: { signal[$0] }, real: UnsafeMutableBufferPointer(rebasing: scratch[..<(size / 2)]),
          imaginary: UnsafeMutableBufferPointer(rebasing: scratch[(size / 2)...]),
          into: magnitudes)
      }
    }
    let expected = spectrum(signal.map(Double.init), size: size)
    for (value, wanted) in zip(result, expected) { #expect(abs(Double(value) - wanted) < 1e-4) }
  }

  /// 32 ms are 512 samples, a power of two; 25 ms are 400, padded with zeros.
  @Test(arguments: [(32, 512, 512), (25, 400, 512), (10, 160, 256)])
  func coefficientsAgainstTheFormulas(milliseconds: Int, window: Int, size: Int) throws {
    let signal = noise(window + 320)
    let result = try features(signal, ["context": "0", "window": "\(milliseconds)"])
    #expect(result.count == 2 * 26)
    for frame in 0..<2 {
      let samples = Array(signal[(320 * frame)..<(320 * frame + window)])
      let expected = direct(samples, size: size, coefficients: 26).cepstrum
      for index in 0..<26 {
        #expect(abs(Double(result[frame * 26 + index]) - expected[index]) < 1e-3)
      }
    }
  }

  @Test(arguments: [300.0, 1000.0, 2500.0])
  func aPureTonePeaksInItsBand(hertz: Double) throws {
    let tone = (0..<512).map { Float(sin(2 * Double.pi * hertz * Double($0) / 16000)) }
    let all = try features(tone, ["context": "0", "coefficients": "40"])
    // Forty coefficients of forty bands lose nothing: the inverse DCT gives the bands back.
    let bands = (0..<40).map { band in
      var sum = 0.0
      for row in 0..<40 {
        let angle = Double.pi * Double(row) * (Double(band) + 0.5) / 40
        sum += ((row == 0 ? 1.0 : 2.0) / 40).squareRoot() * Double(all[row]) * cos(angle)
      }
      return sum
    }
    let width = (CepstrumPlan.mel(4000) - CepstrumPlan.mel(20)) / 41
    let nearest = Int(((CepstrumPlan.mel(hertz) - CepstrumPlan.mel(20)) / width).rounded()) - 1
    let peak = bands.indices.max { bands[$0] < bands[$1] }
    #expect(peak == nearest)
  }

  /// All bands of silence are at the floor of 1e-12: a constant, whose transform is one number.
  @Test func silence() throws {
    let result = try features([Float](repeating: 0, count: 512), ["context": "0"])
    #expect(abs(result[0] - Float(40.0.squareRoot() * log(1e-12))) < 1e-3)
    for value in result.dropFirst() { #expect(abs(value) < 1e-3) }
  }

  @Test func neighboursStandAroundEachFrame() throws {
    let signal = noise(512 + 3 * 320)
    let plain = try features(signal, ["context": "0", "coefficients": "2"])
    let wide = try features(signal, ["context": "1", "coefficients": "2"])
    func frame(_ index: Int) -> [Float] {
      (0..<4).contains(index) ? Array(plain[(2 * index)..<(2 * index + 2)]) : [0, 0]
    }
    for index in 0..<4 {
      let expected = frame(index - 1) + frame(index) + frame(index + 1)
      #expect(Array(wide[(6 * index)..<(6 * index + 6)]) == expected)
    }
  }

  @Test func samplesOfABatchAreIndependent() throws {
    let first = noise(832)
    let second = first.map { $0 * $0 }
    let options = ["context": "1", "coefficients": "3"]
    let both = try features(first + second, batch: 2, options)
    let apart = try [features(first, options), features(second, options)]
    for (step, sample) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
      let place = (step * 2 + sample) * 9
      #expect(Array(both[place..<place + 9]) == Array(apart[sample][(step * 9)..<(step * 9 + 9)]))
    }
  }

  @Test func aHalfEmptyTimeAxisOfOtherRates() throws {
    // At 8 kHz a window of 32 ms is 256 samples and a step of 20 ms is 160.
    let result = try features(noise(256 + 160), ["rate": "8000", "context": "0"])
    #expect(result.count == 2 * 26)
    let isFinite = result.allSatisfy(\.isFinite)
    #expect(isFinite)
  }
}
