import Foundation
import Profiling
import Session
import Synchronization
import TestSupport
import Testing

/// How many processes a gate is given, as a user is told.
@Suite("Processes of a gate") struct GateRoundsTests {
  /// Keeps what it is told.
  private final class Notes: SessionObserver {
    let list = Mutex<[String]>([])

    func progress(_ text: @autoclosure () -> String) {}
    func progressEnded() {}
    func note(_ text: String) { list.withLock { $0.append(text) } }
  }

  /// Two sides whose processes differ by a spread; rounds as they are asked for.
  private func measure(
    _ spread: Double, of subjects: [GateSubject] = [], seconds: Double = 2
  ) -> (rounds: Int, notes: [String]) {
    var random = SplitMix64(seed: 61)
    let script = ScriptedProcesses()
    let notes = Notes()
    let asked = GateRounds(GateProcesses(gate: 3, tests: 1, least: 6), of: subjects, notes)
    var found: [[RunRecord]] = [[], []]
    var total = 6
    while found[0].count < total {
      for side in 0..<2 { found[side].append(script.process(exp(spread * random.normal()))) }
      total = asked.rounds(after: found, seconds: seconds)
    }
    return (total, notes.list.withLock { $0 })
  }

  @Test("quiet processes take no more than usual, and their time is said first")
  func quiet() {
    let (rounds, notes) = measure(0.002)
    #expect(rounds == 6)
    #expect(
      notes == ["nothing is known of how processes differ here: 6 a side first, about 10 s more"])
  }

  @Test("processes that differ take more, by what they differ by")
  func more() throws {
    let (rounds, notes) = measure(0.02)
    #expect((12...60).contains(rounds), "\(rounds)")
    #expect(notes.count >= 2)
    let said = try #require(notes.dropFirst().first)
    #expect(said.hasPrefix("processes differ by "))
    #expect(said.contains(" % here: a change of 3 % takes "))
    #expect(said.contains(" a side, at most ") && !said.contains("--processes"))
    // Of a layer the same: all of a scripted process is slower alike.
    let layer = SampleRecords.deepspeech().layers[0].name
    #expect(measure(0.02, of: [.layer(layer)]).rounds == rounds)
  }

  @Test("what is too much is not measured unasked, and what is found by less is said")
  func tooMuch() throws {
    for (spread, remedy) in [(0.07, "measures all"), (0.5, "a quieter machine")] {
      let (rounds, notes) = measure(spread)
      #expect(rounds == GateProcesses.most)
      let said = try #require(notes.last)
      #expect(said.contains("; 100 are measured, which find ") && said.contains(remedy), "\(said)")
    }
  }
}
