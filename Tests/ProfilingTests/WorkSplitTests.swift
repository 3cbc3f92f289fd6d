import Profiling
import Testing

@Suite("sharing processes out to tasks")
struct WorkSplitTests {
  private static func places(items: Int, rounds: Int) -> [MeasuredPart.Place] {
    (0..<items).flatMap { item in (0..<rounds).map { .init(item: item, round: $0) } }
  }

  @Test(
    "every process is of one task, tasks are alike in size, a point's processes are of different ones",
    arguments: [(1, 1, 1), (6, 5, 5), (100, 5, 7), (1000, 5, 43), (3, 4, 12), (2, 7, 50)])
  func balanced(items: Int, rounds: Int, count: Int) {
    let places = Self.places(items: items, rounds: rounds)
    let tasks = WorkSplit(places, over: count, seed: 3).tasks
    #expect(tasks.count == min(count, places.count))
    #expect(tasks.flatMap(\.self).sorted() == places.sorted())
    let sizes = tasks.map(\.count)
    #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
    guard count >= rounds else { return }
    for task in tasks { #expect(Set(task.map(\.item)).count == task.count) }
  }

  @Test("fewer tasks than rounds share a point's processes evenly")
  func few() {
    let tasks = WorkSplit(Self.places(items: 20, rounds: 6), over: 2, seed: 1).tasks
    for item in 0..<20 {
      #expect(tasks.map { $0.count { $0.item == item } } == [3, 3])
    }
  }

  @Test("the order is drawn by the seed, and is another for another seed")
  func seeded() {
    let places = Self.places(items: 40, rounds: 5)
    let first = WorkSplit(places, over: 8, seed: 1).tasks
    #expect(WorkSplit(places, over: 8, seed: 1).tasks == first)
    #expect(WorkSplit(places, over: 8, seed: 2).tasks != first)
    // Points do not come in the order of the plan in any task.
    #expect(first.allSatisfy { $0.map(\.item) != $0.map(\.item).sorted() })
  }

  @Test("tasks last about a minute, are as many as a point has processes, and as an array may have")
  func count() {
    #expect(WorkSplit.count(processes: 50_000, rounds: 5, seconds: 1.2, limit: 1001) == 1000)
    #expect(WorkSplit.count(processes: 50_000, rounds: 5, seconds: 1.2, limit: 500) == 500)
    #expect(WorkSplit.count(processes: 30, rounds: 5, seconds: 1.2, limit: 1001) == 5)
    #expect(WorkSplit.count(processes: 3, rounds: 5, seconds: 1.2, limit: 1001) == 3)
    #expect(WorkSplit.count(processes: 10, rounds: 5, seconds: 600, limit: 1001) == 10)
    #expect(WorkSplit.count(processes: 10, rounds: 5, seconds: 1, limit: 1) == 1)
  }
}
