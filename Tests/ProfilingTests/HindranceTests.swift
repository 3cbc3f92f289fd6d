import Profiling
import TestSupport
import Testing

/// Why a layer stays below its roof: every rule on rows made by hand, firing and not.
@Suite struct HindranceTests {
  @Test func layersNearTheirRoofNeedNoReason() {
    let record = HandMade.record([HandMade.conv(time: 100_000, memory: 5000, compute: 85_000)])
    #expect(Hindrances.find(in: record) == [:])
    #expect(record.statingHindrances().layers[0].hindrances == nil)
  }

  @Test func withoutRoofsThereIsNothingToExplain() {
    var layer = HandMade.conv(time: 100_000, memory: 5000, compute: 30_000)
    layer.bound = Bound(class: .unknown, method: .none, confidence: "low")
    #expect(Hindrances.find(in: HandMade.record([layer])) == [:])
  }

  @Test func onlyTheLayersOfNineTenthsOfTheTimeAreAsked() {
    let layers = [
      HandMade.conv(time: 500_000, memory: 1000, compute: 100_000, index: 0),
      HandMade.conv(time: 420_000, memory: 1000, compute: 400_000, index: 1),
      HandMade.conv(time: 80_000, memory: 1000, compute: 10_000, index: 2),
    ]
    #expect(Hindrances.find(in: HandMade.record(layers)).keys.sorted() == [0])
  }

  @Test func whatNoRuleExplainsIsSaidSo() throws {
    let layer = HandMade.conv(time: 100_000, memory: 1000, compute: 60_000)
    let found = try HandMade.only(layer)
    #expect(found.map(\.code) == [.unknown])
    #expect(abs((found[0].evidence["explained"] ?? 0) - 0.6) < 1e-9)
    #expect(found[0].share == nil)
  }

  @Test func partsThatAddUpLeaveNothingUnknown() throws {
    let layer = HandMade.conv(time: 100_000, memory: 25_000, compute: 60_000)
    #expect(try HandMade.only(layer).map(\.code) == [.betweenRoofs])
  }

  @Test func largestPartFirst() throws {
    var layer = HandMade.conv(time: 100_000, memory: 12_000, compute: 40_000)
    layer.primitives.append(
      PrimitiveRecord(
        kind: "reorder", implementation: "jit:uni", time: TimeSummary(samples: [30_000])))
    let found = try HandMade.only(layer)
    #expect(found.map(\.code) == [.reorders, .betweenRoofs])
    #expect(found.map(\.share) == [0.3, 0.12])
    #expect(found[0].evidence == ["reorder_ns": 30_000, "count": 1])
  }

  @Test func topDownVerdictsKeepTheirRoofs() throws {
    var layer = HandMade.conv(time: 100_000, memory: 30_000, compute: 40_000)
    layer.metrics.roofline = layer.bound?.evidence ?? [:]
    layer.bound = Bound(class: .core, method: .topDown, confidence: "high", evidence: ["core": 0.5])
    #expect(try HandMade.only(layer).first?.code == .betweenRoofs)
  }

  @Test func recordsKeepWhatTheyStateAndOldOnesAreAsked() {
    let slow = HandMade.conv(time: 100_000, memory: 1000, compute: 60_000)
    var record = HandMade.record([slow])
    #expect(record.hindrances[0]?.map(\.code) == [.unknown])
    record.layers[0].hindrances = [Hindrance(.steps)]
    #expect(record.hindrances[0]?.map(\.code) == [.steps])
  }

  @Test func survivesTheFile() throws {
    let record = HandMade.record([HandMade.conv(time: 1e5, memory: 2e4, compute: 6e4)])
      .statingHindrances()
    #expect(record.layers[0].hindrances?.isEmpty == false)
    #expect(try RecordCoding.decode(RecordCoding.encode(record)) == record)
  }

  /// docs/record.md has a row for every code.
  @Test(arguments: Hindrance.Code.allCases)
  func codesAreDocumented(code: Hindrance.Code) throws {
    let text = String(
      decoding: try RepositoryFiles.bytes(of: "docs/record.md"), as: UTF8.self)
    #expect(text.contains("| `\(code.rawValue)` |"))
  }
}
