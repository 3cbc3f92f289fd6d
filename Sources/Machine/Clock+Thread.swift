import CMachine

extension Clock {
  /// How long the calling thread has run, ns: what others do meanwhile is not in it.
  ///
  /// The corresponding C function is `clock_gettime(CLOCK_THREAD_CPUTIME_ID)`.
  public static func threadTime() -> UInt64 { cmachine_thread_time() }
}
