/// The place of a collector: an `http://` URL taken apart.
package struct Endpoint: Hashable, Sendable {
  /// As the user wrote it.
  package let text: String
  /// Name or address, without the brackets of IPv6.
  package let host: String
  /// Port, 80 when the URL names none.
  package let port: UInt16
  /// Path with query; `/v1/traces` when the URL ends after the host.
  package let path: String
  /// What goes into the `Host` header.
  package let authority: String

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
    guard text.lowercased().hasPrefix("http://") else { throw .scheme }
    let rest = text.dropFirst("http://".count)
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    let authority = rest[..<end]
    let (host, port) = try Endpoint.split(authority)
    let path = rest[end...]
    self.text = text
    self.host = host
    self.port = port
    self.authority = String(authority)
    self.path = path.isEmpty ? "/v1/traces" : path.hasPrefix("?") ? "/\(path)" : String(path)
  }

  private static func split(_ authority: Substring) throws(Fault) -> (String, UInt16) {
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
    guard let port else { return (String(host), 80) }
    guard let number = UInt16(port), number > 0 else { throw .port }
    return (String(host), number)
  }
}

extension Endpoint.Fault: CustomStringConvertible {
  package var description: String {
    switch self {
    case .scheme: "only http:// is supported; for https put a collector on this machine between"
    case .host: "there is no host in it"
    case .port: "the port is none of 1…65535"
    case .characters: "it holds spaces, a fragment, a password or characters to be escaped"
    }
  }
}
