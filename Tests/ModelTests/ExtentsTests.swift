import Model
import Testing

/// What files claim of shapes is looked at before anything is sized by it.
@Suite struct ExtentsTests {
  @Test(
    arguments: [
      ([], 1), ([2, 3], 6), ([0, 3], 0), ([1 << 20, 1 << 20], 1 << 40), ([-1], nil),
      ([(1 << 40) + 1], nil), ([1 << 40, 2], nil), ([.max, .max], nil), ([0, 1 << 40, 2], nil),
      ([0, .max, .max], nil), ([0, -1], nil),
    ] as [([Int], Int?)])
  func counts(dims: [Int], count: Int?) {
    #expect(Extents.count(dims, most: 1 << 40) == count)
  }
}
