import DNNL

/// Memory between two margins that nothing may write, for code that is not trusted yet.
final class GuardedBuffer {
  /// Bytes of each margin.
  static let margin = 4096
  private static let mark: UInt8 = 0xA5
  private static let marks = UInt64(mark) * 0x0101_0101_0101_0101

  private let memory: HugeBuffer
  /// How much of it may be written now.
  private(set) var bytes = 0

  /// The most that fits.
  var capacity: Int { memory.bytes - 2 * GuardedBuffer.margin }
  /// The first byte, aligned to a cache line at least.
  var base: UnsafeMutableRawPointer { memory.base + GuardedBuffer.margin }

  /// Allocates memory without an owner yet: see ``open(bytes:)``.
  init(capacity: Int) throws(DNNLError) {
    memory = try HugeBuffer(bytes: capacity + 2 * GuardedBuffer.margin)
  }

  /// Draws the margins around the first `bytes`, at most ``capacity``.
  ///
  /// - Returns: How many of them may hold anything: those that were not open before, and were margin.
  func open(bytes: Int) -> Range<Int> {
    let fresh = min(self.bytes, bytes)..<bytes
    self.bytes = bytes
    for offset in [0, GuardedBuffer.margin + bytes] {
      (memory.base + offset).initializeMemory(
        as: UInt8.self, repeating: GuardedBuffer.mark, count: GuardedBuffer.margin)
    }
    return fresh
  }

  /// Whether both margins are as they were drawn.
  var isUntouched: Bool {
    [0, GuardedBuffer.margin + bytes].allSatisfy { offset in
      stride(from: offset, to: offset + GuardedBuffer.margin, by: 8).allSatisfy {
        memory.base.loadUnaligned(fromByteOffset: $0, as: UInt64.self) == GuardedBuffer.marks
      }
    }
  }
}
