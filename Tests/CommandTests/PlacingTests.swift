import Foundation
import Profiling
import Testing

/// Where threads run, and what it does to a calibration when others run there, too.
@Suite("Placing threads")
struct PlacingTests {
  private func profile(
    _ options: [String], environment: [String: String] = [:]
  ) async throws -> (outcome: Tool.Outcome, pinning: Pinning?) {
    try await Tool.withFolder { folder in
      let result = try await Tool.run(
        ["profile", try Narrow.write(folder), "--iterations", "2", "--warmup", "1"]
          + ["--counters", "none", "--no-save", "--format", "json"] + options,
        environment: environment)
      let record = result.status == 0 ? try RecordCoding.decode(Array(result.output.utf8)) : nil
      return (result, record?.options.pinning)
    }
  }

  @Test("a record says to which CPU each thread was bound")
  func pinned() async throws {
    let (outcome, pinning) = try await profile(["--threads", "1", "--pin", "on"])
    let found = try #require(pinning, "\(outcome.error)")
    #expect(found.by == .ntprof && found.asked == "on" && found.reason == nil)
    #expect(found.cpus.count == 1 && Int(found.cpus[0]) != nil)
    #expect(!outcome.output.contains("\"threads-moved\""))
    #expect(!outcome.output.contains("\"two-openmp-runtimes\""))
  }

  @Test("threads are left alone where that was asked for, by option or environment")
  func leftAlone() async throws {
    let off = try await profile(["--threads", "1", "--pin", "off"])
    #expect(off.pinning?.by == .kernel && off.pinning?.reason == "--pin off")
    for mode in ["auto", "on"] {
      let other = try await profile(
        ["--threads", "1", "--pin", mode], environment: ["OMP_PROC_BIND": "false"])
      #expect(other.pinning?.by == .environment && other.pinning?.reason == "OMP_PROC_BIND")
      #expect(other.outcome.error.contains("placed by OMP_PROC_BIND") == (mode == "on"))
    }
  }

  @Test("more threads than CPUs cannot be pinned: auto warns, on refuses")
  func tooMany() async throws {
    let many = "\(ProcessInfo.processInfo.activeProcessorCount + 1)"
    let auto = try await profile(["--threads", many])
    #expect(auto.pinning?.by == .kernel)
    #expect(auto.outcome.output.contains("\"oversubscribed\""))
    let on = try await profile(["--threads", many, "--pin", "on"])
    #expect(on.outcome.status == 70 && on.outcome.error.contains("\(many) threads share"))
    #expect(try await profile(["--pin", "sideways"]).outcome.status == 64)
  }

  /// One CPU, a calibration on it, and two other programs.
  @Test(
    "roofs measured under load are measured again, doubted and not kept", .timeLimit(.minutes(10)))
  func loaded() async throws {
    let taskset = "/usr/bin/taskset"
    try #require(FileManager.default.isExecutableFile(atPath: taskset))
    // A CPU that this process may use: the first of `0-3,8`.
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let allowed = try #require(status.firstMatch(of: /Cpus_allowed_list:\s*(\d+)/))
    let cpu = String(allowed.1)
    try await Tool.withFolder { folder in
      let result = try await Tool.run(
        ["machine", "--threads", "1", "--format", "json"], sharing: cpu,
        environment: ["XDG_CACHE_HOME": folder.path(percentEncoded: false)])
      #expect(result.status == 0, "\(result.error)")
      #expect(result.error.contains("of the threads' time while the roofs were measured"))
      #expect(try Tool.contents(folder).isEmpty)
      let share = try #require(result.output.firstMatch(of: /"disturbance": ([0-9.]+)/))
      #expect(try #require(Double(share.1)) > 0.1)
    }
  }
}
