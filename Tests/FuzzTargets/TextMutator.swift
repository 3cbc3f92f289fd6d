/// Changes documents the way damage and malice do, knowing where numbers, texts and brackets are, so
/// that most of what comes out is still read beyond its first bytes.
public struct TextMutator {
  private var random: Bits

  /// What stands in documents of ours by mistake or on purpose.
  private static let numbers = [
    "0", "-1", "1", "2", "-0.0", "0.5", "1e-300", "-1e300", "1e300", "1e18", "-1e18", "1e19",
    "999999999999",
    "4611686018427387904", "-9223372036854775808", "9223372036854775807", "18446744073709551615",
    "9007199254740992", "9007199254740993", "2147483647", "2147483648", "65536", "100000", "1e400",
    "00", "1.", "NaN", "0x10", "${1/0}", "${9223372036854775807 * 2}",
  ]
  private static let texts = [
    "", "0", "x", "1x3x8x8", "0x0", "9223372036854775807x2", "-1x4", "same", "depthwise", "@input",
    "\\u001b[31m", "\u{202e}", "../../etc/passwd", "${", "${a}", "${2 ** 63}", "ntprof.record/1",
    "ntprof.sweep/2", "nan", "inf", "abcdefghijklmnop", "16x16x16x16x16x16x16x16x16",
  ]

  /// Begins with a seed: the same one gives the same changes.
  public init(seed: UInt64) { random = Bits(state: seed) }

  /// A changed copy, one to four changes away.
  public mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
    var result = bytes
    for _ in 0...random.below(4) { result = change(result) }
    return result
  }

  private mutating func change(_ bytes: [UInt8]) -> [UInt8] {
    let tokens = Token.all(of: bytes)
    guard !tokens.isEmpty else { return Array(pick(Self.texts).utf8) }
    switch random.below(10) {
    case 0...2:
      return replace(bytes, tokens.filter { $0.kind == .number }, Array(pick(Self.numbers).utf8))
    case 3:
      return replace(
        bytes, tokens.filter { $0.kind == .text }, Array("\"\(pick(Self.texts))\"".utf8))
    case 4:
      // One piece in place of another of its kind.
      let kind = tokens[random.below(tokens.count)].kind
      let alike = tokens.filter { $0.kind == kind }
      return replace(bytes, alike, Array(bytes[alike[random.below(alike.count)].range]))
    case 5, 6:
      guard let group = group(in: tokens) else { return flip(bytes) }
      var copy = bytes
      if random.below(2) == 0 {
        copy.removeSubrange(group)
      } else {
        copy.insert(contentsOf: bytes[group], at: group.lowerBound)
      }
      return copy
    case 7: return replace(bytes, tokens.filter { $0.kind != .bracket }, [])
    case 8: return Array(bytes.prefix(random.below(bytes.count + 1)))
    default: return flip(bytes)
    }
  }

  private mutating func flip(_ bytes: [UInt8]) -> [UInt8] {
    guard !bytes.isEmpty else { return bytes }
    var copy = bytes
    copy[random.below(copy.count)] = UInt8(truncatingIfNeeded: random.next())
    return copy
  }

  private mutating func replace(_ bytes: [UInt8], _ tokens: [Token], _ new: [UInt8]) -> [UInt8] {
    guard !tokens.isEmpty else { return flip(bytes) }
    var copy = bytes
    copy.replaceSubrange(tokens[random.below(tokens.count)].range, with: new)
    return copy
  }

  /// A bracket with all that stands inside, with the comma or the tag's end behind it.
  private mutating func group(in tokens: [Token]) -> Range<Int>? {
    let opening = tokens.indices.filter { tokens[$0].depthChange > 0 }
    guard !opening.isEmpty else { return nil }
    let first = opening[random.below(opening.count)]
    var depth = 0
    for place in first..<tokens.count {
      depth += tokens[place].depthChange
      if depth == 0 { return tokens[first].range.lowerBound..<tokens[place].range.upperBound }
    }
    return nil
  }

  private mutating func pick(_ list: [String]) -> String { list[random.below(list.count)] }

  /// A piece of a document.
  private struct Token {
    enum Kind { case number, text, bracket, word }

    var kind: Kind
    var range: Range<Int>
    var depthChange = 0

    static func all(of bytes: [UInt8]) -> [Token] {
      var tokens: [Token] = []
      var place = 0
      while place < bytes.count {
        let start = place
        switch bytes[place] {
        case UInt8(ascii: "\""):
          place += 1
          while place < bytes.count, bytes[place] != UInt8(ascii: "\"") { place += 1 }
          place = min(place + 1, bytes.count)
          tokens.append(Token(kind: .text, range: start..<place))
        case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "<"):
          place += 1
          tokens.append(Token(kind: .bracket, range: start..<place, depthChange: 1))
        case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ">"):
          place += 1
          tokens.append(Token(kind: .bracket, range: start..<place, depthChange: -1))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
          place += 1
          while place < bytes.count, isNumber(bytes[place]) { place += 1 }
          tokens.append(Token(kind: .number, range: start..<place))
        case let byte where isLetter(byte):
          while place < bytes.count, isLetter(bytes[place]) { place += 1 }
          tokens.append(Token(kind: .word, range: start..<place))
        default: place += 1
        }
      }
      return tokens
    }

    private static func isNumber(_ byte: UInt8) -> Bool {
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "+"), UInt8(ascii: "-")].contains(
          byte)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
      let lower = byte | 0x20
      return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lower)
    }
  }
}
