import Foundation
import Profiling
import Session
import TestSupport
import Testing

/// What becomes of a run whose valgrind is missing, dies or writes nonsense.
@Suite("Broken valgrind")
struct BrokenValgrindTests {
  /// Runs with a script in valgrind's place, which finds the files `report` and `dump` beside it.
  static func record(script: String) async throws -> RunRecord {
    try await Tool.withFolder { folder in
      let valgrind = folder.appending(path: "valgrind")
      try "#!/bin/sh\nhere=\(folder.path(percentEncoded: false))\n\(script)\n"
        .write(to: valgrind, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o755], ofItemAtPath: valgrind.path(percentEncoded: false))
      try report().write(
        to: folder.appending(path: "report"), atomically: true, encoding: .utf8)
      try dump().write(to: folder.appending(path: "dump"), atomically: true, encoding: .utf8)
      let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
      return try await SimulatedRuns.record(
        [], environment: ["PATH": "\(folder.path(percentEncoded: false)):\(path)"])
    }
  }

  /// A child that plans one step a layer and has finished the first two.
  static func report() -> String {
    let steps = ["eltwise", "inner_product", "rnn"].enumerated().map { index, kind in
      #"{"layer":\#(index),"kind":"\#(kind)","implementation":"fake"}"#
    }
    let hash = SHA256.hexDigest(of: Array(SimulatedRuns.topology.utf8))
    return #"{"topology":"\#(hash)","isa":"avx2","steps":[\#(steps.joined(separator: ","))]}"#
      + "\n0\n1\n"
  }

  static func dump() -> String {
    var text = "version: 1\ncreator: callgrind-9.9.9\n"
    for (number, name) in ["cold 0", "warm 0", "cold 1", "warm 1"].enumerated() {
      text += "part: \(number + 1)\ndesc: Trigger: Client Request: \(name)\n"
      text += "events: Ir Dr Dw I1mr D1mr D1mw ILmr DLmr DLmw\n"
      text += "summary: \(1000 + number) 1 1 1 1 1 1 \(10 * number)\ntotals: 1\n"
    }
    return text + "part: 5\ndesc: Trigger: Client Request: cold 2\nevents: Ir\n"
  }

  @Test("killed half-way: one warning, finished layers keep their counts, the others their times")
  func killed() async throws {
    let record = try await Self.record(
      script: "cat $here/report >&4; cat $here/dump >&3; kill -9 $$")
    let failures = record.warnings.filter { $0.code == "counters-failed" }
    #expect(failures.count == 1)
    #expect(failures.first?.message.contains("signal 9 (Killed) after 2 layers") == true)
    #expect(record.layers.map { $0.counters?.source } == ["simulated", "simulated", "estimated"])
    #expect(record.layers[1].counters?.events["instructions"]?.value == 1003)
    #expect(record.layers[1].counters?.events["llc_misses"]?.value == 30)
    #expect(record.layers[1].counters?.events["llc_misses_cold"]?.value == 20)
    #expect(record.layers[1].counters?.implementationMatches == false)
    #expect(record.layers.allSatisfy { $0.time != nil && $0.bound != nil })
    #expect(record.simulation?.simulator == "callgrind-9.9.9")
  }

  @Test(
    "a failure is one clear warning, and the rest of the record stands",
    arguments: [
      ("exit 3", "ended with status 3 after 0 layers"),
      ("echo 'valgrind: Bad option' >&2; exit 1", "status 1 after 0 layers: valgrind: Bad option"),
      ("exit 0", "dump is not valid: it is empty"),
      ("cat $here/report >&4; echo nonsense >&3", "dump is not valid: it does not begin"),
      ("cat $here/report >&4; cat $here/dump >&3", "dump is not valid: it ends inside a part"),
      ("cat $here/report >&4; sed 's/1003/x/' $here/dump >&3", "has 'x' where a count belongs"),
      (
        "cat $here/report >&4; sed -n '1,/^totals/p' $here/dump >&3",
        "dump is not valid: it has 1 of 4 parts"
      ),
      ("cat $here/dump >&3", "ends inside a part"),
      ("sed 's/topology\":\"./topology\":\"z/' $here/report >&4; echo creator: x >&3", "changed"),
    ])
  func broken(script: String, words: String) async throws {
    let record = try await Self.record(script: script)
    let failures = record.warnings.filter { $0.code == "counters-failed" }
    #expect(failures.count == 1)
    #expect(failures.first?.message.contains(words) == true, "\(failures.first?.message ?? "")")
    #expect(failures.first?.remedy.isEmpty == false)
    #expect(record.layers.allSatisfy { $0.time != nil && $0.counters?.source != nil })
    #expect(record.layers[2].counters?.source == "estimated")
  }

  @Test("without valgrind the demand fails with 69 and the remedy")
  func missing() async throws {
    try await Tool.withFolder { folder in
      let path = try SimulatedRuns.write(folder)
      let result = try await Tool.run(
        SimulatedRuns.arguments(path) + ["--no-save"], environment: ["PATH": "/nowhere"])
      #expect(result.status == 69)
      #expect(result.error.contains("valgrind is not on PATH"))
      #expect(result.error.contains("apt-get install valgrind"))
      #expect(result.output.isEmpty)
      let machine = try await Tool.run(["machine"], environment: ["PATH": "/nowhere"])
      #expect(machine.output.contains("apt-get install valgrind"))
    }
  }

  @Test("the child's command is not for users: hidden, and refused outside callgrind")
  func hidden() async throws {
    let help = try await Tool.run(["--help"])
    #expect(!help.output.contains("simulate-child"))
    let result = try await Tool.run(
      ChildTask(.simulate, RunSettings(NetworkSettings(Tool.topology("deepspeech")))).arguments)
    #expect(result.status == 69)
    #expect(result.error.contains("--counters simulated"))
  }
}
