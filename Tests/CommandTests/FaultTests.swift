import Foundation
import Profiling
import Testing

/// What was measured is not lost, and nothing is left behind, whatever happens to files, to standard
/// output and to processes meanwhile.
@Suite("Faults", .serialized)
struct FaultTests {
  private static let quick = "--iterations 5 --warmup 1 --threads 1 --counters none"
  private static let words = quick.split(separator: " ").map(String.init)

  @Test(
    "standard output that is full or closed costs the table alone",
    arguments: [">/dev/full", ">&-", "| :"])
  func standardOutput(_ fate: String) async throws {
    try await Tool.withFolder { folder in
      _ = try Narrow.write(folder)
      let result = try await Tool.shell(
        "set -o pipefail; ntprof profile narrow.xml \(Self.quick) --output out \(fate)", in: folder)
      #expect(result.status == 74, "\(result.error)")
      #expect(result.error.contains("standard output: "), "\(result.error)")
      let names = try Tool.contents(folder.appending(path: "out"))
      #expect(names.count == 2 && names[0].hasSuffix(".html") && names[1].hasSuffix(".json"))
    }
  }

  @Test("a reader that goes away ends what only writes, as it ends any filter")
  func filter() async throws {
    let result = try await Tool.shell(
      "set -o pipefail; ntprof show '\(Tool.topology("resnet152"))' --format json | head -c 10")
    #expect(result.status == 128 + SIGPIPE && result.error.isEmpty, "\(result.error)")
  }

  @Test("a folder that is gone is made again; one that cannot be is told, with where the record is")
  func folderGone() async throws {
    try await Tool.withFolder { folder in
      let output = folder.appending(path: "out")
      let path = output.path(percentEncoded: false)
      for isBlocked in [false, true] {
        let running = try await Running.start(
          ["profile", try Narrow.write(folder), "--time", "60", "--threads", "1", "--counters"]
            + ["none", "--output", path], in: folder)
        try await running.says("measuring narrow")
        try FileManager.default.removeItem(at: output)
        if isBlocked { try Data().write(to: output) }
        running.signal(SIGINT)
        #expect(running.end() == (isBlocked ? 73 : 130), "\(running.error)")
        let place = isBlocked ? folder : output
        let name = try #require(try Tool.contents(place).first { $0.hasSuffix(".json") })
        let saved = try RecordCoding.decode(Array(Data(contentsOf: place.appending(path: name))))
        #expect(saved.interrupted && saved.endToEnd != nil)
        #expect(running.error.contains(name), "\(running.error)")
        #expect(try Tool.contents(folder).allSatisfy { !$0.hasPrefix(".") })
      }
    }
  }

  @Test("a file that may not grow: the table is printed, and nothing is left of the file")
  func fileLimit() async throws {
    try await Tool.withFolder { folder in
      _ = try Narrow.write(folder)
      let result = try await Tool.shell(
        "ulimit -f 2; ntprof profile narrow.xml \(Self.quick) --tuning fast --output out | cat",
        in: folder,
        environment: ["HOME": "/nonexistent", "TMPDIR": "/nonexistent"])
      #expect(result.output.contains("narrow"), "\(result.output)")
      #expect(result.error.contains("File too large"), "\(result.error)")
      // The folder that was made for it is gone, too.
      #expect(try Tool.contents(folder) == ["narrow.xml"])
    }
  }

  @Test("what ends a run keeps what it measured", arguments: [SIGHUP, SIGQUIT, SIGTERM])
  func signals(_ number: Int32) async throws {
    try await Tool.withFolder { folder in
      let output = folder.appending(path: "out")
      let running = try await Running.start([
        "profile", try Narrow.write(folder), "--time", "60", "--threads", "1", "--counters", "none",
        "--output", output.path(percentEncoded: false),
      ])
      try await running.says("measuring narrow")
      running.signal(number)
      #expect(running.end() == 130, "\(running.error)")
      #expect(!running.error.contains("Backtrace"), "\(running.error)")
      #expect(try Tool.contents(output).count == 2)
    }
  }

