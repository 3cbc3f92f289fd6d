import CCurl

/// A document that is posted to one place, by libcurl.
///
/// Redirects are not followed, proxies of the environment are not used, and nothing of `~/.curlrc` is
/// read.
public struct HTTPPost: Sendable {
  /// An `http:` or `https:` URL.
  public var url: String
  /// Fields of the request's head, as `Name: value`.
  public var fields: [String]
  /// Milliseconds until a connection must be there.
  public var connectLimit = 3000
  /// Milliseconds until all must be over.
  public var limit = 5000
  /// Bytes of an answer's head that are read, and of its body.
  public var answerLimit = 64 << 10
  /// A file with certificates of authorities; nil for the system's.
  public var authorities: String?

  /// Names the place.
  public init(to url: String, fields: [String]) {
    self.url = url
    self.fields = fields
  }

  /// libcurl's version.
  public static var libraryVersion: String { String(cString: curl_version()) }

  private static let isPrepared = ccurl_prepare() == CURLE_OK

  /// Posts a document, once.
  ///
  /// The corresponding C function is `curl_easy_perform`.
  ///
  /// - Parameter document: What is sent.
  /// - Returns: The answer, whatever its status; one that refuses may lack its last words.
  /// - Throws: ``HTTPError`` where there is none that is whole.
  public func send(_ document: [UInt8]) throws(HTTPError) -> HTTPAnswer {
    guard Self.isPrepared, let handle = curl_easy_init() else {
      throw HTTPError(.broken, url, "libcurl cannot be used here")
    }
    defer { curl_easy_cleanup(handle) }
    let answer = IncomingAnswer(limit: answerLimit)
    var list: UnsafeMutablePointer<curl_slist>?
    defer { curl_slist_free_all(list) }
    // libcurl would wait for a "100 Continue" before it sends a large document.
    for field in fields + ["Expect:"] {
      guard let longer = curl_slist_append(list, field) else {
        throw HTTPError(.broken, url, "no memory is left for the request")
      }
      list = longer
    }
    let words = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    defer { words.deallocate() }
    let code = document.withUnsafeBytes { bytes in
      let settings = [
        ccurl_set_text(handle, CURLOPT_URL, url),
        ccurl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https"),
        ccurl_set_text(handle, CURLOPT_PROXY, ""),
        ccurl_set_number(handle, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1),
        ccurl_set_number(handle, CURLOPT_NOSIGNAL, 1),
        ccurl_set_number(handle, CURLOPT_CONNECTTIMEOUT_MS, connectLimit),
        ccurl_set_number(handle, CURLOPT_TIMEOUT_MS, limit),
        ccurl_set_pointer(handle, CURLOPT_HTTPHEADER, list),
        ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, words),
        ccurl_set_body(handle, bytes.baseAddress ?? UnsafeRawPointer(words), Int64(bytes.count)),
        ccurl_set_takers(
          handle, takeHead, takeBody, Unmanaged.passUnretained(answer).toOpaque()),
        authorities.map { ccurl_set_text(handle, CURLOPT_CAINFO, $0) } ?? CURLE_OK,
      ]
      return settings.first { $0 != CURLE_OK } ?? curl_easy_perform(handle)
    }
    let text = words[0] != 0 ? String(cString: words) : String(cString: curl_easy_strerror(code))
    return try result(code, of: handle, text, answer)
  }

  /// What an exchange that ended so gives.
  private func result(
    _ code: CURLcode, of handle: UnsafeMutableRawPointer, _ words: String, _ answer: IncomingAnswer
  ) throws(HTTPError) -> HTTPAnswer {
    let status = Int(ccurl_status(handle))
    let whole = HTTPAnswer(
      status: status,
      location: ccurl_redirect(handle).map { PrintableText.clean(String(cString: $0)) },
      body: answer.body)
    if code == CURLE_OK, answer.hasWholeHead { return whole }
    // What was on the way without end is a refusal; and a refusal is one without its last words.
    if answer.isEndless { return HTTPAnswer(status: answer.interimStatus, body: []) }
    if status >= 300, answer.hasBegun, code != CURLE_OPERATION_TIMEDOUT { return whole }
    if code == CURLE_OK { throw HTTPError(.cut, url, "transfer closed within the answer's head") }
    let system = ccurl_system_words(handle).map { String(cString: $0) }
    let kind = kind(code, hasSent: ccurl_time_until_sending(handle) > 0, answer)
    let reason = kind == .unreachable ? system.map { "\(words) (\($0))" } ?? words : words
    throw HTTPError(kind, url, PrintableText.clean(reason))
  }

  private func kind(
    _ code: CURLcode, hasSent: Bool, _ answer: IncomingAnswer
  ) -> HTTPError.Kind {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT: .unreachable
    case CURLE_OPERATION_TIMEDOUT: hasSent ? .timeout : .unreachable
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
      CURLE_SSL_CERTPROBLEM, CURLE_SSL_ISSUER_ERROR:
      .notTrusted
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY: .notHTTP
    case CURLE_PARTIAL_FILE: .cut
    case CURLE_WRITE_ERROR where answer.isTooLarge: .tooLarge
    default: .broken
    }
  }
}

/// Gives a line of the head to the answer that `owner` is.
private func takeHead(
  _ bytes: UnsafeMutablePointer<CChar>?, _: Int, _ count: Int, _ owner: UnsafeMutableRawPointer?
) -> Int {
  guard let bytes, let owner else { return 0 }
  let answer = Unmanaged<IncomingAnswer>.fromOpaque(owner).takeUnretainedValue()
  return answer.takeHead(UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
}

/// Gives a part of the body to the answer that `owner` is.
private func takeBody(
  _ bytes: UnsafeMutablePointer<CChar>?, _: Int, _ count: Int, _ owner: UnsafeMutableRawPointer?
) -> Int {
  guard let bytes, let owner else { return 0 }
  let answer = Unmanaged<IncomingAnswer>.fromOpaque(owner).takeUnretainedValue()
  return answer.takeBody(UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
}
