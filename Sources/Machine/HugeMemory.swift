import Glibc

/// Memory of the C library that asks for huge pages where it is large enough for them.
public enum HugeMemory {
  private static let page = 2 << 20

  /// Gets memory, aligned to a cache line at least.
  ///
  /// The corresponding C functions are `posix_memalign` and `madvise`.
  ///
  /// - Returns: Its first byte, for ``free(_:)``; nil where there is no more.
  public static func allocate(bytes: Int) -> UnsafeMutableRawPointer? {
    let isHuge = bytes >= page
    var base: UnsafeMutableRawPointer?
    guard posix_memalign(&base, isHuge ? page : 64, max(64, bytes)) == 0, let base else {
      return nil
    }
    // A kernel without huge pages refuses, which changes nothing but speed.
    if isHuge { madvise(base, bytes / page * page, MADV_HUGEPAGE) }
    return base
  }

  /// Gives memory of ``allocate(bytes:)`` back.
  public static func free(_ base: UnsafeMutableRawPointer) { Glibc.free(base) }
}
