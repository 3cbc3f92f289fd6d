import Profiling
import Testing

/// In which order candidates of advice run.
@Suite struct CandidateOrderTests {
  @Test(
    "predicted gains run first, predicted losses last, and what says nothing stays as it stood",
    arguments: [
      ([nil, nil, nil], [0, 1, 2]), ([], []), ([nil, -20, 5, -40], [3, 1, 0, 2]),
      ([30, 4, nil, -2.9, 2.9, -3.1], [5, 2, 3, 4, 1, 0]), ([-10, -10], [0, 1]),
    ] as [([Double?], [Int])])
  func order(predicted: [Double?], expected: [Int]) {
    #expect(AdviceCandidates.order(predicted: predicted) == expected)
  }
}
