import Foundation
import Profiling
import TestSupport
import Testing

@Suite("sweeps and bricks on a cluster, of test doubles", .serialized)
struct ClusterTests {
  private static let quick = [
    "--iterations", "4", "--warmup", "1", "--threads", "1", "--tuning", "fast",
  ]

  private struct Site {
    let slurm: FakeSlurm
    let topology: String
    let output: URL

    init(_ folder: URL, mostTasks: Int = 1001) throws {
      slurm = try FakeSlurm(folder, mostTasks: mostTasks)
      topology = try Narrow.write(folder)
      output = folder.appending(path: "out")
    }

    func sweep(
      _ arguments: [String], _ behaviour: FakeSlurm.Behaviour = .runs, launch: String = "slurm"
    ) async throws -> Tool.Outcome {
      try await Tool.run(
        ["sweep", topology] + ClusterTests.quick + arguments
          + [
            "--launch", launch, "--format", "json", "--output", output.path(percentEncoded: false),
          ],
        environment: slurm.environment(behaviour))
    }

    func resume(
      _ more: [String] = [], _ behaviour: FakeSlurm.Behaviour = .runs
    ) async throws -> Tool.Outcome {
      try await Tool.run(
        ["sweep", "--resume", file.path(percentEncoded: false), "--format", "json"] + more,
        environment: slurm.environment(behaviour))
    }

    /// The sweep's file.
    var file: URL {
      get throws {
        let name = try #require(try Tool.contents(output).first { $0.hasSuffix(".json") })
        return output.appending(path: name)
      }
    }

    /// The folder of its parts.
    var parts: URL {
      get throws {
        let file = try file
        return file.deletingPathExtension().appendingPathExtension("parts")
      }
    }

    func waves() throws -> [String] {
      try Tool.contents(parts).filter { $0.hasPrefix("wave-") }
    }
  }

  private static func decode(_ outcome: Tool.Outcome) throws -> Sweep {
    try RecordCoding.decodeSweep(Array(outcome.output.utf8))
  }

  @Test("a sweep is gathered from parts, valid, and of the form of a local one")
  func grid() async throws {
    try await Tool.withFolder { folder in
      let site = try Site(folder, mostTasks: 3)
      let axes = ["--set", "units=16,64", "--batch", "1,4", "--rounds", "4"]
      let result = try await site.sweep(axes, launch: "slurm:--time=10 --account='a b'")
      #expect(result.status == 0, "\(result.error)")
      #expect(try SchemaTests.errors(result.output, "sweep") == [])
      let sweep = try Self.decode(result)
      #expect(sweep.points.allSatisfy { $0.state == .measured && ($0.latency?.count ?? 0) >= 4 })
      #expect(sweep.points.allSatisfy { $0.nodes?.count == $0.latency?.count })
      #expect(Set(sweep.points.flatMap { $0.nodes ?? [] }) == ["n1", "n2"])
      #expect(sweep.plan.launch?.options == ["--time=10", "--account=a b"])
      let job = try #require(site.slurm.jobs.first)
      // The user's words come behind ours; an array is no larger than the cluster allows.
      #expect(job.contains(" --array=0-2 ") && job.contains(" --requeue "), "\(job)")
      #expect(job.contains(" --exclusive --mem=0 --time=10 --account=a b /"), "\(job)")
      let local = try await Tool.run(
        ["sweep", site.topology] + axes + Self.quick + ["--no-save", "--format", "json"])
      let other = try Self.decode(local)
      #expect(other.points.map(\.settings) == sweep.points.map(\.settings))
      #expect(other.points.map(\.totals) == sweep.points.map(\.totals))
      #expect(other.machine.cpu == sweep.machine.cpu && other.machine.cores == sweep.machine.cores)
      // A part is the record of its process, and renders as one.
      let part = try site.parts.appending(path: "r0/000001.json").path(percentEncoded: false)
      let report = try await Tool.run(["report", part, "--format", "json"])
      #expect(report.status == 0 && report.output.contains("ntprof.record/1"), "\(report.error)")
      #expect(try SchemaTests.errors(String(contentsOfFile: part, encoding: .utf8), "part") == [])
      // Nothing is left to do, and nothing is done.
      let again = try await site.resume()
      #expect(again.status == 0 && site.slurm.jobs.count >= 1, "\(again.error)")
      let after = try Self.decode(again)
      #expect(after.points.map { $0.latency?.count ?? 0 }.allSatisfy { $0 >= 4 })
    }
  }

  @Test("tasks that were lost are submitted again, with what lacks alone")
  func lost() async throws {
    try await Tool.withFolder { folder in
      let site = try Site(folder)
      let result = try await site.sweep(
        ["--batch", "1,2,4", "--rounds", "2", "--tasks", "3"], .losesOne)
      #expect(result.status == 0, "\(result.error)")
      #expect(try Self.decode(result).points.allSatisfy { $0.state == .measured })
      #expect(result.error.contains("6 processes in 3 tasks"), "\(result.error)")
      #expect(result.error.contains("2 processes in 2 tasks, wave 2"), "\(result.error)")
    }
  }

