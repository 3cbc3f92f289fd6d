import Foundation
import Testing

/// Bad input: one clear error with its place, the documented status, nothing left behind.
@Suite("Hostile input")
struct HostileInputTests {
  /// A document, what standard error must contain, and the exit status.
  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    var document: String
    var place: String
    var message: String
    var testDescription: String { name }
  }

  static func topology(_ body: String) -> String {
    """
    <?xml version="1.0" encoding="UTF-8"?>
    <topology name="t" version="1">
      <input name="x" shape="1x3x8x8" layout="nchw"/>
    \(body)
    </topology>
    """
  }

  static let cases: [Case] = [
    Case(
      name: "malformed XML", document: topology("  <layer name=\"a\"><conv></layer>"),
      place: ":4:", message: "conv"),
    Case(
      name: "unknown element",
      document: topology("  <layer name=\"a\"><cnov filters=\"1\" kernel=\"1\"/></layer>"),
      place: ":4:19:", message: "conv"),
    Case(
      name: "unknown attribute",
      document: topology("  <layer name=\"a\"><fc unist=\"1\"/></layer>"), place: ":4:",
      message: "units"),
    Case(
      name: "negative dims", document: topology("").replacing("1x3x8x8", with: "1x-3x8x8"),
      place: ":3:", message: "-3"),
    Case(
      name: "overflowing dims",
      document: topology("").replacing("1x3x8x8", with: "2000000x2000000x2000000x2000000"),
      place: ":3:", message: "2^40"),
    Case(
      name: "shapes that do not fit",
      document: topology("  <layer name=\"a\"><conv filters=\"8\" kernel=\"9\"/></layer>"),
      place: ":4:19:", message: "a window of 9 does not fit 8 cells"),
    Case(
      name: "unknown input",
      document: topology("  <layer name=\"a\" inputs=\"nobody\"><fc units=\"1\"/></layer>"),
      place: ":4:", message: "nobody"),
    Case(
      name: "a cycle",
      document: topology(
        "  <layer name=\"a\" inputs=\"b\"><fc units=\"1\"/></layer>\n"
          + "  <layer name=\"b\" inputs=\"a\"><fc units=\"1\"/></layer>"),
      place: ":4:", message: "b"),
    Case(
      name: "duplicate layer",
      document: topology(
        "  <layer name=\"a\"><fc units=\"1\"/></layer>\n  <layer name=\"a\"><fc units=\"1\"/></layer>"
      ),
      place: ":5:", message: "duplicate name 'a'"),
    Case(
      name: "unbalanced marker",
      document: topology(
        "  <marker action=\"start\" name=\"m\"/>\n  <layer name=\"a\"><fc units=\"1\"/></layer>"),
      place: ":4:", message: "never stops"),
    Case(
      name: "bad expression",
      document: topology("  <layer name=\"a\"><fc units=\"${1/0}\"/></layer>"), place: ":4:",
      message: "zero"),
    Case(
      name: "unknown param",
      document: topology("  <layer name=\"a\"><fc units=\"${hiden}\"/></layer>"), place: ":4:",
      message: "hiden"),
    Case(
      name: "XXE",
      document: """
        <?xml version="1.0"?>
        <!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]>
        <topology name="&x;" version="1"/>
        """, place: ":2:", message: "DOCTYPE"),
    Case(
      name: "billion laughs",
      document: """
        <?xml version="1.0"?>
        <!DOCTYPE t [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
        <topology name="&b;" version="1"/>
        """, place: ":2:", message: "DOCTYPE"),
    Case(name: "empty file", document: "", place: "", message: "empty"),
    Case(
      name: "a step of no width",
      document: topology("  <layer name=\"a\"><quantize scale=\"0\"/></layer>"),
      place: ":4:29:", message: "is not positive"),
    Case(
      name: "more memory than the machine has",
      document: topology("  <layer name=\"a\"><fc units=\"2000000000\"/></layer>"),
      place: "topology.xml", message: "memory"),
  ]

  @Test("a bad document", arguments: cases)
  func document(_ bad: Case) async throws {
    try await Tool.withFolder { folder in
      let file = folder.appending(path: "topology.xml")
      try Data(bad.document.utf8).write(to: file)
      let output = folder.appending(path: "out").path(percentEncoded: false)
      let path = file.path(percentEncoded: false)
      let result = try await Tool.run(["profile", path, "--output", output, "--threads", "1"])
      #expect(result.status == 65, "\(result.error)")
      #expect(result.output.isEmpty)
      #expect(result.error.contains(bad.place.isEmpty ? path : bad.place), "\(result.error)")
      #expect(result.error.contains(bad.message), "\(result.error)")
      let left = (try? Tool.contents(folder.appending(path: "out"))) ?? []
      #expect(left.isEmpty)
    }
  }

  @Test("files that are none: missing, a folder, a device, too large")
  func files() async throws {
    try await Tool.withFolder { folder in
      let path = folder.path(percentEncoded: false)
      let missing = try await Tool.run(["profile", path + "/none.xml", "--no-save"])
      #expect(missing.status == 66 && missing.error.contains("none.xml"))
      let directory = try await Tool.run(["profile", path, "--no-save"])
      #expect(directory.status == 66 && directory.error.contains("regular file"))
      let device = try await Tool.run(["check", "/dev/zero"])
      #expect(device.status == 66)
      let large = folder.appending(path: "large.xml")
      // Zeros alone would be binary data of no kind.
      try Data("<topology>".utf8).write(to: large)
      let handle = try FileHandle(forWritingTo: large)
      try handle.truncate(atOffset: 200 << 20)
      try handle.close()
      let tooLarge = try await Tool.run(["check", large.path(percentEncoded: false)])
      #expect(tooLarge.status == 65 && tooLarge.error.contains("64 MiB"), "\(tooLarge.error)")
    }
  }

  @Test(
    "wrong usage names the option",
    arguments: [
      (["--layers", "nobody"], "--layers"), (["--set", "nobody=1"], "nobody"),
      (["--iterations", "0"], "--iterations"), (["--threads", "0"], "--threads"),
      (["--batch", "-1"], "--batch"), (["--precision", "int4"], "--precision"),
      (["--precision", "bf16", "--counters", "simulated"], "--counters simulated"),
      (["--format", "docx"], "--format"), (["--isa", "avx1024"], "--isa"),
      (["--time", "1", "--until", "1"], "--time"), (["--no-such-option"], "--no-such-option"),
    ])
  func usage(arguments: [String], mention: String) async throws {
    try await Tool.withFolder { folder in
      let output = folder.appending(path: "out").path(percentEncoded: false)
      let result = try await Tool.run(
        ["profile", Tool.topology("deepspeech"), "--output", output] + arguments)
      #expect(result.status == 64, "\(result.error)")
      #expect(result.error.contains(mention), "\(result.error)")
      #expect(result.output.isEmpty)
      #expect(((try? Tool.contents(folder.appending(path: "out"))) ?? []).isEmpty)
    }
  }

  @Test("an output folder that cannot be")
  func output() async throws {
    try await Tool.withFolder { folder in
      let file = folder.appending(path: "file")
      try Data("x".utf8).write(to: file)
      let result = try await Tool.run([
        "profile", Tool.topology("deepspeech"), "--output", file.path(percentEncoded: false),
      ])
      #expect(result.status == 73, "\(result.error)")
      #expect(result.error.contains("--output"))
    }
  }

  @Test("a counter source that is demanded and missing")
  func counters() async throws {
    let result = try await Tool.run(
      ["profile", Tool.topology("deepspeech"), "--no-save", "--counters", "simulated"],
      environment: ["PATH": "/nowhere"])
    #expect(result.status == 69, "\(result.error)")
  }

  @Test("standard output on a full disk")
  func fullDisk() async throws {
    let binary = Tool.products.appending(path: "ntprof").path(percentEncoded: false)
    let shell = Process()
    shell.executableURL = URL(filePath: "/bin/sh")
    shell.arguments = [
      "-c", "\"$0\" show \"$1\" >/dev/full 2>/dev/null", binary, Tool.topology("alexnet"),
    ]
    try shell.run()
    shell.waitUntilExit()
    #expect(shell.terminationStatus == 74)
  }
}
