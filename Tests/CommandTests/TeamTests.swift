import Foundation
import Profiling
import Testing

/// What the environment does to the threads of a run.
@Suite("Team", .serialized)
struct TeamTests {
  private static func run(
    _ environment: [String: String], threads: Int? = 2
  ) async throws -> RunRecord {
    try await Tool.withFolder { folder in
      let result = try await Tool.run(
        ["profile", try Narrow.write(folder), "--iterations", "6", "--warmup", "1"]
          + ["--counters", "none", "--no-save", "--format", "json", "--quiet"]
          + (threads.map { ["--threads", "\($0)"] } ?? []),
        environment: environment)
      #expect(result.status == 0, "\(result.error)")
      #expect(try SchemaTests.errors(result.output, "record") == [])
      return try RecordCoding.decode(Array(result.output.utf8))
    }
  }

  @Test(
    "a team that the environment keeps small is recorded, warned of by name, and compared by its size",
    arguments: [("OMP_THREAD_LIMIT", "1"), ("OMP_MAX_ACTIVE_LEVELS", "0")])
  func limited(name: String, value: String) async throws {
    let record = try await Self.run([name: value])
    #expect(record.options.threads == 2 && record.options.threadsRan == 1)
    #expect(record.machine.rooflines?.threads == 1)
    #expect(record.machine.environment?[name] == value)
    let warning = try #require(record.warnings.first { $0.code == "threads-not-granted" })
    #expect(warning.message.contains("\(name)=\(value)") && warning.remedy.contains(name))
    var free = record
    free.options.threadsRan = 2
    free.machine.environment?[name] = nil
    let verdict = Comparability(baseline: free, candidate: record)
    #expect(verdict.verdict == .caution)
    #expect(verdict.reasons.contains("threads: 2 against 1"))
    #expect(verdict.reasons.contains("\(name): unset against \(value)"))
  }

  @Test("a team whose size would follow the load keeps it, and that is said")
  func dynamic() async throws {
    let record = try await Self.run(["OMP_DYNAMIC": "true"])
    #expect(record.options.threadsRan == 2)
    #expect(record.warnings.contains { $0.code == "no-dynamic-threads" })
    #expect(!record.warnings.contains { $0.code == "threads-not-granted" })
  }

  @Test("threads wait as the runtime has it where nobody says how, as `make test` does")
  func waiting() async throws {
    try await Tool.withFolder { folder in
      _ = try Narrow.write(folder)
      let result = try await Tool.shell(
        "exec env -u OMP_WAIT_POLICY ntprof profile narrow.xml --threads 2 --iterations 6"
          + " --warmup 1 --counters none --no-save --format json --quiet", in: folder)
      #expect(result.status == 0, "\(result.error)")
      let record = try RecordCoding.decode(Array(result.output.utf8))
      #expect(record.options.threads == 2 && record.machine.rooflines?.threads == 2)
      #expect(record.machine.environment?["OMP_WAIT_POLICY"] == nil)
    }
  }

  @Test(
    "a runtime that binds threads leaves the machine as large as it is",
    arguments: [("OMP_PROC_BIND", "true"), ("OMP_PLACES", "cores")])
  func bound(name: String, value: String) async throws {
    let free = try await Self.run([:], threads: nil)
    let record = try await Self.run([name: value], threads: nil)
    #expect(record.machine.cores == free.machine.cores)
    #expect(record.machine.threads == free.machine.threads)
    #expect(record.options.threads == free.options.threads)
    #expect(record.options.pinning?.by == .environment)
    #expect(!record.warnings.contains { $0.code == "oversubscribed" })
  }

  @Test("threads that cannot be created end with 70 and a remedy, not with a gate's status")
  func impossible() async throws {
    try await Tool.withFolder { folder in
      let topology = try Narrow.write(folder)
      for command in [["profile", topology], ["diff", topology, topology, "--gate", "5"]] {
        let result = try await Tool.run(
          command + ["--threads", "2", "--no-save", "--iterations", "2"],
          environment: ["OMP_STACKSIZE": "9000G"])
        #expect(result.status == 70, "\(result.error)")
        #expect(result.error.contains("pthread_create") && result.error.contains("9000G"))
        #expect(result.error.contains("OMP_STACKSIZE"))
      }
    }
  }

  @Test(
    "oneDNN's own lines do not reach standard output",
    arguments: ["ONEDNN_VERBOSE", "DNNL_VERBOSE"])
  func verbose(name: String) async throws {
    let record = try await Self.run([name: "1"])
    #expect(
      record.warnings.contains { $0.code == "no-onednn-verbose" && $0.message.contains(name) })
  }

  @Test(
    "nor those of processes that a comparison or a sweep starts",
    arguments: [
      ("diff", ["narrow.xml", "--processes", "2"]),
      ("sweep", ["--set", "units=16,32", "--rounds", "1"]),
    ])
  func verboseChildren(command: String, arguments: [String]) async throws {
    try await Tool.withFolder { folder in
      let topology = try Narrow.write(folder)
      let words = arguments.map { $0 == "narrow.xml" ? topology : $0 }
      let result = try await Tool.run(
        [command, topology] + words + ["--iterations", "4", "--warmup", "1", "--threads", "1"]
          + ["--format", "json", "--output", folder.path(percentEncoded: false)],
        environment: ["ONEDNN_VERBOSE": "1"])
      #expect(result.status == 0, "\(result.error)")
      // Nothing but the document: a line of oneDNN's would not parse.
      #expect(try SchemaTests.errors(result.output, command) == [])
    }
  }
}
