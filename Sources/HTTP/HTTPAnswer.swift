/// What a server answers.
public struct HTTPAnswer: Hashable, Sendable {
  /// The status of its last line; of one on the way (1xx) where nothing else came.
  public var status: Int
  /// Where a redirect leads, fit to print.
  public var location: String?
  /// The body, as far as it came.
  public var body: [UInt8]

  /// Makes an answer.
  public init(status: Int, location: String? = nil, body: [UInt8]) {
    self.status = status
    self.location = location
    self.body = body
  }

  /// The beginning of the body on one line, fit to print.
  public var excerpt: String {
    PrintableText.clean(String(decoding: body.prefix(2000), as: UTF8.self))
  }
}

/// What a server says must not steer a terminal.
enum PrintableText {
  /// Printable ASCII alone, on one line, its beginning.
  static func clean(_ text: String) -> String {
    let printable = text.unicodeScalars.prefix(2000).map { scalar in
      scalar.value >= 0x20 && scalar.value < 0x7f ? Character(scalar) : " "
    }
    return String(String(printable).split(separator: " ").joined(separator: " ").prefix(200))
  }
}
