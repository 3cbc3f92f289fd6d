import Files
import Machine
import Profiling

/// The simulator: where it is, and how it is called.
struct Valgrind: Hashable, Sendable {
  /// The program's file.
  let path: String

  /// Descriptors of the child: where callgrind dumps, and where the program reports.
  static let dumpDescriptor: Int32 = 3
  static let reportDescriptor: Int32 = 4
  /// The program itself, as a file without a name: valgrind 3.19 gives up on executables with
  /// debug information of DWARF 5, and looks for that by the file's name.
  static let programDescriptor: Int32 = 5

  /// Finds the program on a search path.
  ///
  /// - Throws: `CounterError` when it is not there, or when this process runs under it already.
  static func find(
    path: String? = Environment.variable("PATH")
  ) throws(CounterError) -> Valgrind {
    if Callgrind.isRunning {
      throw CounterError(
        source: .simulated, reason: "ntprof runs under valgrind already",
        remedy: "run it without valgrind; it starts its own")
    }
    if let program = SearchPath.program("valgrind", in: path ?? "") {
      return Valgrind(path: program)
    }
    throw CounterError(
      source: .simulated, reason: "valgrind is not on PATH",
      remedy: "install it: apt-get install valgrind")
  }

  /// The command line for a program, without valgrind's own name.
  ///
  /// Nothing from `~/.valgrindrc` or `VALGRIND_OPTS` is let in, and no debugger's pipes are left in
  /// `/tmp`. All caches are given, since valgrind's own idea of them comes from CPUID.
  static func arguments(
    caches: SimulatedCaches, outermost: SimulatedCache, program arguments: [String]
  ) -> [String] {
    [
      "--command-line-only=yes", "-q", "--vgdb=no", "--tool=callgrind", "--instr-atstart=no",
      "--cache-sim=yes", "--combine-dumps=yes", "--dump-line=no",
      "--I1=\(caches.instruction.argument)", "--D1=\(caches.data.argument)",
      "--LL=\(outermost.argument)", "--callgrind-out-file=/proc/self/fd/\(dumpDescriptor)",
      "/proc/self/fd/\(programDescriptor)",
    ] + arguments
  }

  /// The environment of the child: one thread, and nothing that would move addresses from one call
  /// to the next, since the environment lies on the stack.
  ///
  /// - Parameters:
  ///   - own: This process's environment.
  ///   - folder: Where the program lies, and perhaps its libraries: it no longer knows.
  /// - Returns: What the child gets.
  static func environment(_ own: [String: String], folder: String) -> [String: String] {
    let wanted = ["PATH", "HOME", "VALGRIND_LIB"]
    var kept = own.filter { name, _ in
      wanted.contains(name)
        || (name.hasPrefix("DNNL_") || name.hasPrefix("ONEDNN_")) && !name.hasSuffix("VERBOSE")
    }
    kept["LD_LIBRARY_PATH"] = (own["LD_LIBRARY_PATH"].map { [$0, folder] } ?? [folder])
      .joined(separator: ":")
    kept["OMP_NUM_THREADS"] = "1"
    kept["SWIFT_DETERMINISTIC_HASHING"] = "1"
    kept["LC_ALL"] = "C"
    return kept
  }
}
