/// Whether the numbers of a document are such as ntprof writes, asked once for all that reads them.
///
/// Numbers of a damaged file are converted, summed and used as sizes by whatever reads it, and Swift
/// ends the process where they do not fit. Whole numbers are exact in JSON up to 2^53 (RFC 8259,
/// section 6), and nothing that is measured exceeds ``largest``: a second has 10^9 ns.
package enum NumberRange {
  /// The largest whole number.
  package static let largestWhole: UInt = 1 << 53
  /// The largest number.
  package static let largest = 1e18

  /// What is wrong with a number.
  package struct Fault: Error, Hashable, CustomStringConvertible {
    /// Where it stands: `layers[3].macs`.
    package let path: String
    /// What is wrong with it.
    package let reason: String

    /// Both, in one clause.
    package var description: String { "'\(path)': \(reason)" }
  }

  /// The first number that is out of range; nil where all are fine, or it is no JSON.
  ///
  /// One pass over the bytes, which looks closer at numbers that are long or have an exponent only.
  static func fault(in bytes: [UInt8]) -> Fault? {
    var place = 0
    var trail = Trail()
    while place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "\""): place = endOfString(bytes, from: place)
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        let end = endOfNumber(bytes, from: place)
        if let reason = reason(bytes[place..<end]) {
          trail.advance(in: bytes, to: place)
          if !isFree(trail.keys) { return Fault(path: path(trail.keys), reason: reason) }
        }
        place = end
      default: place += 1
      }
    }
    return nil
  }

  /// Names of numbers that are compared at most: a seed, a thread's number, what a collector rejected.
  private static let freeNames: Set<String> = ["seed", "tid", "rejectedSpans"]

  /// Whether a number may be any: one that is never computed with here, or what a user gives a network, as
  /// params (`--set`) and inputs (`--value`) are, whose readers check for themselves.
  private static func isFree(_ keys: [Key]) -> Bool {
    guard case .name(let last)? = keys.last else { return false }
    if freeNames.contains(last) { return true }
    if keys.count > 1, case .name("parameters") = keys[keys.count - 2] { return true }
    guard keys.count > 2, case .name(let list) = keys[keys.count - 3] else { return false }
    return (list, last) == ("assignments", "value") || (list, last) == ("values", "number")
  }

  private static func reason(_ token: ArraySlice<UInt8>) -> String? {
    let hasExponent = token.contains { $0 | 0x20 == UInt8(ascii: "e") }
    guard hasExponent || token.count > 15 else { return nil }
    let text = String(decoding: token, as: UTF8.self)
    guard let value = Double(text) else { return nil }
    let isWhole = !hasExponent && !token.contains(UInt8(ascii: "."))
    let isFine =
      isWhole
      ? (Int(text)?.magnitude ?? .max) <= largestWhole : value.magnitude <= largest
    if isFine { return nil }
    return "\(text.prefix(30)) is larger than anything that is measured"
  }

  private static func endOfString(_ bytes: [UInt8], from start: Int) -> Int {
    var place = start + 1
    while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
      place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(place + 1, bytes.count)
  }

  private static func endOfNumber(_ bytes: [UInt8], from start: Int) -> Int {
    var place = start + 1
    while place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "e"),
        UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"):
        place += 1
      default: return place
      }
    }
    return place
  }

  private enum Key {
    case name(String)
    case index(Int)
  }

  /// The keys and indices that lead to a place, which only moves on: a document is walked once.
  private struct Trail {
    private(set) var keys: [Key] = []
    private var last = ""
    private var place = 0

    mutating func advance(in bytes: [UInt8], to end: Int) {
      while place < end {
        switch bytes[place] {
        case UInt8(ascii: "\""):
          let next = NumberRange.endOfString(bytes, from: place)
          last = String(decoding: bytes[(place + 1)..<max(place + 1, next - 1)], as: UTF8.self)
          place = next
          continue
        case UInt8(ascii: "{"): keys.append(.name(""))
        case UInt8(ascii: "["): keys.append(.index(0))
        case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = keys.popLast()
        case UInt8(ascii: ":"):
          if case .name? = keys.last { keys[keys.count - 1] = .name(last) }
        case UInt8(ascii: ","):
          if case .index(let index)? = keys.last { keys[keys.count - 1] = .index(index + 1) }
        default: break
        }
        place += 1
      }
    }
  }

  private static func path(_ keys: [Key]) -> String {
    keys.reduce(into: "") { path, key in
      switch key {
      case .name(let name): path += path.isEmpty ? name : ".\(name)"
      case .index(let index): path += "[\(index)]"
      }
    }
  }
}

extension Int {
  /// The nearest whole number, the nearest there is where that is beyond 64 bits, and 0 of what is
  /// no number.
  ///
  /// For numbers that come from a file or a ratio: `Int(_:)` ends the process on those beyond.
  package init(rounding value: Double) {
    guard !value.isNaN else {
      self = 0
      return
    }
    // 2^63 itself is no Int; the largest double below it is.
    self = Int(Swift.min(Swift.max(value.rounded(), -0x1p63), (0x1p63).nextDown))
  }
}
