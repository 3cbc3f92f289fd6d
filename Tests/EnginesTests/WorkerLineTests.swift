import Testing

@testable import Engines

/// Lines of a worker are read as far as they say something that can be.
@Suite struct WorkerLineTests {
  private static func line(_ time: String, inputs: String = "") -> [UInt8] {
    Array(
      """
      {"re":1,"ok":{"passes_ns":[5],"nodes":[{"name":"a","op":"Conv","ns":[\(time)]}],\
      "graph":[{"name":"a","op":"Conv","inputs":[\(inputs)],"outputs":[]}]}}
      """.utf8)
  }

  @Test func aWholeProfileIsRead() throws {
    let profile = try #require(try WorkerLine.profile(Self.line("4.5")))
    #expect(profile.nodes.map(\.ns) == [[4.5]] && profile.passesNs == [5])
  }

  @Test(
    arguments: [
      line("1e300"), line("-1"), line("4, 5"), line("4", inputs: "1"), line("\"x\""), [],
      Array("{}".utf8),
    ])
  func whatCannotBeIsAnError(bytes: [UInt8]) {
    let error = #expect(throws: EngineError.self) { _ = try WorkerLine.profile(bytes) }
    #expect(error?.code == .protocol)
  }

  @Test func otherAnswersAreSaid() {
    func words(_ text: String) -> String? { WorkerLine.words(Array(text.utf8)) }
    let facts = #""protocol":1,"engine":"onnxruntime","version":"1.17","python":"3.11""#
    #expect(words("{\"re\":1,\"ok\":{\(facts)}}") == "onnxruntime 1.17")
    #expect(words(#"{"re":1,"ok":{"passes":9,"warmup":1,"stopped":false}}"#) == "9")
    #expect(words(#"{"re":1}"#) == nil)
  }
}
