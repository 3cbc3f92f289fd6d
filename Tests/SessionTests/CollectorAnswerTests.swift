import Session
import Testing

/// What a collector says it rejected, as texts and as numbers of any size.
@Suite struct CollectorAnswerTests {
  @Test(
    arguments: [
      (#"{"partialSuccess": {"rejectedSpans": "12"}}"#, 12),
      (#"{"partialSuccess": {"rejectedSpans": 3, "errorMessage": "full"}}"#, 3),
      (#"{"partialSuccess": {"rejectedSpans": 18446744073709551615}}"#, 1_000_000_000_000_000),
      (#"{"partialSuccess": {"rejectedSpans": "nan"}}"#, nil),
      (#"{"partialSuccess": {"rejectedSpans": -1}}"#, nil), (#"{"partialSuccess": {}}"#, nil),
      ("{}", nil), ("", nil), ("<html>", nil),
    ] as [(String, Int?)])
  func rejected(text: String, count: Int?) {
    #expect(CollectorAnswer(Array(text.utf8)).rejected == count)
  }
}
