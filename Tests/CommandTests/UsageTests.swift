import Foundation
import Testing

/// Slips on the command line: one line in the style of compilers, with what to do instead.
@Suite("wrong usage", .serialized)
struct UsageTests {
  /// Runs a command that must be refused, and gives what it said.
  private static func refusal(
    _ arguments: [String], status: Int32 = 64, _ place: SourceLocation = #_sourceLocation
  ) async throws -> String {
    let result = try await Tool.run(arguments)
    #expect(result.status == status, "\(result.error)", sourceLocation: place)
    #expect(result.output.isEmpty, sourceLocation: place)
    #expect(!result.error.contains("Usage:"), "\(result.error)", sourceLocation: place)
    return result.error
  }

  @Test(
    "a value that an option does not take",
    arguments: [
      (["--batch", "-1"], "--batch -1 is not positive"),
      (["--batch", "1.5"], "--batch takes a whole number, not '1.5'"),
      (["--batch", "x"], "--batch takes a number, not 'x'"),
      (["--batch", ""], "--batch needs a value, and '' is none"),
      (["--batch"], "--batch needs a value"),
      (["--batch", "99999999999999999999"], "--batch 99999999999999999999 is out of range"),
      (["--threads", "nan"], "--threads takes a number, not 'nan'"),
      (["--time", "-3"], "--time must be positive"),
      (["--time", "nan"], "--time must be positive"),
      (["--seed", "-1"], "--seed -1 is out of range"),
      (["--pin", "onn"], "--pin 'onn' is none of auto, on, off\n  hint: did you mean 'on'?"),
      (["--scenario", "server", "--target-qps", "-1"], "--target-qps must be positive"),
      (["--set", "hidden=1.5"], "--set 'hidden=1.5': 'hidden' takes integers only, not '1.5'"),
      (["--set", "hidden=512,1024"], "takes one value; several are for `ntprof sweep`"),
      (["--set", "hiden=3"], "no parameter is named 'hiden'; did you mean 'hidden'"),
      (["--quiet", "-1"], "--quiet takes no value, and '-1' was given"),
      (["--bacth", "1"], "unknown option '--bacth'\n  hint: did you mean '--batch'?"),
      (["--layers", "rnn"], "hint: did you mean '@rnn'?"),
      (["--layers", "features"], "'features' is an input, and no layer"),
      (["--precision", "int4"], "is none of f32, bf16, int8\n  hint: did you mean 'int8'?"),
      (["--format", "jsn"], "hint: did you mean 'json'?"),
      (["another.xml"], "unexpected argument 'another.xml'"),
    ])
  func values(arguments: [String], words: String) async throws {
    let said = try await Self.refusal(
      ["profile", Tool.topology("deepspeech"), "--no-save"] + arguments)
    #expect(said.hasPrefix("ntprof: error: "), "\(said)")
    #expect(said.contains(words), "\(said)")
    // One message, and one hint at most.
    #expect(said.split(separator: "\n").count <= 2, "\(said)")
  }