  @Test(
    "what is lost each time is given up after two waves that bring nothing, with the tasks' words")
  func alwaysLost() async throws {
    try await Tool.withFolder { folder in
      let site = try Site(folder)
      let result = try await site.sweep(["--batch", "1,2", "--rounds", "1"], .losesAll)
      #expect(result.status == 70, "\(result.error)")
      #expect(result.error.contains("CANCELLED DUE TO TIME LIMIT"), "\(result.error)")
      #expect(try site.waves().count == 2)
      // What was lost goes on later.
      let resumed = try await site.resume()
      #expect(resumed.status == 0, "\(resumed.error)")
      #expect(
        try Self.decode(resumed).points.allSatisfy { $0.state == .measured && $0.reason == nil })
    }
  }

  @Test("nodes that do not share the folder are said to")
  func notShared() async throws {
    try await Tool.withFolder { folder in
      let site = try Site(folder)
      let result = try await site.sweep(["--batch", "1,2", "--rounds", "1"], .sharesNothing)
      #expect(result.status == 70, "\(result.error)")
      #expect(result.error.contains("do the nodes share "), "\(result.error)")
    }
  }

  @Test("a cluster that refuses is quoted; the sweep goes on with other options")
  func refused() async throws {
    try await Tool.withFolder { folder in
      let site = try Site(folder)
      let result = try await site.sweep(
        ["--batch", "1,2", "--rounds", "1"], .refuses, launch: "slurm:-A nobody")
      #expect(result.status == 69, "\(result.error)")
      #expect(
        result.error.contains(
          "the cluster refuses the job: sbatch: error: Batch job submission failed: Invalid account"
        ),
        "\(result.error)")
      #expect(result.error.contains("--resume") && result.error.contains("--launch"))
      let resumed = try await site.resume(["--launch", "slurm:-A somebody"])
      #expect(resumed.status == 0, "\(resumed.error)")
      #expect(site.slurm.jobs.last?.contains("-A somebody") == true)
      let local = try await site.resume(["--launch", "local"])
      #expect(local.status == 64 && local.error.contains("began on a cluster"), "\(local.error)")
    }
  }

  @Test("without sbatch nothing begins", arguments: ["sweep", "bricks"])
  func missing(command: String) async throws {
    try await Tool.withFolder { folder in
      let output = folder.appending(path: "out")
      let result = try await Tool.run(
        [command, try Narrow.write(folder), "--threads", "1", "--launch", "slurm", "--output"]
          + [output.path(percentEncoded: false)],
        environment: ["PATH": folder.path(percentEncoded: false)])
      #expect(result.status == 69, "\(result.error)")
      #expect(result.error.contains("no 'sbatch' on PATH"), "\(result.error)")
      #expect(result.error.contains("hint: run it where jobs are submitted"), "\(result.error)")
      #expect(!FileManager.default.fileExists(atPath: output.path(percentEncoded: false)))
    }
  }

  @Test("parts of another topology, of another run, and parts that are there twice are refused")
  func strange() async throws {
    try await Tool.withFolder { folder in
      let site = try Site(folder)
      let result = try await site.sweep(["--batch", "1,2", "--rounds", "2"])
      #expect(result.status == 0, "\(result.error)")
      let round = try site.parts.appending(path: "r0")
      let first = round.appending(path: "000000.json")
      let text = try String(contentsOf: first, encoding: .utf8)
      let part = try RecordCoding.decodePart(Array(text.utf8))
      let sha256 = try #require(part.record?.topology.sha256)
      let other = String(repeating: "0", count: 64)
      for (name, bytes, words) in [
        ("000000-copy.json", text, "is process 0 of point 0, a duplicate of "),
        ("000007.json", text, "is process 0 of point 0, a duplicate of "),
        ("000000.json", text.replacing(sha256, with: other), "is a part of another topology: "),
        (
          "000000.json", text.replacing(part.run, with: "0123"),
          "is a part of another run (0123, not"
        ),
        ("000000.json", String(text.dropLast(text.count / 2)), "no part of a run: "),
      ] {
        let file = round.appending(path: name)
        try Data(bytes.utf8).write(to: file)
        let refused = try await site.resume()
        #expect(refused.status == 65, "\(refused.error)")
        #expect(refused.error.contains(words), "\(refused.error)")
        #expect(refused.error.contains(name) && refused.error.contains("hint: move it"))
        // What is refused stays where it is.
        #expect(try Data(contentsOf: file) == Data(bytes.utf8))
        try FileManager.default.removeItem(at: file)
        try Data(text.utf8).write(to: first)
      }
      let resumed = try await site.resume()
      #expect(resumed.status == 0, "\(resumed.error)")
    }
  }

  @Test("a node of another kind measures nothing, and says so")
  func otherMachine() async throws {
    try await Tool.withFolder { folder in
      let site = try Site(folder)
      let result = try await site.sweep(["--batch", "1,2", "--rounds", "1"])
      #expect(result.status == 0, "\(result.error)")
      let file = try site.parts.appending(path: "node.json")
      var kind = try RecordCoding.decodeNodeKind(Array(Data(contentsOf: file)))
      kind.machine.cpu = "Another CPU"
      try Data(RecordCoding.encode(kind)).write(to: file)
      try FileManager.default.removeItem(at: site.parts.appending(path: "r0/000001.json"))
      let resumed = try await site.resume()
      #expect(resumed.error.contains("is another machine ("), "\(resumed.error)")
      #expect(try Self.decode(resumed).points.map(\.state) == [.measured, .pending])
    }
  }

  @Test("machines are an axis: an array job for each partition")
  func machines() async throws {
    try await Tool.withFolder { folder in
      let site = try Site(folder)
      let result = try await site.sweep(
        ["--batch", "1,4", "--rounds", "1", "--machines", "genoa,icelake"])
      #expect(result.status == 0, "\(result.error)")
      #expect(try SchemaTests.errors(result.output, "sweep") == [])
      let sweep = try Self.decode(result)
      #expect(sweep.plan.axes.last?.values == ["genoa", "icelake"])
      #expect(sweep.points.count == 4 && sweep.machines?.map(\.name) == ["genoa", "icelake"])
      #expect(site.slurm.jobs.count == 2)
      #expect(site.slurm.jobs[0].contains("--partition=genoa"))
      #expect(site.slurm.jobs[1].contains("--partition=icelake"))
    }
  }

  @Test("bricks are measured by nodes, kept in the store, and gathered once")
  func bricks() async throws {
    try await Tool.withFolder { folder in
      let site = try Site(folder)
      let store = folder.appending(path: "store")
      let command =
        ["bricks", site.topology, "--measure"] + Self.quick
        + [
          "--launch", "slurm", "--store", store.path(percentEncoded: false), "--format", "json",
          "--output", site.output.path(percentEncoded: false),
        ]
      let result = try await Tool.run(command, environment: site.slurm.environment())
      #expect(result.status == 0, "\(result.error)")
      #expect(try SchemaTests.errors(result.output, "bricks") == [])
      let bricks = try RecordCoding.decodeBricks(Array(result.output.utf8))
      #expect(bricks.bricks.allSatisfy { $0.state == .measured && $0.timing != nil })
      #expect(bricks.networks[0].measured != nil && bricks.networks[0].sequentialNs != nil)
      #expect(try Tool.contents(store).count == bricks.bricks.count)
      let again = try await Tool.run(command, environment: site.slurm.environment())
      #expect(again.status == 0 && site.slurm.jobs.count == 1, "\(again.error)")
      // On this machine, which the nodes are, the store knows them.
      let local = try await Tool.run(
        ["bricks", site.topology] + Self.quick
          + ["--store", store.path(percentEncoded: false), "--no-save", "--format", "json"])
      let known = try RecordCoding.decodeBricks(Array(local.output.utf8))
      #expect(known.bricks.allSatisfy { $0.state == .stored }, "\(local.error)")
    }
  }

  @Test(
    "options that do not go together are refused before anything runs",
    arguments: [
      (["--launch", "cloud"], "neither local nor slurm"),
      (["--launch", "local:x"], "local takes no options"),
      (["--launch", "slurm:--array=1-3"], "ntprof sets that option"),
      (["--launch", "slurm:--arr=1-3"], "ntprof sets that option"),
      (["--launch", "slurm:-J name"], "ntprof sets that option"),
      (["--launch", "slurm:--wrap='x'"], "ntprof sets that option"),
      (["--launch", "slurm:script.sh"], "is no option of sbatch"),
      (["--launch", "slurm:--account='x"], "has no end"),
      (["--machines", "a,b"], "need --launch slurm"),
      (["--machines", "a,a", "--launch", "slurm"], "stands twice"),
      (["--machines", "a", "--launch", "slurm:-p b"], "names the partitions"),
      (["--tasks", "4"], "--tasks needs --launch slurm"),
      (["--tasks", "0", "--launch", "slurm"], "--tasks 0 is outside"),
      (["--no-save", "--launch", "slurm"], "leave --no-save out"),
    ])
  func usage(arguments: [String], words: String) async throws {
    try await Tool.withFolder { folder in
      let site = try Site(folder)
      let result = try await Tool.run(
        ["sweep", site.topology, "--batch", "1,2", "--output"]
          + [site.output.path(percentEncoded: false)] + arguments,
        environment: site.slurm.environment())
      #expect(result.status == 64, "\(result.error)")
      #expect(result.error.contains(words), "\(result.error)")
      #expect(site.slurm.jobs.isEmpty)
      #expect(!FileManager.default.fileExists(atPath: site.output.path(percentEncoded: false)))
    }
  }
}
