internal import CDNNL

/// The physical order of a tensor's elements, named as oneDNN names its tags.
public struct MemoryFormat: Hashable, Sendable, CustomStringConvertible {
  /// The canonical name (`acdb`, `aBcd16b`), or `any`, or `plain`.
  let name: String

  /// Left to the implementation to choose.
  public static let any = MemoryFormat(canonical: "any")
  /// Row-major in the logical order of the dimensions.
  public static let plain = MemoryFormat(canonical: "plain")

  private init(canonical: String) { name = canonical }

  /// Reads a tag: canonical (`acdb`), of an activation (`nhwc`, `nChw16c`, `ntc`), or of a
  /// sequence; `rank` tells which letters stand for which dimension.
  ///
  /// Returns `nil` when oneDNN has no such tag for that many dimensions.
  public init?(_ text: String, rank: Int) {
    let canonical = MemoryFormat.canonical(text, rank: rank)
    let tag = cdnnl_tag_from_text(canonical)
    guard tag != dnnl_format_tag_undef, tag != dnnl_format_tag_any else { return nil }
    let letters = Set(canonical.lowercased().filter(\.isLetter))
    guard letters.count == rank, letters.max() == "abcdefghijkl".dropFirst(rank - 1).first else {
      return nil
    }
    name = canonical
  }

  /// The canonical name.
  public var description: String { name }

  func tag(rank: Int) -> dnnl_format_tag_t {
    switch name {
    case "any": dnnl_format_tag_any
    case "plain": cdnnl_tag_plain(Int32(rank))
    default: cdnnl_tag_from_text(name)
    }
  }

  /// Replaces the letters of activations and sequences by the canonical ones.
  private static func canonical(_ text: String, rank: Int) -> String {
    let names: String
    switch (rank, text.lowercased().contains("t")) {
    case (2, _): names = "nc"
    case (3, true): names = "tnc"
    case (3, false): names = "ncw"
    case (4, _): names = "nchw"
    case (5, _): names = "ncdhw"
    default: return text
    }
    // `n` is no letter of a canonical tag for up to five dimensions, but of every other one.
    guard text.lowercased().contains("n") else { return text }
    var result = ""
    for character in text {
      let lower = Character(character.lowercased())
      guard let index = names.firstIndex(of: lower) else {
        result.append(character)
        continue
      }
      let letter = "abcde".dropFirst(names.distance(from: names.startIndex, to: index)).prefix(1)
      result += character.isUppercase ? letter.uppercased() : String(letter)
    }
    return result
  }
}
