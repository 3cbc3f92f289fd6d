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
    if size != count { throw .team("the runtime gave \(size) of \(count) threads") }
    for slot in slots { if let failure = slot.failure { throw .papi(failure) } }
  }

  /// Why not all threads did what they should.
  enum Failure: Error {
    case papi(PAPIError)
    case team(String)
  }
}
