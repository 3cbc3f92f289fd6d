/// Random constants and inputs that depend on nothing but a seed and their place.
///
/// An element's value is a hash of (seed, instruction, slot, element index), so that it is the same
/// whatever part is filled first and by how many threads. Weights are uniform in ±√(3/fan-in):
/// their products keep the variance of what they multiply, so that activations stay in range
/// through hundreds of layers. No value is zero or denormal.
public struct SeededWeights: WeightProvider, Hashable {
  /// The seed.
  public let seed: UInt64

  /// Makes the constants of a seed.
  public init(seed: UInt64) { self.seed = seed }

  /// Writes elements of a constant; see ``WeightProvider``.
  public func fill(
    instruction: Int, slot: WeightSlot, index: Int, offset: Int,
    into buffer: UnsafeMutableBufferPointer<Float>
  ) {
    if let pattern = slot.pattern {
      return pattern.write(offset: offset, dims: slot.dims, into: buffer)
    }
    let place = slot.owner ?? WeightOwner(instruction: instruction, index: index)
    let key = mixed(seed ^ mixed(UInt64(place.instruction) << 16 | UInt64(place.index)))
    let (center, radius) = SeededWeights.range(of: slot)
    uniform(key: key, offset: offset, center: center, radius: radius, into: buffer)
  }

  /// Writes an input of the network: uniform in ±1.
  public func fillInput(_ index: Int, into buffer: UnsafeMutableBufferPointer<Float>) {
    let key = mixed(seed ^ mixed(~UInt64(index)))
    uniform(key: key, offset: 0, center: 0, radius: 1, into: buffer)
  }

  /// An input of the network in plain order: uniform in ±1.
  public func input(_ index: Int, count: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      fillInput(index, into: UnsafeMutableBufferPointer(rebasing: buffer[0..<count]))
      initialized = count
    }
  }

  /// The middle and half width of the values of a slot.
  private static func range(of slot: WeightSlot) -> (center: Float, radius: Float) {
    switch slot.role {
    case .weights, .weightsIteration: (0, (3 / Float(max(1, slot.fanIn))).squareRoot())
    case .bias, .shift, .mean: (0, 0.05)
    case .scale, .variance: (1, 0.1)
    case .slope: (0.25, 0.1)
    }
  }
}

/// Writes center ± radius·u with u uniform in (−1, 1) by element index.
///
/// One multiplication and three shifts an element: a plain loop over contiguous memory that the
/// compiler turns into vector code, faster than memory takes it.
private func uniform(
  key: UInt64, offset: Int, center: Float, radius: Float,
  into buffer: UnsafeMutableBufferPointer<Float>
) {
  guard let base = buffer.baseAddress else { return }
  // Blocks keep the running index within 32 bits whatever the offset.
  let blockSize = 1 << 24
  var done = 0
  while done < buffer.count {
    let start = offset + done
    let block = start / blockSize
    let count = min(buffer.count - done, (block + 1) * blockSize - start)
    let blockKey = mixed(key &+ UInt64(block))
    let low = UInt32(truncatingIfNeeded: blockKey)
    let high = UInt32(truncatingIfNeeded: blockKey >> 32)
    let first = UInt32(start - block * blockSize)
    for index in 0..<count {
      var bits = (first &+ UInt32(truncatingIfNeeded: index)) &* 0x9E37_79B1 &+ low
      bits ^= bits &>> 15
      bits = (bits ^ high) &* 0x85EB_CA6B
      bits ^= bits &>> 13
      // The exponent of 1 below 23 random bits, the last one set: never exactly 1.5.
      let unit = Float(bitPattern: 0x3F80_0001 | bits &>> 9) - 1.5
      base[done + index] = center + 2 * radius * unit
    }
    done += count
  }
}

/// The finaliser of splitmix64: every bit of the result depends on every bit of the argument.
private func mixed(_ value: UInt64) -> UInt64 {
  var bits = value &+ 0x9E37_79B9_7F4A_7C15
  bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
  bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
  return bits ^ (bits >> 31)
}