  @Test("what a killed run of the same number left does not stop the next one")
  func leftovers() async throws {
    try await Tool.withFolder { folder in
      _ = try Narrow.write(folder)
      let result = try await Tool.shell(
        """
        mkdir -p out cache/ntprof
        for place in out cache/ntprof; do
          : >$place/.ntprof-$$.tmp; : >$place/.ntprof-$$-probe
        done
        exec ntprof profile narrow.xml \(Self.quick) --tuning search --format csv --output out
        """, in: folder,
        environment: [
          "XDG_CACHE_HOME": folder.appending(path: "cache").path(percentEncoded: false)
        ])
      #expect(result.status == 0, "\(result.error)")
      #expect(try Tool.contents(folder.appending(path: "out")).count == 3)
      let cached = try Tool.contents(folder.appending(path: "cache/ntprof"))
      // Roofs that were measured beside busy neighbours are not kept; what was searched is.
      #expect(cached.contains { !$0.hasPrefix(".ntprof-") }, "\(cached)")
    }
  }

  @Test("runs at once that save no record each keep their page")
  func pages() async throws {
    try await Tool.withFolder { folder in
      _ = try Narrow.write(folder)
      let run = "ntprof profile narrow.xml \(Self.quick) --no-save --output out >/dev/null"
      let result = try await Tool.shell("\(run) & \(run) & \(run) & \(run) & wait", in: folder)
      #expect(result.status == 0, "\(result.error)")
      let names = try Tool.contents(folder.appending(path: "out"))
      #expect(names.count == 4 && names.allSatisfy { $0.hasSuffix(".html") }, "\(names)")
    }
  }

  @Test("a topology that changes meanwhile ends a comparison, after what was measured of it")
  func edited() async throws {
    try await Tool.withFolder { folder in
      let topology = try Narrow.write(folder)
      let output = folder.appending(path: "out")
      let running = try await Running.start(
        ["diff", topology, topology, "--processes", "500", "--format", "csv"] + Self.words
          + ["--output", output.path(percentEncoded: false)])
      try await running.says("comparing: process 3 of")
      try String(contentsOfFile: topology, encoding: .utf8)
        .replacing("value=\"64\"", with: "value=\"65\"")
        .write(toFile: topology, atomically: true, encoding: .utf8)
      #expect(running.end() == 65)
      #expect(running.error.contains("has changed since"), "\(running.error)")
      let names = try Tool.contents(output)
      #expect(names.count == 3, "\(names)")
      let name = try #require(names.first { $0.contains("-baseline-") })
      let saved = try RecordCoding.decode(Array(Data(contentsOf: output.appending(path: name))))
      #expect(saved.interrupted && saved.topology.parameters == ["units": 64])
    }
  }

  @Test("a topology that changes meanwhile ends a sweep, of which the points measured stay")
  func editedSweep() async throws {
    try await Tool.withFolder { folder in
      let topology = try Narrow.write(folder)
      let output = folder.appending(path: "out")
      let running = try await Running.start(
        ["sweep", topology, "--set", "units=16,32", "--rounds", "500", "--format", "csv"]
          + ["--iterations", "5", "--warmup", "1", "--threads", "1", "--output"]
          + [output.path(percentEncoded: false)])
      try await running.says("shortest so far")
      try String(contentsOfFile: topology, encoding: .utf8)
        .replacing("value=\"64\"", with: "value=\"65\"")
        .write(toFile: topology, atomically: true, encoding: .utf8)
      #expect(running.end() == 65)
      #expect(running.error.contains("has changed since"), "\(running.error)")
      let name = try #require(try Tool.contents(output).first)
      let sweep = try RecordCoding.decodeSweep(
        Array(Data(contentsOf: output.appending(path: name))))
      #expect(sweep.points.allSatisfy { $0.state == .pending })
      #expect(sweep.points.contains { $0.latency != nil })
    }
  }

