import Glibc

/// A thread with a heap of its own.
///
/// What is allocated there does not move what other threads allocate, so that they can find the
/// same addresses in every run although, say, libxml2 seeds its hash tables from the clock.
public enum FreshThread {
  /// Runs `body` on a new thread and waits for it.
  ///
  /// The corresponding C function is `pthread_create`.
  ///
  /// - Parameter body: What to run; it may use whatever the caller does, which waits.
  /// - Throws: ``SystemCallError`` when there can be no thread; `body` has then not run.
  public static func run(_ body: () -> Void) throws(SystemCallError) {
    let error = withoutActuallyEscaping(body) { start(Box($0)) }
    if error != 0 { throw SystemCallError("pthread_create", errno: error) }
  }

  private static func start(_ body: Box) -> Int32 {
    withUnsafeTemporaryAllocation(of: pthread_attr_t.self, capacity: 1) { room in
      guard let attributes = room.baseAddress else { return ENOMEM }
      pthread_attr_init(attributes)
      defer { pthread_attr_destroy(attributes) }
      // The default follows the shell's limit, and with it the addresses.
      pthread_attr_setstacksize(attributes, 16 << 20)
      let box = Unmanaged.passRetained(body)
      var thread: pthread_t = 0
      let error = pthread_create(
        &thread, attributes,
        { argument in
          if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
          return nil
        }, box.toOpaque())
      if error == 0 { pthread_join(thread, nil) } else { box.release() }
      return error
    }
  }

  private final class Box {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
  }
}

/// The C library's heap.
public enum Heap {
  /// Allocates the blocks that the calling thread keeps for quick reuse, for good: some may come
  /// from another thread's heap, and so lie elsewhere in every run.
  ///
  /// glibc keeps up to seven blocks of each size up to 1032 bytes.
  public static func useUpFreedBlocks() {
    for size in stride(from: 24, through: 1032, by: 16) {
      for _ in 0..<7 { _ = malloc(size) }
    }
  }
}
