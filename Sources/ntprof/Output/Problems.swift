import Session

/// What went wrong while several things were done of which none should keep the others from being
/// done.
struct Problems {
  private var list: [Failure] = []

  /// Does something, and remembers how it failed.
  mutating func attempt(_ body: () throws(Failure) -> Void) {
    do throws(Failure) { try body() } catch { add(error) }
  }

  /// Remembers a failure.
  mutating func add(_ failure: Failure) { list.append(failure) }

  /// Says all of them but the first, which is thrown.
  func settle() throws(Failure) {
    guard let first = list.first else { return }
    for other in list.dropFirst() where other.message != first.message { Console.complain(other) }
    throw first
  }
}
