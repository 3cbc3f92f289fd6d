import Foundation
import Profiling
import Testing

/// Losses that one command survives, every command survives: a child of `diff`, the program of a
/// `sweep`, the reader of `export`.
@Suite("Losses", .serialized)
struct LossTests {
  private static let quick = "--iterations 5 --warmup 1 --threads 1"

  @Test("a diff makes up for a process that is ended from outside", arguments: [SIGKILL, SIGTERM])
  func lostSide(_ number: Int32) async throws {
    try await Tool.withFolder { folder in
      let topology = try Narrow.write(folder)
      let output = folder.appending(path: "out")
      // Long enough that a process still measures when the signal comes.
      let running = try await Running.start(
        ["diff", topology, "\(topology):units=32", "--processes", "2", "--time", "0.5"]
          + ["--threads", "1", "--tuning", "fast", "--counters", "none", "--format", "csv"]
          + ["--output", output.path(percentEncoded: false)])
      kill(try await SimulatedRuns.child(of: running.id), number)
      try await running.says("it is started again")
      #expect(running.end() == 0, "\(running.error)")
      let names = try Tool.contents(output).filter { $0.hasSuffix(".json") }
      let texts = try names.map { try Data(contentsOf: output.appending(path: $0)) }
      let records = texts.compactMap { try? RecordCoding.decode(Array($0)) }
      #expect(records.count == 2, "\(names)")
      for record in records {
        #expect(record.options.processes == 2 && !record.interrupted)
        #expect(record.endToEnd?.time.count == 2)
      }
      #expect(Set(records.map(\.topology.parameters)) == [["units": 64], ["units": 32]])
    }
  }

  @Test("a sweep whose program is replaced meanwhile measures all of its points")
  func replaced() async throws {
    try await Tool.withFolder { folder in
      _ = try Narrow.write(folder)
      let result = try await Tool.shell(
        """
        cp "$(command -v ntprof)" ./mine
        ./mine sweep narrow.xml --set units=16,32 --rounds 2 \(Self.quick) --format csv --output out &
        until pgrep -P $! >/dev/null; do :; done
        rm mine; echo '#!/bin/false' >mine
        wait $!
        """, in: folder)
      #expect(result.status == 0, "\(result.error)")
      let output = folder.appending(path: "out")
      let name = try #require(try Tool.contents(output).first { $0.hasSuffix(".json") })
      let sweep = try RecordCoding.decodeSweep(
        Array(Data(contentsOf: output.appending(path: name))))
      #expect(sweep.points.count == 2)
      #expect(sweep.points.allSatisfy { $0.state == .measured && $0.latency?.count == 2 })
    }
  }

  @Test("an export whose reader is gone writes its files and leaves nothing else")
  func export() async throws {
    try await Tool.withFolder { folder in
      _ = try Narrow.write(folder)
      // The pipe's reader has come and gone before anything is written.
      let result = try await Tool.shell(
        """
        mkfifo pipe; (exec <pipe) & exec 3>pipe; wait; rm pipe
        NTPROF_PROGRESS=0.001 ntprof export narrow.xml -o out.onnx --test-data given >&3 2>&3
        """, in: folder)
      #expect(result.status == 0)
      #expect(try Tool.contents(folder) == ["given", "narrow.xml", "out.onnx"])
      #expect(
        try Tool.contents(folder.appending(path: "given")) == ["input_0.pb", "output_0.pb"])
    }
  }
}
