import Files
package import HTTP
import Machine
import Profiling

/// Posts JSON to a collector.
package struct CollectorPost {
  /// Milliseconds before the second attempt.
  private static let pause = 300

  private let post: HTTPPost

  /// Takes the place to post to.
  ///
  /// `SSL_CERT_FILE` names other authorities than the system's, as it does for other programs.
  package init(_ endpoint: Endpoint) {
    var post = HTTPPost(
      to: endpoint.url,
      fields: [
        "Content-Type: application/json", "User-Agent: ntprof/\(Tool.ntprof.version)",
        "Connection: close",
      ])
    post.authorities = Environment.filled("SSL_CERT_FILE")
    self.post = post
  }

  /// Why the document did not arrive.
  package enum Fault: Error, Hashable {
    /// There is no answer, or none that is whole.
    case failed(HTTPError)
    /// An answer that sends us elsewhere.
    case redirect(Int, String)
    /// An answer that refuses.
    case status(Int, String)
  }

  /// Posts a document and returns the answer's body; tries once more when nobody answers.
  @discardableResult
  package func send(_ body: [UInt8]) throws(Fault) -> [UInt8] {
    let answer: HTTPAnswer
    do throws(HTTPError) { answer = try patiently(body) } catch { throw .failed(error) }
    switch answer.status {
    case 200..<300: return answer.body
    case 300..<400: throw .redirect(answer.status, answer.location ?? "")
    default: throw .status(answer.status, answer.excerpt)
    }
  }

  private func patiently(_ body: [UInt8]) throws(HTTPError) -> HTTPAnswer {
    do throws(HTTPError) { return try post.send(body) } catch {
      guard error.kind == .unreachable else { throw error }
    }
    Pause.milliseconds(Self.pause)
    return try post.send(body)
  }
}

extension CollectorPost.Fault: CustomStringConvertible {
  package var description: String {
    switch self {
    case .failed(let error):
      switch error.kind {
      case .unreachable: "nobody answers: \(error.words) (tried twice)"
      case .notTrusted: "it cannot be trusted: \(error.words)"
      case .timeout: "no answer in time: \(error.words)"
      case .notHTTP: "what answers does not speak HTTP: \(error.words)"
      case .cut: "its answer is not whole: \(error.words)"
      case .tooLarge: "its answer is longer than any that is wanted"
      case .broken: "the connection broke off: \(error.words)"
      }
    case .redirect(let status, let place):
      "the answer is \(status), a redirect" + (place.isEmpty ? "" : " to \(place)")
        + ", and those are refused"
    case .status(let status, let text):
      "the answer is \(status)" + (text.isEmpty ? "" : ": \(text)")
    }
  }

  /// What to do about it.
  package var remedy: String {
    switch self {
    case .failed(let error) where error.kind == .unreachable:
      "start a collector there (Jaeger listens on 4318), then send it again with ntprof report"
    case .failed(let error) where error.kind == .notTrusted:
      "name the file of its authority's certificate with SSL_CERT_FILE"
    case .redirect: "name the place it redirects to"
    case .status(404, _): "the path of most collectors is /v1/traces"
    case .failed, .status: "the spans are saved; send them with ntprof report"
    }
  }
}
