import ArgumentParser
import Execution
import Machine
import Measuring
import Profiling
import Reports
import Session

/// `ntprof bricks`: take networks apart, measure what is distinct, and predict the networks from it.
struct BricksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bricks",
    abstract: "Predict networks from their distinct layers, each measured once.",
    discussion: """
      Layers that are alike in kind, attributes and shapes are one brick, wherever they stand and whatever \
      they are called; layers that the plan fuses are one together. Each brick is measured by itself and kept \
      in a store, so that Ctrl-C, the same command again, and other networks go on from what is known. \
      Each brick runs in several fresh processes, and so does each network with --measure, in turn. \
      --suite writes the bricks as topologies that tell nothing of the networks, and measures nothing. \
      With --launch slurm the nodes of a cluster measure, and keep what they measured in the same store.

      Examples:
        ntprof bricks resnet50 resnet101 --measure
        ntprof bricks mobilenet-v2 --granularity 3 --threads 1
        ntprof bricks vgg16 deepspeech --suite bricks
        ntprof bricks resnet152 vgg19 --threads 2 --launch 'slurm:--time=10 --partition=genoa'
      """)

  @Argument(
    help: ArgumentHelp(
      "Topologies or models, files or names of 'ntprof list'; FILE:NAME=VALUE,… sets params.",
      valueName: "file"), completion: Completions.topology)
  var files: [String]

  @Option(
    help: ArgumentHelp(
      "The most layers in a brick (those that are fused count as one): longer bricks are chains.",
      valueName: "n"))
  var granularity: Int = 1

  @Flag(help: "Measure the whole networks, too, and say how far off the predictions are.")
  var measure = false

  @Option(
    help: ArgumentHelp(
      "Write every brick as a topology, without names of networks, and measure nothing.",
      valueName: "folder"), completion: .directory)
  var suite: String?

  @Option(
    help: ArgumentHelp(
      "Where results are kept (default: ntprof/bricks in the cache folder).", valueName: "folder"),
    completion: .directory)
  var store: String?

  @Flag(help: "Measure bricks again that the store knows.") var again = false

  @Option(help: "Replace the batch size of every input.") var batch: Int?
  @Option(help: "OpenMP threads (default: physical cores).") var threads: Int?
  @Option(help: "Bind threads to CPUs, physical cores first: auto, on or off.")
  var pin: PinningDecision.Mode = .auto
  @Option(help: PrecisionChoice.help, completion: Choices.precision) var precision: String = "f32"

  @Option(
    help: ArgumentHelp(
      "What a brick finds in the caches: auto, warm (its own data, as far as it fits) or cold (none of it).",
      discussion: """
        auto is warm, but for the weights of bricks of networks whose weights exceed the last cache: these are \
        in no cache.
        """, valueName: "state"), completion: .list(["auto", "warm", "cold"]))
  var cache: String = "auto"

  @Option(help: "Fresh processes that measure each brick, and each network: their median counts.")
  var processes: Int = 3
  @Option(help: ArgumentHelp("Seconds of measuring a process.", valueName: "seconds"))
  var time: Double = 0.5
  @Option(help: "Measured passes of a process, exactly.") var iterations: Int?
  @Option(help: "Warm-up passes of a process.") var warmup: Int?
  @OptionGroup var planning: PlanningOptions
  @OptionGroup var launching: LaunchOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...1000).contains(granularity) else {
      throw ValidationError("--granularity \(granularity) is outside 1…1000")
    }
    if let batch, batch < 1 { throw ValidationError("--batch \(batch) is not positive") }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads) is outside 1…1024")
    }
    guard time > 0, time.isFinite else { throw ValidationError("--time must be positive") }
    guard iterations.map((1...1_000_000).contains) ?? true else {
      throw ValidationError("--iterations is outside 1…1,000,000")
    }
    guard warmup.map((0...1_000_000).contains) ?? true else {
      throw ValidationError("--warmup is outside 0…1,000,000")
    }
    guard ["auto", "warm", "cold"].contains(cache) else {
      throw ValidationError("--cache '\(cache)' is neither auto, warm nor cold")
    }
    guard (1...1000).contains(processes) else {
      throw ValidationError("--processes \(processes) is outside 1…1000")
    }
    try PrecisionChoice.validate(precision)
    if suite != nil, measure || again {
      throw ValidationError("--suite measures nothing: leave --measure and --again out")
    }
    try launching.check(machines: false, saves: !output.noSave)
    if launching.slurm != nil {
      guard threads != nil else {
        throw ValidationError(
          "--launch slurm: say --threads, the cores of a node are not those of this machine")
      }
      guard suite == nil else { throw ValidationError("--suite measures nothing, nowhere") }
    }
    if let name = output.format.first(where: { !ReportFormats.isOverview($0) }) {
      throw ValidationError(
        "--format \(name) shows no bricks; it is one of \(ReportFormats.overviewNames)")
    }
  }

  func run() throws {
    let settings = self.settings
    let networks = try load()
    try planning.settings.capISA()
    _ = try PrecisionChoice.runnable(precision)
    Interrupt.install()
    let plan = try BrickPlan(networks, granularity: granularity, settings)
    if let suite {
      let paths = try plan.writeSuite(suite)
      if !output.quiet {
        Console.note("\(Self.words(paths.count)) for any command that takes topologies")
      }
      return try Console.write(paths.map { $0 + "\n" }.joined())
    }
    let document = plan.document(settings)
    let delivery = try Delivery(output)
    defer { delivery.withdraw() }
    if let options = launching.slurm {
      _ = try Slurm()
      var run = ClusterBricks(
        plan, settings, store: self.store, document: document, launch: options,
        tasks: launching.tasks, in: output.output, again: again, networks: measure,
        observer: output.observer)
      run.run()
      return try finish(run.document, run.failure, remains: run.remains, delivery)
    }
    let store = try BrickStore(self.store)
    var run = BrickRun(plan, settings, store: store, document: document, observer: output.observer)
    run.run(again: again, networks: measure)
    try finish(run.document, run.failure, delivery)
  }

  private static func words(_ count: Int) -> String { "\(count) brick\(count == 1 ? "" : "s")" }

  private var settings: BrickSettings {
    var planning = planning.settings
    // Searched implementations of a network suit neighbours that a brick has not.
    planning.askedTuning = planning.askedTuning ?? "fast"
    return BrickSettings(
      threads: threads ?? Host.read().defaultThreads, pin: pin, precision: precision, cache: cache,
      planning: planning, seconds: time, iterations: iterations, warmup: warmup,
      processes: processes)
  }

  /// Reads all files, so that what is wrong with each is said at once.
  private func load() throws(Failure) -> [LoadedTopology] {
    var problems = Problems()
    var networks: [LoadedTopology] = []
    for file in files {
      problems.attempt { () throws(Failure) in
        let input = try DiffInput(file)
        let network = try LoadedTopology(
          NetworkSettings(
            input.path, batch: batch, assignments: input.assignments, weights: "random"))
        _ = try network.program()
        networks.append(network)
      }
    }
    try problems.settle()
    return networks
  }

  private func finish(
    _ document: Bricks, _ failure: Failure?, remains: String? = nil, _ delivery: Delivery
  ) throws(Failure) {
    var problems = Problems()
    let networks = document.networks
    problems.attempt { () throws(Failure) in
      try delivery.deliver(
        document, kind: "bricks",
        name: networks.count == 1 ? "\(networks[0].topology.name)-bricks" : "bricks",
        created: document.created)
    }
    if let failure { problems.add(failure) }
    try problems.settle()
    if document.interrupted {
      throw Failure(
        .interrupted,
        "interrupted; what was measured until then is reported and stored"
          + (remains.map { "; \($0)" } ?? ""), remedy: "the same command goes on")
    }
    let failed = document.bricks.filter {
      $0.state == .failed || $0.state == .pending && $0.reason != nil
    }
    if let first = failed.first, failed.count == document.bricks.count {
      throw Failure(.software, "no brick could be measured: \(first.reason ?? "")")
    }
  }
}
