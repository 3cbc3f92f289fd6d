import Glibc

/// Copies of texts as C wants a list of them, freed with this object.
public final class CTexts {
  /// One a text, and nil behind the last.
  public let pointers: [UnsafeMutablePointer<CChar>?]

  /// Copies texts.
  public init(_ texts: [String]) { pointers = texts.map { strdup($0) } + [nil] }

  deinit { for pointer in pointers { free(pointer) } }
}
