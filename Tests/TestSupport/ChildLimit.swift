import Foundation
import Synchronization

/// Lets a few child processes run at a time, over all suites of the test program.
///
/// Tests start together; were their children to do so as well, each would get a sliver of a core, and
/// one that takes a second would take minutes.
public final class ChildLimit: Sendable {
  private struct State {
    var room: Int
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  /// As many children as there are cores, two at least.
  public static let shared = ChildLimit(room: max(2, ProcessInfo.processInfo.activeProcessorCount))

  /// Children that a test watches, signals and runs others beside: one at a time, and apart from ``shared``,
  /// for which it may wait meanwhile.
  public static let watched = ChildLimit(room: 1)

  private let state: Mutex<State>

  /// A limit of so many children.
  public init(room: Int) { state = Mutex(State(room: room)) }

  /// Runs `body`, which starts a child and waits for it, once there is room.
  ///
  /// Must not be nested: the inner one would wait for room that the outer one holds.
  public func run<Result>(_ body: () async throws -> Result) async rethrows -> Result {
    await enter()
    defer { leave() }
    return try await body()
  }

  /// Waits until there is room, which is kept until the place is given up or nobody has it any more.
  public func place() async -> Place {
    await enter()
    return Place(in: self)
  }

  /// Room for a child whose end is in other hands than its beginning.
  public final class Place: Sendable {
    private let limit: ChildLimit

    fileprivate init(in limit: ChildLimit) { self.limit = limit }

    deinit { limit.leave() }
  }

  private func enter() async {
    await withCheckedContinuation { continuation in
      let goesOn = state.withLock { state in
        guard state.room == 0 else {
          state.room -= 1
          return true
        }
        state.waiting.append(continuation)
        return false
      }
      if goesOn { continuation.resume() }
    }
  }

  private func leave() {
    let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
      state.room += 1
      return nil
    }
    next?.resume()
  }
}

/// Waiting for something that another process does.
public enum Waiting {
  /// Far beyond what a starved process needs; a test that waits that long has failed.
  public static let limit: Duration = .seconds(600)

  /// It did not come about.
  public struct TooLong: Error, CustomStringConvertible {
    /// What was waited for.
    public let description: String

    /// Says what was waited for.
    public init(description: String) { self.description = description }
  }

  /// Waits until a condition gives a value.
  ///
  /// - Throws: ``TooLong`` after ``limit``.
  public static func value<Value>(
    of what: String, _ condition: () throws -> Value?
  ) async throws -> Value {
    let clock = ContinuousClock()
    let end = clock.now + limit
    while clock.now < end {
      if let value = try condition() { return value }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw TooLong(description: "waited \(limit) for \(what)")
  }

  /// Waits until a condition holds.
  public static func until(_ what: String, _ condition: () throws -> Bool) async throws {
    _ = try await value(of: what) { try condition() ? true : nil }
  }
}
