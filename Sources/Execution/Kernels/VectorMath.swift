/// Eight numbers that host kernels compute on at once; the compiler makes registers of them.
typealias Lanes = SIMD8<Float>

extension SIMD8<Float> {
  /// The lanes at a place that need not be aligned.
  @inline(__always)
  init(at place: UnsafePointer<Float>) {
    self = UnsafeRawPointer(place).loadUnaligned(as: SIMD8<Float>.self)
  }

  /// The first `count` numbers at a place, and `rest` in the other lanes.
  @inline(__always)
  init(at place: UnsafePointer<Float>, count: Int, rest: Float = 0) {
    if count >= SIMD8<Float>.scalarCount {
      self.init(at: place)
      return
    }
    self.init(repeating: rest)
    for lane in 0..<count { self[lane] = place[lane] }
  }

  /// Writes the lanes to a place that need not be aligned.
  @inline(__always)
  func store(at place: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(place).storeBytes(of: self, as: SIMD8<Float>.self)
  }

  /// Writes the first `count` lanes.
  @inline(__always)
  func store(at place: UnsafeMutablePointer<Float>, count: Int) {
    if count >= SIMD8<Float>.scalarCount { return store(at: place) }
    for lane in 0..<count { place[lane] = self[lane] }
  }

  /// The larger one of each two lanes.
  @inline(__always)
  static func larger(_ a: SIMD8<Float>, _ b: SIMD8<Float>) -> SIMD8<Float> {
    a.replacing(with: b, where: b .> a)
  }

  /// The smaller one of each two lanes.
  @inline(__always)
  static func smaller(_ a: SIMD8<Float>, _ b: SIMD8<Float>) -> SIMD8<Float> {
    a.replacing(with: b, where: b .< a)
  }

  /// e to the power of each lane, to 2 units of the last place; 0 where that would be denormal.
  ///
  /// x = n·ln 2 + r with |r| ≤ ln 2 / 2, and a polynomial for r: `expf` of Moshier's Cephes library.
  @inline(__always)
  var exponential: SIMD8<Float> {
    let low: Float = -87.33655
    // In this order what is not a number stays so.
    let x = SIMD8<Float>.smaller(
      SIMD8<Float>.larger(self, SIMD8(repeating: low)), SIMD8(repeating: 88.72283))
    // Adding 1.5 · 2^23 leaves the nearest integer in the last bits.
    let magic = SIMD8<Float>(repeating: 12_582_912)
    let shifted = x * 1.442695041 + magic
    let n = shifted - magic
    let r = x - n * 0.693359375 - n * -2.12194440e-4
    var p = r * 1.9875691500e-4 + 1.3981999507e-3
    p = p * r + 8.3334519073e-3
    p = p * r + 4.1665795894e-2
    p = p * r + 1.6666665459e-1
    p = p * r + 5.0000001201e-1
    let value = p * r * r + r + 1
    let bits = unsafeBitCast(shifted, to: SIMD8<UInt32>.self) &- 0x4B40_0000
    // In two steps, for 2^128 is no number.
    let power = unsafeBitCast((bits &<< 23) &+ 0x3F00_0000, to: SIMD8<Float>.self)
    return (value * power * 2).replacing(with: 0, where: self .< low)
  }

  /// The natural logarithm of each lane, which must be a normal positive number.
  ///
  /// x = m·2^n with √½ ≤ m < √2, and a polynomial for m: `logf` of Moshier's Cephes library.
  @inline(__always)
  var logarithm: SIMD8<Float> {
    let bits = unsafeBitCast(self, to: SIMD8<Int32>.self)
    // The exponent counted from √½, so that the mantissa lies around 1.
    let offset = bits &- 0x3F35_04F3
    let exponent = offset &>> 23
    let n = SIMD8<Float>(exponent)
    let m = unsafeBitCast(bits &- (exponent &<< 23), to: SIMD8<Float>.self) - 1
    var p = m * 7.0376836292e-2 - 1.1514610310e-1
    p = p * m + 1.1676998740e-1
    p = p * m - 1.2420140846e-1
    p = p * m + 1.4249322787e-1
    p = p * m - 1.6668057665e-1
    p = p * m + 2.0000714765e-1
    p = p * m - 2.4999993993e-1
    p = p * m + 3.3333331174e-1
    let square = m * m
    let tail = p * m * square + n * -2.12194440e-4 - square * 0.5
    return m + tail + n * 0.693359375
  }
}
