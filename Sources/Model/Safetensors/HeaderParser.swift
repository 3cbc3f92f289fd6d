/// A value of a header's JSON; of numbers only whole ones of 64 bits matter.
enum HeaderValue {
  /// In the order of the text, and with members of one name as often as they stand there.
  case object([HeaderMember])
  case array([HeaderValue])
  case string(String)
  case integer(Int)
  /// Another number, `true`, `false` or `null`.
  case other

  /// Whole numbers from 0 on; `nil` where it is no list of them.
  var integers: [Int]? {
    guard case .array(let values) = self else { return nil }
    var result: [Int] = []
    for value in values {
      guard case .integer(let number) = value, number >= 0 else { return nil }
      result.append(number)
    }
    return result
  }
}

/// A member of an object.
struct HeaderMember {
  let name: String
  let value: HeaderValue
}

/// Reads JSON as RFC 8259 has it, and keeps members that come twice, which are a fault here.
struct HeaderParser {
  private static let depthLimit = 32

  private let text: [UInt8]
  private var place = 0

  init(_ text: [UInt8]) { self.text = text }

  /// The one value of the text.
  mutating func document() throws(SafetensorsFault) -> HeaderValue {
    let value = try value(depth: 0)
    skipSpace()
    guard place == text.count else { throw fault("more behind its end") }
    return value
  }

  private func fault(_ what: String) -> SafetensorsFault {
    SafetensorsFault("its header is no JSON: \(what) at byte \(8 + place) of the file")
  }

  private mutating func skipSpace() {
    while place < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[place]) { place += 1 }
  }

  /// The next byte that is no space; 0 at the end.
  private mutating func peek() -> UInt8 {
    skipSpace()
    return place < text.count ? text[place] : 0
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(SafetensorsFault) {
    guard peek() == UInt8(ascii: character), place < text.count else {
      throw fault("no '\(character)'")
    }
    place += 1
  }

  private mutating func value(depth: Int) throws(SafetensorsFault) -> HeaderValue {
    guard depth < HeaderParser.depthLimit else { throw fault("too deep a value") }
    switch peek() {
    case UInt8(ascii: "{"): return .object(try members(depth: depth))
    case UInt8(ascii: "["): return .array(try elements(depth: depth))
    case UInt8(ascii: "\""): return .string(try string())
    default: return try word()
    }
  }

  private mutating func members(depth: Int) throws(SafetensorsFault) -> [HeaderMember] {
    try expect("{")
    var members: [HeaderMember] = []
    if peek() == UInt8(ascii: "}") {
      place += 1
      return members
    }
    while true {
      guard peek() == UInt8(ascii: "\"") else { throw fault("no name") }
      let name = try string()
      try expect(":")
      members.append(HeaderMember(name: name, value: try value(depth: depth + 1)))
      if peek() == UInt8(ascii: ",") {
        place += 1
      } else {
        try expect("}")
        return members
      }
    }
  }

  private mutating func elements(depth: Int) throws(SafetensorsFault) -> [HeaderValue] {
    try expect("[")
    var elements: [HeaderValue] = []
    if peek() == UInt8(ascii: "]") {
      place += 1
      return elements
    }
    while true {
      elements.append(try value(depth: depth + 1))
      if peek() == UInt8(ascii: ",") {
        place += 1
      } else {
        try expect("]")
        return elements
      }
    }
  }

  private mutating func word() throws(SafetensorsFault) -> HeaderValue {
    let begin = place
    while place < text.count, isPartOfWord(text[place]) { place += 1 }
    let word = String(decoding: text[begin..<place], as: UTF8.self)
    if ["true", "false", "null"].contains(word) { return .other }
    guard word.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/) != nil else {
      place = begin
      throw fault("no value")
    }
    return Int(word).map { .integer($0) } ?? .other
  }

  private func isPartOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  private mutating func string() throws(SafetensorsFault) -> String {
    place += 1
    var bytes: [UInt8] = []
    while place < text.count {
      let byte = text[place]
      place += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: bytes, as: UTF8.self) else {
          throw fault("a text that is no UTF-8")
        }
        return string
      case UInt8(ascii: "\\"): bytes += String(try escaped()).utf8
      case 0..<0x20: throw fault("a control character in a text")
      default: bytes.append(byte)
      }
    }
    throw fault("a text without end")
  }

  private mutating func escaped() throws(SafetensorsFault) -> Unicode.Scalar {
    guard place < text.count else { throw fault("a text without end") }
    let byte = text[place]
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let first = try hexadecimal()
      if let scalar = Unicode.Scalar(first) { return scalar }
      guard first < 0xDC00, place + 1 < text.count, text[place] == UInt8(ascii: "\\"),
        text[place + 1] == UInt8(ascii: "u")
      else { throw fault("half a character") }
      place += 2
      let second = try hexadecimal()
      guard 0xDC00..<0xE000 ~= second,
        let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
      else { throw fault("half a character") }
      return scalar
    default: throw fault("an unknown escape")
    }
  }

  private mutating func hexadecimal() throws(SafetensorsFault) -> UInt32 {
    guard place + 4 <= text.count,
      let number = UInt32(String(decoding: text[place..<place + 4], as: UTF8.self), radix: 16)
    else { throw fault("no four hexadecimal digits") }
    place += 4
    return number
  }
}