  @Test("a command that is none")
  func commands() async throws {
    #expect(
      try await Self.refusal(["prifile", "x.xml"])
        == "ntprof: error: 'prifile' is no command\n  hint: did you mean 'profile'?\n")
    #expect(
      try await Self.refusal(["it's a.xml"]).contains(
        "a command comes first: ntprof profile 'it'\\''s a.xml'\n"))
    #expect(try await Self.refusal(["help", "swep"]).contains("did you mean 'sweep'?"))
    #expect(try await Self.refusal(["zzzzzz"]).contains("hint: commands: profile, diff, "))
    #expect(
      try await Self.refusal(["profile"])
        == "ntprof: error: <topology> is missing\n  hint: 'ntprof profile --help' lists the options\n"
    )
  }

  @Test(
    "options of a sweep",
    arguments: [
      (["--set", "units=1.5"], "integers only, not '1.5'; a list is V1,V2 or FIRST..LAST:STEP"),
      (["--set", "units=9..1"], "'9..1' ends before it begins"),
      (["--set", "units=1..9:0"], "the step of '1..9:0' is no integer above 0"),
      (["--set", "units=1..9223372036854775807"], "more than 10000 values"),
      (["--batch", ""], "--batch '': an integer, and there is none"),
      (["--precision", "f32,f64"], "'f64' is none of f32, bf16, int8"),
      (["--objective", "speed"], "--objective 'speed' is none of latency, throughput, memory"),
      (["--batch", "1", "--constraint", "latency<5"], "needs a unit, like latency<5ms"),
      (["--batch", "1", "--rounds", "-1"], "--rounds -1 is outside"),
    ])
  func sweeps(arguments: [String], words: String) async throws {
    try await Tool.withFolder { folder in
      let said = try await Self.refusal(
        ["sweep", try Narrow.write(folder), "--no-save"] + arguments)
      #expect(said.hasPrefix("ntprof: error: ") && said.contains(words), "\(said)")
    }
  }

  @Test("a sweep of many points says how many and how long, and wants to be told")
  func largeSweep() async throws {
    try await Tool.withFolder { folder in
      let topology = try Narrow.write(folder)
      let said = try await Self.refusal([
        "sweep", topology, "--set", "units=512..1024", "--no-save",
      ])
      #expect(said.contains("the sweep has 513 points, 5 processes each: about "), "\(said)")
      #expect(
        said.contains("hint: --yes starts it; a step takes fewer values: --set units=512..1024:64"),
        "\(said)")
      let small = try await Tool.run([
        "sweep", topology, "--set", "units=16,32", "--rounds", "1", "--iterations", "3",
        "--threads", "1", "--no-save", "--format", "csv",
      ])
      #expect(small.status == 0)
      #expect(small.error.contains("sweep: 2 points, one process each\n"), "\(small.error)")
      // 51 points, all but one of which need no measuring.
      let agreed = try await Tool.run([
        "sweep", topology, "--set", "units=1..51", "--constraint", "units=3", "--yes", "--rounds",
        "1", "--iterations", "3", "--threads", "1", "--no-save", "--format", "csv",
      ])
      #expect(agreed.status == 0, "\(agreed.error)")
      #expect(
        agreed.error.contains(
          "sweep: 1 point, one process each (50 more are ruled out or cannot be built)\n"),
        "\(agreed.error)")
    }
  }

  @Test("faults in files begin with their place, as editors and CI read them")
  func places() async throws {
    try await Tool.withFolder { folder in
      let file = folder.appending(path: "bad.xml")
      try HostileInputTests.topology("  <layer name=\"a\"><relu/></layer>")
        .write(to: file, atomically: true, encoding: .utf8)
      let path = file.path(percentEncoded: false)
      for command in ["check", "profile", "show", "export"] {
        let result = try await Tool.run([command, path])
        #expect(result.status == 65)
        #expect(
          result.error.hasPrefix(
            "\(path):4:19: error: unknown element <relu> in <layer>\n  hint: it is "
              + "<activation kind=\"relu\"> here; "), "\(result.error)")
      }
      let missing = try await Tool.run(["check", path + "x"])
      #expect(missing.error == "ntprof: error: \(path)x: no such file\n")
    }
  }

  @Test("a schema of the future is told from the one that this version reads of its kind")
  func schemas() async throws {
    try await Tool.withFolder { folder in
      let file = folder.appending(path: "s.json")
      for (found, read) in [
        ("ntprof.sweep/2", "ntprof.sweep/1"), ("ntprof.diff/9", "ntprof.diff/1"),
        ("ntprof.comparison/2", "ntprof.comparison/1"), ("ntprof.record/2", "ntprof.record/1"),
      ] {
        try Data("{\"schema\": \"\(found)\"}".utf8).write(to: file)
        let path = file.path(percentEncoded: false)
        let said = try await Self.refusal(["report", path], status: 65)
        #expect(
          said.contains("the schema is '\(found)', and this version reads '\(read)'"), "\(said)")
      }
    }
  }
}
