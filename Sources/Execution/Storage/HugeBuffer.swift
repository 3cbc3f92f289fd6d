import DNNL
import Glibc

/// Memory that asks for huge pages where it is large enough for them.
final class HugeBuffer {
  private static let hugePage = 2 << 20

  /// The first byte, aligned to a cache line at least.
  let base: UnsafeMutableRawPointer
  /// Its size.
  let bytes: Int

  /// Allocates memory.
  ///
  /// The corresponding C functions are `posix_memalign` and `madvise`.
  init(bytes: Int) throws(DNNLError) {
    let isHuge = bytes >= HugeBuffer.hugePage
    let alignment = isHuge ? HugeBuffer.hugePage : 64
    var base: UnsafeMutableRawPointer?
    guard posix_memalign(&base, alignment, max(64, bytes)) == 0, let base else {
      throw DNNLError(call: "posix_memalign(\(bytes) bytes)", status: .outOfMemory)
    }
    if isHuge { madvise(base, bytes / HugeBuffer.hugePage * HugeBuffer.hugePage, MADV_HUGEPAGE) }
    self.base = base
    self.bytes = bytes
  }

  deinit { free(base) }
}
