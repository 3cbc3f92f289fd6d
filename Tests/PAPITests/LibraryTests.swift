import Testing

@testable import PAPI

@Suite struct LibraryTests {
  @Test func hasAVersion() throws {
    let numbers = try Library.open().version.split(separator: ".").compactMap { Int($0) }
    #expect(numbers.count == 4)
    #expect((numbers.first ?? 0) >= 7)
  }

  @Test func everyComponentWorksOrSaysWhyNot() throws {
    let library = try Library.open()
    #expect(library.components.first?.name == "perf_event")
    for component in library.components {
      #expect(!component.name.isEmpty)
      #expect(component.isEnabled || component.disabledReason?.isEmpty == false)
    }
    #expect(library.component("no such component") == nil)
  }

  @Test func componentsOfGraphicsCardsAreOff() throws {
    let library = try Library.open()
    let listed = Library.unused.compactMap(library.component)
    #expect(listed.allSatisfy { !$0.isEnabled })
    #expect(!Library.unused.contains(library.cpu?.name ?? ""))
  }

  @Test func countersAndPresetsGoTogether() throws {
    let library = try Library.open()
    #expect(library.hardwareCounters >= 0)
    #expect(library.presets.allSatisfy { $0.hasPrefix("PAPI_") })
    #expect(Set(library.presets).count == library.presets.count)
    if library.hardwareCounters == 0 {
      #expect(library.presets.isEmpty)
    } else {
      #expect(library.presets.allSatisfy(library.knows))
    }
  }
}

@Suite struct PAPIErrorTests {
  @Test func anUnknownEventIsNamed() throws {
    let library = try Library.open()
    let set = try EventSet(library)
    let error = #expect(throws: PAPIError.self) { try set.add("no::such:event") }
    #expect(error?.call == "PAPI_add_named_event")
    #expect(error?.subject == "no::such:event")
    #expect(set.events.isEmpty)
  }

  @Test func stoppingWhatDoesNotRunIsAnError() throws {
    let set = try EventSet(try Library.open())
    let error = #expect(throws: PAPIError.self) { try set.stop() }
    #expect(error?.call == "PAPI_stop")
  }

  @Test func speaksInPAPIsWords() throws {
    _ = try Library.open()
    let error = PAPIError(call: "PAPI_add_named_event", code: .noSuchEvent, subject: "X")
    #expect(error.description == "PAPI_add_named_event('X'): Event does not exist (-7)")
    let unknown = PAPIError(call: "PAPI_start", code: PAPIError.Code(rawValue: -9999))
    #expect(unknown.description == "PAPI_start: unknown error (-9999)")
  }
}
