import Profiling
import Reports
import TestSupport
import Testing

/// The evented profile: events in order, every frame closed where it was opened.
@Suite struct SpeedscopeTests {
  /// Checks what speedscope's importer demands; returns the number of frames opened a profile.
  static func check(_ bytes: [UInt8]) throws -> [Int] {
    let document = try JSON.parse(bytes)
    #expect(
      document["$schema"] == .string("https://www.speedscope.app/file-format-schema.json"))
    guard case .array(let frames) = document["shared"]["frames"],
      case .array(let profiles) = document["profiles"]
    else {
      Issue.record("no frames or profiles")
      return []
    }
    #expect(frames.allSatisfy { if case .string = $0["name"] { true } else { false } })
    return try profiles.map { profile in
      #expect(profile["type"] == .string("evented") && profile["unit"] == .string("nanoseconds"))
      guard case .number(let end) = profile["endValue"], case .array(let events) = profile["events"]
      else { throw SampleFault.shape }
      var open: [Double] = []
      var last = 0.0
      var count = 0
      for event in events {
        guard case .number(let frame) = event["frame"], case .number(let at) = event["at"]
        else { throw SampleFault.shape }
        #expect(at >= last && at <= end)
        #expect(frames.indices.contains(Int(frame)))
        last = at
        if event["type"] == .string("O") {
          open.append(frame)
          count += 1
        } else {
          #expect(event["type"] == .string("C") && open.popLast() == frame)
        }
      }
      #expect(open.isEmpty)
      return count
    }
  }

  enum SampleFault: Error { case shape }

  @Test(arguments: SampleRecords.all)
  func isBalanced(sample: SampleRecords.Named) throws {
    let slices = try TraceTests.slices(sample.record).count
    #expect(try Self.check(SpeedscopeFormat().render(sample.record)) == [slices])
  }

  @Test func overlappingSegmentsAreProfiles() throws {
    var record = SampleRecords.deepspeech()
    record.segments = [
      SegmentRecord(name: "one", layers: ["fc1", "fc2"]),
      SegmentRecord(name: "two", layers: ["fc2", "fc3"]),
    ]
    #expect(try Self.check(SpeedscopeFormat().render(record)) == [1 + 1 + 12 + 1, 1])
  }

  @Test func implementationsShareAFrame() throws {
    let document = try JSON.parse(SpeedscopeFormat().render(SampleRecords.large(layers: 50)))
    guard case .array(let frames) = document["shared"]["frames"] else { throw SampleFault.shape }
    #expect(frames.count == 1 + 50 + 1 + 1)
    #expect(
      frames.count { $0["name"] == .string("convolution brgconv:avx512_core") } == 1)
  }

  @Test func aDiffHasBothSides() throws {
    let diff = Diff(baseline: SampleRecords.deepspeech(), candidate: SampleRecords.variant())
    #expect(try Self.check(SpeedscopeFormat().render(diff)) == [7, 7])
  }
}
