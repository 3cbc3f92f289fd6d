internal import CLibXML2

/// Where libxml2 allocates.
public enum XMLMemory {
  /// Gives libxml2 a heap of its own, which never gives memory back; only before its first use.
  ///
  /// Up to 4 GiB, reserved and not used up. Where that much cannot be reserved, nothing changes.
  /// The corresponding C function is `xmlMemSetup`.
  public static func keepApart() { _ = clibxml_use_own_heap(4 << 30) }
}
