import DNNL
import Machine

/// Memory that asks for huge pages where it is large enough for them.
final class HugeBuffer {
  /// The first byte, aligned to a cache line at least.
  let base: UnsafeMutableRawPointer
  /// Its size.
  let bytes: Int

  /// Allocates memory.
  init(bytes: Int) throws(DNNLError) {
    guard let base = HugeMemory.allocate(bytes: bytes) else {
      throw DNNLError(call: "posix_memalign(\(bytes) bytes)", status: .outOfMemory)
    }
    self.base = base
    self.bytes = bytes
  }

  deinit { HugeMemory.free(base) }
}
