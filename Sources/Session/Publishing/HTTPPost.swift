import Profiling
import Glibc

/// Posts JSON by HTTP/1.1 over a plain socket: a client library would be larger than the command.
package struct HTTPPost {
  /// What one attempt may take.
  package static let timeout = Duration.seconds(5)
  /// Pause before the second attempt.
  package static let pause: UInt32 = 300_000

  private let endpoint: Endpoint

  /// Takes the place to post to.
  package init(_ endpoint: Endpoint) { self.endpoint = endpoint }

  /// Why the document did not arrive.
  package enum Fault: Error, Hashable {
    /// Nobody answers there.
    case unreachable(String)
    /// The exchange broke off.
    case broken(String)
    /// No answer in ``HTTPPost/timeout``.
    case timeout
    /// What came back is not HTTP.
    case notHTTP
    /// An answer that sends us elsewhere.
    case redirect(Int, String)
    /// An answer that refuses.
    case status(Int, String)
  }

  /// Posts a document and returns the answer's body; tries once more when nobody answers.
  @discardableResult
  package func send(_ body: [UInt8]) throws(Fault) -> [UInt8] {
    let answer: HTTPAnswer
    do throws(Connection.Fault) {
      answer = try exchange(body)
    } catch {
      guard case .connect = error else { throw Fault(error) }
      usleep(Self.pause)
      do throws(Connection.Fault) { answer = try exchange(body) } catch { throw Fault(error) }
    }
    guard let status = answer.status else { throw answer.isEmpty ? .broken("") : .notHTTP }
    switch status {
    case 200..<300: return answer.body
    case 300..<400: throw .redirect(status, answer.field("location") ?? "")
    default: throw .status(status, answer.excerpt)
    }
  }

  private func exchange(_ body: [UInt8]) throws(Connection.Fault) -> HTTPAnswer {
    let connection = try Connection.open(
      host: endpoint.host, port: endpoint.port, deadline: .now + Self.timeout)
    let head = """
      POST \(endpoint.path) HTTP/1.1\r
      Host: \(endpoint.authority)\r
      User-Agent: ntprof/\(Tool.ntprof.version)\r
      Content-Type: application/json\r
      Content-Length: \(body.count)\r
      Connection: close\r
      \r

      """
    var answer = HTTPAnswer()
    var refusal: Connection.Fault?
    // A server may answer and close before it has read everything: its answer says why.
    do throws(Connection.Fault) { try connection.send(Array(head.utf8) + body) } catch {
      if error == .timeout { throw error }
      refusal = error
    }
    do throws(Connection.Fault) {
      while !answer.isComplete {
        let bytes = try connection.receive()
        if bytes.isEmpty { break }
        answer.append(bytes)
      }
    } catch {
      // A refusal is one without its last words; what was taken must be heard to the end.
      if answer.status.map({ $0 < 300 }) ?? true { throw refusal ?? error }
    }
    if answer.status.map({ $0 < 300 }) ?? false, answer.isCut {
      throw .broken("its answer is not whole")
    }
    if answer.isEmpty, let refusal { throw refusal }
    return answer
  }
}

extension HTTPPost.Fault: CustomStringConvertible {
  fileprivate init(_ fault: Connection.Fault) {
    self =
      switch fault {
      case .connect(let reason): .unreachable(reason)
      case .broken(let reason): .broken(reason)
      case .timeout: .timeout
      }
  }

  package var description: String {
    switch self {
    case .unreachable(let reason): "nobody answers: \(reason) (tried twice)"
    case .broken(let reason): "the connection broke off" + (reason.isEmpty ? "" : ": \(reason)")
    case .timeout: "no answer within 5 s"
    case .notHTTP: "what answers does not speak HTTP"
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
    case .unreachable:
      "start a collector there (Jaeger listens on 4318), then send it again with ntprof report"
    case .redirect: "name the place it redirects to"
    case .status(404, _): "the path of most collectors is /v1/traces"
    case .broken, .timeout, .notHTTP, .status: "the spans are saved; send them with ntprof report"
    }
  }
}
