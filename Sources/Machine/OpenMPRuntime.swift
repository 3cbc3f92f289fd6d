import Glibc

/// The OpenMP runtimes that are loaded into this process.
public enum OpenMPRuntimes {
  /// Names that the common ones have, without version and suffix.
  private static let known: Set<Substring> = ["libgomp", "libiomp5", "libomp", "libomp5"]

  /// Paths of the loaded ones, each once.
  ///
  /// More than one means two pools of threads on the same cores: whoever loads a second one (a
  /// preloaded library, a plug-in) makes times meaningless.
  public static func loaded() -> [String] { find(in: TextFile.read("/proc/self/maps") ?? "") }

  /// Those in the text of `/proc/self/maps`.
  static func find(in maps: String) -> [String] {
    var found: [String] = []
    for line in maps.split(separator: "\n") {
      guard let slash = line.firstIndex(of: "/") else { continue }
      let path = line[slash...]
      let file = path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...]
      guard file.contains(".so"), let stem = file.split(separator: ".").first,
        known.contains(stem.split(separator: "-").first ?? stem), !found.contains(String(path))
      else { continue }
      found.append(String(path))
    }
    return found
  }
}

/// The functions of the OpenMP runtime that this process runs on.
///
/// They are looked up by name, not linked: oneDNN brings libgomp, and a team started through the
/// same instance is oneDNN's own team. Linking another runtime (clang's libomp) would make a
/// second pool of threads beside it.
struct OpenMPRuntime: Sendable {
  typealias Body = @Sendable @convention(c) (UnsafeMutableRawPointer?) -> Void

  /// `GOMP_parallel(body, data, threads, flags)`: what `#pragma omp parallel` compiles to.
  let parallel: @Sendable @convention(c) (Body, UnsafeMutableRawPointer?, UInt32, UInt32) -> Void
  let setThreads: @Sendable @convention(c) (CInt) -> Void
  let maximumThreads: @Sendable @convention(c) () -> CInt
  let threadIndex: @Sendable @convention(c) () -> CInt
  let teamSize: @Sendable @convention(c) () -> CInt
  let setDynamic: @Sendable @convention(c) (CInt) -> Void
  let threadLimit: @Sendable @convention(c) () -> CInt

  /// The runtime, found once.
  static let shared: Result<OpenMPRuntime, ThreadTeamError> = find()

  private static func find() -> Result<OpenMPRuntime, ThreadTeamError> {
    // A runtime that is loaded already, whichever it is, before one of our own choice.
    if dlsym(nil, "GOMP_parallel") == nil, dlopen("libgomp.so.1", RTLD_NOW | RTLD_GLOBAL) == nil {
      let message = dlerror().map { String(cString: $0) } ?? "unknown"
      return .failure(.noRuntime(message))
    }
    guard let parallel = dlsym(nil, "GOMP_parallel"),
      let setThreads = dlsym(nil, "omp_set_num_threads"),
      let maximumThreads = dlsym(nil, "omp_get_max_threads"),
      let threadIndex = dlsym(nil, "omp_get_thread_num"),
      let teamSize = dlsym(nil, "omp_get_num_threads"),
      let setDynamic = dlsym(nil, "omp_set_dynamic"),
      let threadLimit = dlsym(nil, "omp_get_thread_limit")
    else { return .failure(.noRuntime("the OpenMP runtime lacks GOMP_parallel or omp_*")) }
    return .success(
      OpenMPRuntime(
        parallel: unsafeBitCast(
          parallel,
          to: (@Sendable @convention(c) (
            Body, UnsafeMutableRawPointer?, UInt32, UInt32
          ) -> Void).self),
        setThreads: unsafeBitCast(
          setThreads, to: (@Sendable @convention(c) (CInt) -> Void).self),
        maximumThreads: unsafeBitCast(
          maximumThreads, to: (@Sendable @convention(c) () -> CInt).self),
        threadIndex: unsafeBitCast(
          threadIndex, to: (@Sendable @convention(c) () -> CInt).self),
        teamSize: unsafeBitCast(
          teamSize, to: (@Sendable @convention(c) () -> CInt).self),
        setDynamic: unsafeBitCast(
          setDynamic, to: (@Sendable @convention(c) (CInt) -> Void).self),
        threadLimit: unsafeBitCast(
          threadLimit, to: (@Sendable @convention(c) () -> CInt).self)))
  }
}
