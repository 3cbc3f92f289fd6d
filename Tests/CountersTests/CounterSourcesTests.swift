import Counters
import Profiling
import Testing

@Suite struct CounterSourcesTests {
  @Test func everySourceWorksOrSaysWhyNotAndWhatToDo() throws {
    let found = CounterSources.availability()
    #expect(found.map(\.name) == ["papi", "perf", "software", "simulated", "estimated"])
    for source in found {
      #expect(source.available == (source.reason == nil))
      #expect(source.available == (source.remedy == nil))
      #expect(source.reason?.isEmpty != true)
    }
    #expect(found.last?.available == true)
  }

  @Test func theListHasEverySourceARecordCanName() {
    let names = CounterSourceName.standard.map(\.rawValue)
    #expect(Set(CounterSources.choices) == Set(names + ["auto"]))
  }

  @Test func autoAlwaysFindsSomethingAndSaysWhatItPassedOver() throws {
    let selected = try CounterSources.select("auto", threads: 1)
    let available = CounterSources.availability().filter(\.available).map(\.name)
    #expect(available.contains(selected.name.rawValue))
    #expect(selected.name != .software)
    #expect(selected.reasons.allSatisfy { !$0.available })
    #expect((selected.source == nil) == (selected.name == .estimated))
  }

  @Test func noneCountsNothing() throws {
    let selected = try CounterSources.select("none", threads: 2)
    #expect(selected.source == nil)
    #expect(selected.name == .none)
  }

  @Test func aSourceDemandedByNameWorksOrFails() throws {
    for source in CounterSources.availability() {
      if source.available {
        #expect(try CounterSources.select(source.name, threads: 1).name.rawValue == source.name)
      } else {
        let error = #expect(throws: CounterError.self) {
          try CounterSources.select(source.name, threads: 1)
        }
        #expect(error?.source.rawValue == source.name)
      }
    }
  }

  @Test func anUnknownChoiceNamesTheOthers() {
    let error = #expect(throws: CounterError.self) {
      try CounterSources.select("magic", threads: 1)
    }
    #expect(error?.reason.contains("magic") == true)
    #expect(error?.remedy.contains("estimated") == true)
  }

  @Test func theMachineIsDescribed() throws {
    let machine = CounterSources.machineInfo()
    let cores = try #require(machine.cores)
    #expect(cores >= 1)
    #expect(try #require(machine.threads) >= cores)
    #expect(machine.onednn == nil)
    #expect(machine.rooflines == nil)
    let papi = machine.papi
    #expect(papi?.version.isEmpty == false)
    #expect((papi?.hardwareCounters == 0) == (papi?.reason != nil))
  }

  @Test func estimatedCyclesAreTimeByClock() {
    #expect(EstimatedCycles.cycles(nanoseconds: 1000, clockHz: 4.5e9, threads: 2) == 9000)
    #expect(EstimatedCycles.cycles(nanoseconds: 0, clockHz: 4.5e9, threads: 2) == 0)
    #expect(EstimatedCycles.events == ["cycles"])
  }

  @Test func whatCannotBeEstimatedIsSaid() throws {
    let events = ["cycles", "instructions", "PAPI_FP_OPS", "r01", "rubbish"]
    let skipped = try CounterSources.select("estimated", events: events, threads: 1).skipped
    #expect(skipped.map(\.name) == ["instructions", "PAPI_FP_OPS", "r01", "rubbish"])
    #expect(skipped.dropLast().allSatisfy { $0.reason.contains("hardware counters") })
    #expect(skipped.last?.reason.contains("no such event") == true)
    #expect(try CounterSources.select("estimated", threads: 1).skipped.isEmpty)
  }
}