  @Test("a process that is ended from outside is made up for", arguments: [SIGKILL, SIGTERM])
  func lostProcess(_ number: Int32) async throws {
    try await Tool.withFolder { folder in
      let topology = try Narrow.write(folder)
      let output = folder.appending(path: "out").path(percentEncoded: false)
      // Long enough that it still measures when the signal comes.
      let running = try await Running.start([
        "profile", topology, "--processes", "2", "--time", "1", "--threads", "1", "--counters",
        "none", "--format", "csv", "--output", output,
      ])
      let child = try await SimulatedRuns.child(of: running.id)
      kill(child, number)
      try await running.says("it is started again")
      #expect(running.end() == 0, "\(running.error)")
      let name = try #require(try Tool.contents(URL(filePath: output)).first)
      let record = try RecordCoding.decode(
        Array(Data(contentsOf: URL(filePath: "\(output)/\(name)"))))
      #expect(record.options.processes == 2 && !record.interrupted)
    }
  }

  @Test("a sweep makes up for a process that was killed")
  func lostPoint() async throws {
    try await Tool.withFolder { folder in
      let output = folder.appending(path: "out").path(percentEncoded: false)
      let running = try await Running.start(
        ["sweep", try Narrow.write(folder), "--set", "units=16,32", "--rounds", "2"]
          + [
            "--iterations", "200", "--warmup", "1", "--threads", "1", "--format", "csv", "--output",
            output,
          ])
      let child = try await SimulatedRuns.child(of: running.id)
      kill(child, SIGKILL)
      #expect(running.end() == 0, "\(running.error)")
      let name = try #require(try Tool.contents(URL(filePath: output)).first)
      let sweep = try RecordCoding.decodeSweep(
        Array(Data(contentsOf: URL(filePath: "\(output)/\(name)"))))
      #expect(sweep.points.allSatisfy { $0.state == .measured && $0.reason == nil })
      #expect(sweep.points.allSatisfy { $0.latency?.count == 2 })
    }
  }

  @Test("a program that is replaced meanwhile goes on as itself")
  func replaced() async throws {
    try await Tool.withFolder { folder in
      _ = try Narrow.write(folder)
      let result = try await Tool.shell(
        """
        cp "$(command -v ntprof)" ./mine
        ./mine diff narrow.xml narrow.xml --processes 2 \(Self.quick) --no-save --format csv &
        until pgrep -P $! >/dev/null; do :; done
        rm mine; echo '#!/bin/false' >mine
        wait $!
        """, in: folder)
      #expect(result.status == 0, "\(result.error)")
      #expect(result.output.contains("end-to-end"))
    }
  }

  @Test("a parent that ignores how its children end does not keep this one from knowing")
  func ignoredChildren() async throws {
    try await Tool.withFolder { folder in
      _ = try Narrow.write(folder)
      let result = try await Tool.shell(
        "trap '' CHLD; exec ntprof diff narrow.xml narrow.xml --processes 2 \(Self.quick) --no-save"
          + " --format csv", in: folder)
      #expect(result.status == 0, "\(result.error)")
      #expect(result.output.contains("end-to-end"))
    }
  }

  @Test("a stack that is too small is told before anything is measured")
  func smallStack() async throws {
    let result = try await Tool.shell(
      "ulimit -s 256; ntprof check '\(Tool.topology("deepspeech"))'")
    #expect(result.status == 70 && result.error.contains("ulimit -s 8192"), "\(result.error)")
  }

  @Test("without /proc nothing is done, and that is said", .enabled(if: getuid() == 0))
  func withoutProc() async throws {
    let result = try await Tool.shell(
      """
      tool=$(command -v ntprof)
      unshare -m true 2>/dev/null || exit 70
      exec unshare -m sh -c 'mount -t tmpfs none /proc && exec "$@"' sh "$tool" check '\(Tool.topology("alexnet"))'
      """)
    #expect(result.status == 70 && result.output.isEmpty, "\(result.output)")
    #expect(result.error.isEmpty || result.error.contains("mount /proc"), "\(result.error)")
  }

  @Test("its children are itself also where processes have other numbers than /proc says")
  func otherNumbers() async throws {
    try await Tool.withFolder { folder in
      _ = try Narrow.write(folder)
      let result = try await Tool.shell(
        """
        unshare -pf true 2>/dev/null || exec true
        exec unshare -pf ntprof diff narrow.xml narrow.xml --processes 2 \(Self.quick) --no-save
        """, in: folder)
      #expect(result.status == 0, "\(result.error)")
    }
  }

