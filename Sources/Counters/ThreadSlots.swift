import Machine
import PAPI

/// PAPI event sets by thread: one slot for the calling thread, or one for each member of a team.
///
/// A set belongs to the thread that made it, so whatever is done to sets is done by their own
/// threads. Each thread touches its own slot only.
final class ThreadSlots: @unchecked Sendable {
  struct Slot {
    var task: Int32 = 0
    var sets: [EventSet] = []
    var values: UnsafeMutableBufferPointer<Int64>
    var failure: PAPIError?
  }

  /// Number of slots.
  let count: Int
  private let slots: UnsafeMutableBufferPointer<Slot>
  /// The set that ``read(set:)`` reads.
  private var current = 0
  /// Reads the current set of every slot; prepared once, so that reading allocates nothing.
  private var reader: TeamJob?

  /// Makes empty slots with room for `events` values each.
  init(count: Int, events: Int) {
    self.count = count
    slots = .allocate(capacity: count)
    for index in 0..<count {
      let values = UnsafeMutableBufferPointer<Int64>.allocate(capacity: max(1, events))
      values.initialize(repeating: 0)
      slots.initializeElement(at: index, to: Slot(values: values))
    }
  }

  /// Stores the running values of one set of every slot, each read by its own thread.
  ///
  /// - Throws: The first thread's error, or the team's.
  func read(set: Int) throws(Failure) {
    current = set
    guard count > 1 else {
      do { try slots[0].sets[set].read(into: slots[0].values) } catch { throw .papi(error) }
      return
    }
    if reader == nil {
      do { reader = try makeReader() } catch { throw .team("\(error)") }
    }
    try check(size: reader?.run() ?? 0)
  }

  private func makeReader() throws(ThreadTeamError) -> TeamJob {
    // Unowned: the job belongs to this object, which outlives every run of it.
    try TeamJob(threads: count) { [unowned(unsafe) self] index in
      slots[index].failure = nil
      do throws(PAPIError) {
        try slots[index].sets[current].read(into: slots[index].values)
      } catch { slots[index].failure = error }
    }
  }

  private func check(size: Int) throws(Failure) {
    if size != count { throw .team("the runtime gave \(size) of \(count) threads") }
    for index in 0..<count {
      if let failure = slots[index].failure { throw .papi(failure) }
    }
  }

  deinit {
    for slot in slots { slot.values.deallocate() }
    slots.deinitialize()
    slots.deallocate()
  }

  subscript(index: Int) -> Slot { slots[index] }

  /// Runs `body` on every slot, in its own thread.
  ///
  /// - Throws: The first thread's error, or the team's.
  func forEach(
    _ body: @Sendable (_ slot: inout Slot) throws(PAPIError) -> Void
  ) throws(Failure) {
    if count == 1 {
      do { try body(&slots[0]) } catch { throw .papi(error) }
      return
    }
    var size = 0
    do {
      size = try ThreadTeam.run(count) { index in
        self.slots[index].failure = nil
        do throws(PAPIError) { try body(&self.slots[index]) } catch {
          self.slots[index].failure = error
        }
      }
    } catch { throw .team("\(error)") }
    try check(size: size)
  }

  /// Why not all threads did what they should.
  enum Failure: Error {
    case papi(PAPIError)
    case team(String)
  }
}
