import Glibc

/// libpfm's opinion of event names, for any CPU, on any CPU.
///
/// A process of its own, because libpfm reads `LIBPFM_ENCODE_INACTIVE` once, when it starts, and
/// PAPI shares the library.
enum Encoder {
  /// Prints `name=type,code` in hex for every name; the code alone is an error number below 0 when
  /// libpfm does not know the name.
  ///
  /// The corresponding C functions are `pfm_initialize` and `pfm_get_os_event_encoding` with
  /// `PFM_OS_PERF_EVENT_EXT`; the layouts are those of `perfmon/pfmlib_perf_event.h` (libpfm 4).
  ///
  /// - Returns: False when there is no libpfm.
  static func print(_ names: [String]) -> Bool {
    setenv("LIBPFM_ENCODE_INACTIVE", "1", 1)
    guard let library = dlopen("libpfm.so.4", RTLD_NOW),
      let start = dlsym(library, "pfm_initialize"),
      let encode = dlsym(library, "pfm_get_os_event_encoding")
    else { return false }
    typealias Start = @convention(c) () -> Int32
    typealias Encode =
      @convention(c) (UnsafePointer<CChar>, Int32, Int32, UnsafeMutableRawPointer) -> Int32
    guard unsafeBitCast(start, to: Start.self)() == 0 else { return false }
    let function = unsafeBitCast(encode, to: Encode.self)
    for name in names {
      // pfm_perf_encode_arg_t: attr, fstr, size, idx, cpu, flags, padding.
      let argument = UnsafeMutableRawPointer.allocate(byteCount: 40, alignment: 8)
      let attributes = UnsafeMutableRawPointer.allocate(byteCount: 256, alignment: 8)
      argument.initializeMemory(as: UInt8.self, repeating: 0, count: 40)
      attributes.initializeMemory(as: UInt8.self, repeating: 0, count: 256)
      argument.storeBytes(of: attributes, as: UnsafeMutableRawPointer.self)
      argument.storeBytes(of: 40, toByteOffset: 16, as: Int.self)
      let userAndKernel: Int32 = 0x1 | 0x8
      let extended: Int32 = 2
      let code = function(name, userAndKernel, extended, argument)
      if code == 0 {
        // perf_event_attr: type, size, config.
        let type = attributes.load(as: UInt32.self)
        let config = attributes.load(fromByteOffset: 8, as: UInt64.self)
        Swift.print("\(name)=\(type),\(String(config, radix: 16))")
      } else {
        Swift.print("\(name)=\(code)")
      }
      argument.deallocate()
      attributes.deallocate()
    }
    return true
  }
}