  @Test("few open files suffice", arguments: [16, 24, 64])
  func fewFiles(_ limit: Int) async throws {
    try await Tool.withFolder { folder in
      _ = try Narrow.write(folder)
      let result = try await Tool.shell(
        "ulimit -n \(limit); ntprof diff narrow.xml narrow.xml --processes 2 \(Self.quick) "
          + "--no-save --format csv", in: folder)
      #expect(result.status == 0, "\(result.error)")
    }
  }

  @Test(
    "where too few files may be open for its processes, that is said with what to do",
    arguments: [
      ("a measuring process", "diff narrow.xml narrow.xml --processes 2"),
      ("a process that watches layers", "profile narrow.xml --layer-timeout 20"),
      ("a process that tries implementations", "profile narrow.xml --tuning search"),
    ])
  func tooFewFiles(_ process: String, _ command: String) async throws {
    try await Tool.withFolder { folder in
      _ = try Narrow.write(folder)
      let result = try await Tool.shell(
        "ulimit -n 8; ntprof \(command) \(Self.quick) --no-save --format csv", in: folder,
        environment: command.contains("search")
          ? ["XDG_CACHE_HOME": folder.appending(path: "cache").path(percentEncoded: false)] : [:])
      #expect(result.status == 70 && result.output.isEmpty, "\(result.error)")
      let words = "\(process) cannot be started: memfd_create"
      #expect(result.error.contains(words), "\(result.error)")
      #expect(result.error.contains("hint: ") && result.error.contains("ulimit -n"))
      #expect(try Tool.contents(folder).allSatisfy { ["narrow.xml", "cache"].contains($0) })
    }
  }

  @Test("a layer that runs too long is left out, and named; the others are measured")
  func layerTimeout() async throws {
    try await Tool.withFolder { folder in
      let text = """
        <topology name="uneven" version="1"><input name="x" shape="1x64x128x128" layout="nchw"/>
        <layer name="small"><conv filters="1" kernel="1"/></layer>
        <layer name="large" inputs="x"><conv filters="256" kernel="15" padding="same"/></layer>
        </topology>
        """
      let file = folder.appending(path: "uneven.xml")
      try text.write(to: file, atomically: true, encoding: .utf8)
      // 120 GFLOP in the one, 0.002 in the other: no core does the first in 0.2 s.
      let result = try await Tool.run(
        ["profile", file.path(percentEncoded: false), "--layer-timeout", "0.2", "--no-save"]
          + ["--format", "json"] + Self.words)
      #expect(result.status == 0, "\(result.error)")
      #expect(try SchemaTests.errors(result.output, "record") == [])
      let record = try RecordCoding.decode(Array(result.output.utf8))
      let large = try #require(record.layers.first { $0.name == "large" })
      #expect(large.time == nil && large.untimed == .timedOut)
      let warning = try #require(record.warnings.first { $0.code == "layers-left-out" })
      #expect(warning.message.contains("'large'") || warning.message.contains("1 more"))
      let refused = try await Tool.run(["profile", "x.xml", "--layer-timeout", "0"])
      #expect(refused.status == 64, "\(refused.error)")
    }
  }

  @Test("a network that needs more than it may is refused, and so is what is no size")
  func memoryLimit() async throws {
    try await Tool.withFolder { folder in
      let topology = try Narrow.write(folder)
      let small = try await Tool.run(["profile", topology, "--memory-limit", "10 kB", "--no-save"])
      #expect(small.status == 65 && small.error.contains("--memory-limit allows"), "\(small.error)")
      let enough = try await Tool.run(
        ["profile", topology, "--memory-limit", "3GiB", "--no-save", "--format", "csv"]
          + Self.words)
      #expect(enough.status == 0, "\(enough.error)")
      for wrong in ["0", "-1GB", "much", "1e300GB"] {
        let refused = try await Tool.run(["profile", topology, "--memory-limit=\(wrong)"])
        #expect(refused.status == 64, "\(wrong): \(refused.error)")
      }
    }
  }
}
