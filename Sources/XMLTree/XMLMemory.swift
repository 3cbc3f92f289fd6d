internal import CLibXML2

/// Where libxml2 allocates.
public enum XMLMemory {
  /// Gives libxml2 a heap of its own, which never gives memory back; only before its first use.
  ///
  /// Up to 4 GiB, reserved and not used up. Where that much cannot be reserved, nothing changes.
  /// The corresponding C function is `xmlMemSetup`.
  public static func keepApart() { _ = clibxml_use_own_heap(4 << 30) }

  /// Has this process end where libxml2 gets no memory: its own code for schemas would crash; only
  /// before its first use.
  ///
  /// The corresponding C function is `xmlMemSetup`.
  ///
  /// - Parameters:
  ///   - words: What is written to standard error.
  ///   - status: The exit status.
  public static func endProcess(saying words: StaticString, status: Int32) {
    words.withUTF8Buffer { bytes in
      // A literal lies in the program, for as long as it runs, with a zero behind it.
      let text = UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
      if let text { _ = clibxml_end_without_memory(text, status) }
    }
  }
}
