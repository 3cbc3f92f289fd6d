import Profiling
import Testing

@Suite struct EventGroupsTests {
  private func groups(_ names: [String], _ cpu: Microarchitecture, _ counters: Int? = nil)
    -> [[String]]
  {
    EventGroups(EventSelection(names, on: cpu).sets, on: cpu, counters: counters).groups
  }

  @Test func everyGroupBeginsWithTheCrossCheck() {
    #expect(
      groups(["standard"], .generic) == [
        ["cycles", "instructions", "l1d_misses", "l2_misses"],
        ["cycles", "instructions", "llc_misses"],
      ])
    #expect(
      groups(["r01", "cycles", "r02"], .generic, 2) == [["cycles", "r01"], ["cycles", "r02"]])
  }

  @Test func smallSetsMakeSmallGroups() {
    #expect(EventGroups([], on: .generic).groups.isEmpty)
    #expect(groups(["instructions"], .generic) == [["instructions"]])
    #expect(groups(["a", "b", "c"], .generic, 1) == [["a"], ["b"], ["c"]])
  }

  @Test func zen4LevelOneFillsSixCountersExactly() {
    let found = groups([], .zen4)
    #expect(
      found == [
        ["cycles", "instructions", "l1d_misses", "l2_misses", "llc_misses"],
        [
          "cycles", "instructions", "de_no_dispatch_per_slot.no_ops_from_frontend",
          "de_src_op_disp.all", "ex_ret_ops", "de_no_dispatch_per_slot.backend_stalls",
        ],
        [
          "cycles", "instructions", "ex_no_retire.load_not_complete", "ex_no_retire.not_complete",
        ],
      ])
    #expect(groups([], .zen4) == found)
  }

  @Test func theWatchdogsCounterIsLeftAlone() {
    let found = groups(["topdown"], .zen5, 5)
    #expect(found.map(\.count) == [5, 3, 4])
    #expect(found[1] == ["cycles", "instructions", "de_no_dispatch_per_slot.backend_stalls"])
  }

  @Test func fixedCountersAreNotCounted() {
    // Four general counters: all of level 1 beside cycles and instructions, then five stalls.
    let found = groups(["topdown"], .skylakeServer)
    #expect(found.map(\.count) == [6, 6, 3])
    #expect(Array(found[0].prefix(2)) == ["cycles", "instructions"])
    // Eight: six for level 1 of Ice Lake and then its stalls; both levels of Sapphire Rapids.
    #expect(groups(["topdown"], .iceLakeServer).map(\.count) == [8, 7])
    #expect(groups(["topdown"], .sapphireRapids).map(\.count) == [8])
  }

  @Test func aPairTakesTwoCounters() {
    let flops = "fp_ret_sse_avx_ops.all"
    #expect(groups(["flops"], .zen4) == [["cycles", "instructions", flops]])
    // Four others leave an even counter and its neighbour; five do not.
    let four = ["cycles", "instructions", "r01", "r02", flops]
    #expect(groups(four, .zen4) == [four])
    #expect(
      groups(["cycles", "instructions", "r01", "r02", "r03", flops], .zen4) == [
        ["cycles", "instructions", "r01", "r02", "r03"], ["cycles", "instructions", flops],
      ])
    let tight = EventGroups([["cycles", "instructions", flops]], on: .zen4, counters: 3)
    #expect(tight.unplaced == [flops])
    #expect(tight.groups == [["cycles", "instructions"]])
  }

  @Test func eventsOfOneCounterAreNeverTogether() {
    let both = ["topdown.br_mispredict_slots", "topdown.bad_spec_slots"]
    #expect(groups(both, .sapphireRapids) == [[both[0]], [both[1]]])
    // Loads of Intel's can be on the first four counters; others give way to them.
    let loads = ["l1d_misses", "l2_misses", "llc_misses", "mem_load_retired.l3_miss"]
    let others = ["topdown.slots_p", "idq_bubbles.core", "int_misc.uop_dropping", "r02c2"]
    #expect(groups(others + loads, .sapphireRapids) == [others + loads])
    #expect(groups(loads + ["r01d1"], .sapphireRapids).count == 1)
  }

  @Test func noEventIsLostOrCountedTwice() {
    for cpu in EventCatalogue.all {
      for counters in 3...8 {
        let selection = EventSelection(EventSelection.setNames, on: cpu)
        let plan = EventGroups(selection.sets, on: cpu, counters: counters)
        let counted = plan.groups.flatMap { $0 }.filter { !CommonEvent.crossCheck.contains($0) }
        let wanted = selection.events.filter { !CommonEvent.crossCheck.contains($0) }
        #expect(Set(counted + plan.unplaced) == Set(wanted))
        #expect(counted.count + plan.unplaced.count == wanted.count)
        #expect(plan.groups.allSatisfy { $0.prefix(2) == CommonEvent.crossCheck[...] })
      }
    }
  }
}

@Suite struct EventSelectionTests {
  @Test func namesOfSetsAreExpanded() {
    #expect(EventSelection(["standard"], on: .zen3).events == CommonEvent.standard)
    let topDown = EventSelection(["topdown"], on: .sapphireRapids)
    #expect(topDown.events.contains("topdown.memory_bound_slots"))
    #expect(Array(topDown.events.prefix(2)) == ["cycles", "instructions"])
    #expect(EventSelection(["flops"], on: .skylakeServer).events.count == 7)
  }

  @Test func nothingAskedForIsEverythingUseful() {
    #expect(EventSelection([], on: .zen3).events == CommonEvent.standard)
    #expect(EventSelection([], on: .generic).events == CommonEvent.standard)
    #expect(EventSelection([], on: .zen4).sets.count == 3)
  }

  @Test func whatTheCPULacksHasAReason() {
    for cpu in [Microarchitecture.zen2, .zen3, .generic] {
      let found = EventSelection(["topdown", "cycles"], on: cpu)
      #expect(found.events == ["cycles"])
      #expect(found.absent.map(\.name) == ["topdown"])
      #expect(found.absent.first?.reason.hasPrefix(cpu.name) == true)
    }
    #expect(EventSelection(["flops"], on: .generic).absent.map(\.name) == ["flops"])
  }

  @Test func noEventComesTwice() {
    let found = EventSelection(["cycles", "topdown", "r01", "r01", "standard"], on: .zen4).events
    #expect(Set(found).count == found.count)
  }
}
