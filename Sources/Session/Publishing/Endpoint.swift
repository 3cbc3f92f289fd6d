/// The place of a collector: an `http://` or `https://` URL taken apart.
package struct Endpoint: Hashable, Sendable {
  /// As the user wrote it.
  package let text: String
  /// Whether it is spoken to in secret: `https`.
  package let isSecret: Bool
  /// Name or address, without the brackets of IPv6.
  package let host: String
  /// Port; 80 when the URL names none, 443 of `https`.
  package let port: UInt16
  /// Path with query; `/v1/traces` when the URL ends after the host.
  package let path: String
  private let authority: Substring

  /// The whole URL.
  package var url: String { "http\(isSecret ? "s" : "")://\(authority)\(path)" }

  /// Why a text is no endpoint.
  package enum Fault: Error, Hashable {
    case scheme, host, port, characters
  }

  /// Takes an URL apart.
  package init(_ text: String) throws(Fault) {
    // Anything else could end the request's line early.
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), !text.contains("#") else {
      throw .characters
    }
    let schemes = [(prefix: "http://", isSecret: false), (prefix: "https://", isSecret: true)]
    let lower = text.lowercased()
    guard let scheme = schemes.first(where: { lower.hasPrefix($0.prefix) }) else { throw .scheme }
    let rest = text.dropFirst(scheme.prefix.count)
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    let authority = rest[..<end]
    let (host, port) = try Endpoint.split(authority)
    isSecret = scheme.isSecret
    let path = rest[end...]
    self.text = text
    self.host = host
    self.port = port ?? (scheme.isSecret ? 443 : 80)
    self.authority = authority
    self.path = path.isEmpty ? "/v1/traces" : path.hasPrefix("?") ? "/\(path)" : String(path)
  }

  private static func split(_ authority: Substring) throws(Fault) -> (String, UInt16?) {
    // A name and password would travel in the clear.
    guard !authority.contains("@") else { throw .characters }
    var host = authority
    var port: Substring?
    if authority.hasPrefix("[") {
      guard let close = authority.firstIndex(of: "]") else { throw .host }
      host = authority[authority.index(after: authority.startIndex)..<close]
      let after = authority[authority.index(after: close)...]
      if !after.isEmpty {
        guard after.hasPrefix(":") else { throw .host }
        port = after.dropFirst()
      }
    } else if let colon = authority.firstIndex(of: ":") {
      host = authority[..<colon]
      port = authority[authority.index(after: colon)...]
    }
    guard !host.isEmpty else { throw .host }
    guard let port else { return (String(host), nil) }
    guard let number = UInt16(port), number > 0 else { throw .port }
    return (String(host), number)
  }
}

extension Endpoint.Fault: CustomStringConvertible {
  package var description: String {
    switch self {
    case .scheme: "it begins with neither http:// nor https://"
    case .host: "there is no host in it"
    case .port: "the port is none of 1…65535"
    case .characters: "it holds spaces, a fragment, a password or characters to be escaped"
    }
  }
}
