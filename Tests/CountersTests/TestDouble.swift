import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// Runs the probe on the test double: a processor with predictable counters (`FakePMU/fake_pmu.c`).
enum TestDouble {
  /// What the probe printed, by name, and how it ended.
  struct Outcome {
    var values: [String: String] = [:]
    var status: TerminationStatus
    var error: String

    subscript(event: String) -> Int? { values[event].flatMap { Int($0) } }
  }

  /// Compiles the double into a temporary folder, or says why it cannot.
  static func withLibrary<T>(_ body: (FilePath) async throws -> T) async throws -> T {
    let source = FilePath(#filePath).removingLastComponent().appending("FakePMU/fake_pmu.c")
    let folder = FilePath("/tmp/ntprof-fake-pmu-\(UInt64.random(in: 0...UInt64.max))")
    _ = try await Subprocess.run(.name("mkdir"), arguments: [folder.string], output: .discarded)
    let library = folder.appending("fake_pmu.so")
    let compiled = try await compile(source, to: library)
    defer { remove(folder, library) }
    try #require(compiled == nil, "\(compiled ?? "")")
    return try await body(library)
  }

  /// Runs the probe, preloaded with the double when one is given.
  static func probe(_ way: String, threads: Int, pages: Int, library: FilePath?) async throws
    -> Outcome
  {
    var environment: [Environment.Key: String?] = ["OMP_NUM_THREADS": "2"]
    if let library {
      environment["LD_PRELOAD"] = library.string
      environment["LIBPFM_FORCE_PMU"] = "amd64_fam19h_zen3"
    }
    return try await run([way, "\(threads)", "\(pages)"], environment)
  }

  /// Asks libpfm for the codes of event names.
  static func encode(_ names: [String]) async throws -> Outcome {
    try await run(["encode"] + names, [:])
  }

  private static func run(
    _ arguments: [String], _ environment: [Environment.Key: String?]
  ) async throws -> Outcome {
    let program = try products().appending("counter-probe")
    let result = try await ChildLimit.shared.run {
      try await Subprocess.run(
        .path(program), arguments: Arguments(arguments),
        environment: .inherit.updating(environment), output: .string(limit: 1 << 16),
        error: .string(limit: 1 << 16))
    }
    var outcome = Outcome(
      status: result.terminationStatus, error: result.standardError)
    for line in result.standardOutput.split(separator: "\n") {
      // An event's name may hold an equals sign (a counter mask); a value never does.
      guard let equals = line.lastIndex(of: "=") else { continue }
      outcome.values[String(line[..<equals])] = String(line[line.index(after: equals)...])
    }
    return outcome
  }

  /// The folder of the built products: where the test program itself is.
  private static func products() throws -> FilePath {
    let length = 4096
    return try withUnsafeTemporaryAllocation(of: CChar.self, capacity: length + 1) { path in
      path.initialize(repeating: 0)
      let base = try #require(path.baseAddress)
      try #require(readlink("/proc/self/exe", base, length) > 0)
      let program = FilePath(platformString: base)
      // swift test runs the bundle through a helper of the toolchain or directly.
      let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") }
      return (bundle.map { FilePath($0) } ?? program).removingLastComponent()
    }
  }

  private static func compile(_ source: FilePath, to library: FilePath) async throws -> String? {
    var reason = "no C compiler (cc or clang) on PATH to build the test double"
    for compiler in ["cc", "clang"] {
      guard
        let result = try? await Subprocess.run(
          .name(compiler),
          arguments: ["-shared", "-fPIC", "-O1", "-o", library.string, source.string, "-ldl"],
          output: .discarded, error: .string(limit: 1 << 16))
      else { continue }
      if result.terminationStatus.isSuccess { return nil }
      reason = result.standardError
    }
    return reason
  }

  private static func remove(_ folder: FilePath, _ library: FilePath) {
    unlink(library.string)
    rmdir(folder.string)
  }
}
