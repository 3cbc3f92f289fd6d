import ArgumentParser
import FoundationEssentials
import Profiling
import Session

/// Who starts the processes that measure.
enum Launch: Hashable {
  /// This program, on this machine.
  case local
  /// An existing Slurm, as an array job; with these options of `sbatch`.
  case slurm(options: [String])

  /// Reads `local` or `slurm[:OPTIONS]`.
  ///
  /// - Throws: `ValidationError` that says what is wrong with it.
  static func parse(_ argument: String) throws -> Launch {
    let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    switch parts.first {
    case "local" where parts.count == 1: return .local
    case "local": throw ValidationError("local takes no options")
    case "slurm":
      let options = try words(parts.count > 1 ? String(parts[1]) : "")
      if let fault = fault(options) { throw ValidationError(fault) }
      return .slurm(options: options)
    default:
      throw ValidationError("'\(argument)' is neither local nor slurm[:OPTIONS of sbatch]")
    }
  }

  /// Words as a shell parts them: by white space, with quotes and backslashes.
  private static func words(_ text: String) throws -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    var isEscaped = false
    for character in text {
      if isEscaped {
        word = (word ?? "") + String(character)
        isEscaped = false
      } else if character == "\\", quote != "'" {
        isEscaped = true
        word = word ?? ""
      } else if let open = quote {
        if character == open { quote = nil } else { word = (word ?? "") + String(character) }
      } else if character == "'" || character == "\"" {
        quote = character
        word = word ?? ""
      } else if character.isWhitespace {
        if let whole = word { words.append(whole) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    guard quote == nil, !isEscaped else {
      throw ValidationError("a quote or a backslash in '\(text)' has no end")
    }
    if let whole = word { words.append(whole) }
    return words
  }

  /// Options that ntprof sets itself, or that would have `sbatch` do something else.
  private static let reserved = [
    "array", "wait", "parsable", "wrap", "output", "error", "job-name", "chdir", "input",
    "open-mode", "test-only", "help", "usage", "version", "clusters", "quiet",
  ]
  private static let reservedLetters: Set<Character> = [
    "a", "W", "o", "e", "J", "D", "i", "h", "V", "M", "Q",
  ]

  /// Why options cannot be passed on; nil when all is well.
  private static func fault(_ options: [String]) -> String? {
    if let first = options.first, !first.hasPrefix("-") || first == "-" || first == "--" {
      return "'\(first)' is no option of sbatch: write slurm:--time=10 or slurm:'-A project'"
    }
    for option in options where option.hasPrefix("-") {
      let name = SbatchOptions.name(of: option)
      let isReserved =
        option.hasPrefix("--")
        ? !name.isEmpty && reserved.contains { $0.hasPrefix(name) }
        : name.first.map(reservedLetters.contains) ?? false
      if isReserved { return "\(option): ntprof sets that option of sbatch itself" }
    }
    return nil
  }
}

/// Options that say where processes run.
struct LaunchOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where processes run: local, or slurm[:OPTIONS], an array job with these options of sbatch.",
      discussion: """
        Parts are gathered as they come; Ctrl-C leaves the jobs running. Nodes, folders and what is kept: \
        docs/cluster.md.
        """, valueName: "how"),
    completion: .list(["local", "slurm", "slurm:"]), transform: Launch.parse)
  var launch: Launch?

  @Option(
    help: ArgumentHelp(
      "Tasks of the array job (default: about a minute of measuring each).", valueName: "n"))
  var tasks: Int?

  /// Options of `sbatch`; nil where this machine measures.
  var slurm: [String]? {
    if case .slurm(let options)? = launch { return options }
    return nil
  }

  /// What a new run needs besides.
  ///
  /// - Throws: `ValidationError` of options that do not go together.
  func check(machines: Bool, saves: Bool) throws {
    guard let slurm else {
      if machines {
        throw ValidationError("--machines are partitions of a cluster: they need --launch slurm")
      }
      if tasks != nil { throw ValidationError("--tasks needs --launch slurm") }
      return
    }
    if machines, SbatchOptions.holds(slurm, ["partition", "p"]) {
      throw ValidationError("--machines names the partitions: leave --partition out")
    }
    guard saves else {
      throw ValidationError("--launch slurm gathers what nodes save: leave --no-save out")
    }
  }

  /// A saved sweep with other options of `sbatch`, where some are given.
  func applied(to saved: Sweep) throws(Failure) -> Sweep {
    var sweep = saved
    guard launch != nil || tasks != nil else { return sweep }
    guard sweep.plan.launch != nil, launch != .local else {
      let began = sweep.plan.launch == nil ? "on one machine" : "on a cluster"
      throw Failure(
        .usage, "--launch: the sweep began \(began), and goes on there",
        remedy: "leave --launch out, or begin a new sweep")
    }
    if let slurm {
      if sweep.plan.axes.contains(where: { $0.kind == .machine }),
        SbatchOptions.holds(slurm, ["partition", "p"])
      {
        throw Failure(.usage, "--launch: the sweep's machines name the partitions")
      }
      sweep.plan.launch?.options = slurm
    }
    if let tasks { sweep.plan.launch?.tasks = tasks }
    return sweep
  }

  /// A name that no other run has.
  static func newRun() -> String {
    var random = SystemRandomNumberGenerator()
    let text = "\(Date.now.timeIntervalSince1970) \(random.next())"
    return String(SHA256.hexDigest(of: Array(text.utf8)).prefix(16))
  }

  func validate() throws {
    if let tasks {
      guard (1...1_000_000).contains(tasks) else {
        throw ValidationError("--tasks \(tasks) is outside 1…1,000,000")
      }
      guard launch != .local else {
        throw ValidationError("--tasks are those of --launch slurm's array job")
      }
    }
  }
}
