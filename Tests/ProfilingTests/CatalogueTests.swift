import Profiling
import Testing

@Suite struct CatalogueTests {
  @Test func entriesAreToldApart() {
    #expect(Set(EventCatalogue.all.map(\.id)).count == EventCatalogue.all.count)
    #expect(EventCatalogue.all.last == .generic)
    for cpu in EventCatalogue.all { #expect(EventCatalogue.entry(id: cpu.id) == cpu) }
    #expect(EventCatalogue.entry(id: "zen9") == nil)
    #expect(EventCatalogue.entry(id: nil) == nil)
  }

  @Test(arguments: [
    // Vendor, family and model as /proc/cpuinfo of these machines has them.
    ("AuthenticAMD", 23, 49, "zen2"), ("AuthenticAMD", 23, 113, "zen2"),
    ("AuthenticAMD", 23, 1, "generic"), ("AuthenticAMD", 25, 1, "zen3"),
    ("AuthenticAMD", 25, 33, "zen3"), ("AuthenticAMD", 25, 17, "zen4"),
    ("AuthenticAMD", 25, 97, "zen4"), ("AuthenticAMD", 25, 160, "zen4"),
    ("AuthenticAMD", 26, 2, "zen5"), ("AuthenticAMD", 26, 68, "zen5"),
    ("AuthenticAMD", 21, 2, "generic"), ("GenuineIntel", 6, 85, "skylake-sp"),
    ("GenuineIntel", 6, 106, "icelake-sp"), ("GenuineIntel", 6, 143, "sapphire-rapids"),
    ("GenuineIntel", 6, 207, "sapphire-rapids"), ("GenuineIntel", 6, 63, "generic"),
    ("GenuineIntel", 25, 17, "generic"), ("HygonGenuine", 24, 1, "generic"),
  ])
  func cpusAreFound(vendor: String, family: Int, model: Int, id: String) {
    #expect(EventCatalogue.entry(vendor: vendor, family: family, model: model).id == id)
  }

  @Test func anUnknownCPUHasTheFallback() {
    #expect(EventCatalogue.entry(vendor: "unknown", family: nil, model: nil) == .generic)
  }

  @Test(arguments: EventCatalogue.all)
  func everyEventIsDescribed(cpu: Microarchitecture) {
    #expect(Set(cpu.events.map(\.name)).count == cpu.events.count)
    let codes = cpu.events.map(\.encoding)
    #expect(Set(codes).count == codes.count, "two names for one code")
    for event in cpu.events {
      #expect(!event.unit.isEmpty && !event.summary.isEmpty && !event.source.isEmpty)
      if case .only(let counters) = event.placement {
        #expect(!counters.isEmpty && counters.allSatisfy { $0 < cpu.generalCounters })
      }
    }
    #expect(cpu.events.contains { $0.name == "cycles" })
    #expect(cpu.events.contains { $0.name == "instructions" })
    #expect(!cpu.caveats.isEmpty)
  }

  @Test(arguments: EventCatalogue.all)
  func formulasUseEventsOfTheirCPU(cpu: Microarchitecture) {
    if let model = cpu.topDown.value {
      for event in model.level1Events + model.level2Events {
        #expect(cpu.event(event) != nil, "\(cpu.name): \(event)")
      }
      #expect(!model.level2Events.isEmpty)
      #expect(Set(model.level1Events).isDisjoint(with: model.level2Events))
    } else {
      #expect(cpu.topDown.reason?.isEmpty == false)
    }
    if let weights = cpu.flops.value {
      for part in weights { #expect(cpu.event(part.event) != nil && part.weight >= 1) }
    } else {
      #expect(cpu.flops.reason?.isEmpty == false)
    }
  }

  @Test func onlyThoseWithoutVendorFormulasHaveNone() {
    let without = EventCatalogue.all.filter { $0.topDown.value == nil }.map(\.id)
    #expect(without == ["zen2", "zen3", "generic"])
  }

  @Test func operationsAreWeighted() {
    // 100 scalar, 10 x 2, 5 x 4, 3 x 8, 2 x 16.
    let events: [String: Double] = [
      "fp_arith_inst_retired.scalar": 100, "fp_arith_inst_retired.128b_packed_double": 10,
      "fp_arith_inst_retired.4_flops": 5, "fp_arith_inst_retired.8_flops": 3,
      "fp_arith_inst_retired.512b_packed_single": 2,
    ]
    for cpu in [Microarchitecture.skylakeServer, .iceLakeServer, .sapphireRapids] {
      #expect(cpu.measuredFlops(events) == 196)
      #expect(cpu.measuredFlops(["fp_arith_inst_retired.scalar": 100]) == nil)
    }
    for cpu in [Microarchitecture.zen2, .zen3, .zen4, .zen5] {
      #expect(cpu.measuredFlops(["fp_ret_sse_avx_ops.all": 196]) == 196)
    }
    #expect(Microarchitecture.generic.measuredFlops(events) == nil)
  }
}

@Suite struct FormulaTests {
  @Test func literalsAreEventsAndNumbers() {
    let formula: Formula = ("a" - "b") / (4 * "c")
    #expect(formula.value(["a": 10, "b": 2, "c": 1]) == 2)
    #expect(formula.events == ["a", "b", "c"])
    #expect(formula.description == "((a - b) / (4 * c))")
    #expect(("a" + 0.5 as Formula).value(["a": 1]) == 1.5)
  }

  @Test func whatCannotBeComputedIsNil() {
    let formula: Formula = "a" / "b"
    #expect(formula.value(["a": 1]) == nil)
    #expect(formula.value(["a": 1, "b": 0]) == nil)
    #expect(formula.value(["a": 0, "b": 0]) == nil)
  }

  @Test func negativeIsCutOff() {
    let formula: Formula = ("a" - "b" as Formula).orZero
    #expect(formula.value(["a": 1, "b": 3]) == 0)
    #expect(formula.value(["a": 3, "b": 1]) == 2)
  }
}
