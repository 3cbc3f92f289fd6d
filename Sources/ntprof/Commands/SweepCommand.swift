import ArgumentParser
import Execution
import Machine
import Measuring
import Profiling
import Reports
import Session

/// `ntprof sweep`: measure a topology over values of params, batch, threads and precision.
struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Measure a topology over values of params, batch, threads and precision.",
    usage: """
      ntprof sweep <topology> --set <name=values> … [<options>]
      ntprof sweep --resume <file>
      """,
    discussion: """
      Every point is measured in --rounds fresh processes, in turn, so that drift of the machine \
      favours none. The record (NAME-sweep-….json) is whole after every process: Ctrl-C, and \
      --resume FILE goes on. With --launch slurm the nodes of a cluster measure, and what they \
      wrote is gathered.

      Examples:
        ntprof sweep deepspeech --set hidden=256,512 --rounds 4
        ntprof sweep squeezenet-1.1 --batch 1,2 --threads 1 --objective throughput
        ntprof sweep resnet50 --batch 1,8,64 --launch 'slurm:--time=10 --account=x' --machines genoa,icelake
      """)

  @Argument(
    help: "A topology: an XML file, or a name of 'ntprof list'.", completion: Completions.topology)
  var topology: String?
  @OptionGroup var axisOptions: AxisOptions

  @Option(
    help: ArgumentHelp(
      "Processes a point (default: 5); 4 are the fewest that can tell points apart.",
      valueName: "n"))
  var rounds: Int = 5

  @Option(help: "Measured passes of a process, exactly.")
  var iterations: Int?

  @Option(
    help: ArgumentHelp(
      "Seconds for the whole sweep, shared by its points; each is measured once at least.",
      valueName: "seconds"))
  var time: Double?

  @Option(help: "Warm-up passes of a process.")
  var warmup: Int?

  @Option(
    help: "State of the caches before each layer: warm or cold.", completion: Choices.cache)
  var cache: String = "warm"

  @Option(help: "Bind threads to CPUs, physical cores first: auto, on or off.")
  var pin: PinningDecision.Mode = .auto

  @OptionGroup var planning: PlanningOptions

  @Option(
    help: ArgumentHelp(
      "A safetensors file, random, or model (default: the model's own where it has them).",
      discussion: "A point that it does not fit fails.", valueName: "weights"),
    completion: .file(extensions: ["safetensors"]))
  var weights: String?
  @OptionGroup var modelOptions: ModelOptions

  @Option(
    help: ArgumentHelp("Go on with a sweep that was interrupted.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var resume: String?

  @OptionGroup var launching: LaunchOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if resume != nil {
      guard topology == nil, axisOptions.axes.isEmpty else {
        throw ValidationError("--resume goes on with the plan in its file: name nothing else")
      }
    } else {
      guard topology != nil else { throw ValidationError("name a topology, or --resume a sweep") }
      guard !axisOptions.axes.isEmpty else {
        throw ValidationError(
          "nothing varies: give --set NAME=V1,V2, --batch, --threads or --precision")
      }
      try launching.check(machines: axisOptions.machines != nil, saves: !output.noSave)
    }
    guard (1...1000).contains(rounds) else {
      throw ValidationError("--rounds \(rounds) is outside 1…1000")
    }
    guard time.map({ $0 > 0 && $0.isFinite }) ?? true else {
      throw ValidationError("--time must be positive")
    }
    guard iterations.map((1...1_000_000).contains) ?? true else {
      throw ValidationError("--iterations is outside 1…1,000,000")
    }
    if let name = output.format.first(where: { !ReportFormats.isOverview($0) }) {
      throw ValidationError(
        "--format \(name) shows no sweep; it is one of \(ReportFormats.overviewNames)")
    }
  }

  func run() throws {
    let delivery = try Delivery(output)
    defer { delivery.withdraw() }
    var sweep: Sweep
    let file: SweepFile
    if let resume {
      sweep = try launching.applied(to: SweepStart.resume(resume))
      file = try SweepFile(resuming: resume)
    } else {
      if launching.slurm != nil { _ = try Slurm() }
      let size = SweepSize(plan)
      try size.confirm(isAgreed: axisOptions.yes)
      sweep = try SweepStart.sweep(topology ?? "", plan)
      try SweepForecast().fill(&sweep)
      if !output.quiet { Console.note(size.sentence(of: sweep)) }
      file = try SweepFile(
        new: delivery.stamped("\(sweep.topology.name)-sweep", created: sweep.created),
        in: output.noSave ? nil : delivery.folder, sweep)
    }
    Interrupt.install()
    if sweep.plan.launch != nil {
      var run = try ClusterSweep(sweep, file: file, observer: output.observer)
      run.run()
      return try finish(run, delivery)
    }
    var run = try SweepRun(sweep, file: file, observer: output.observer)
    run.run()
    try finish(run, delivery)
  }

  private func finish(_ run: some MeasuredSweep, _ delivery: Delivery) throws(Failure) {
    let name = delivery.stamped("\(run.sweep.topology.name)-sweep", created: run.sweep.created)
    var problems = Problems()
    problems.attempt { () throws(Failure) in
      try delivery.deliver(from: run.file.path ?? name) { format, place in
        format.render(run.sweep, options: place)
      }
    }
    if !output.quiet, let path = run.file.path { Console.note("sweep: \(path)") }
    let again = run.file.path.map {
      "go on with: \(ShellWord.command(["ntprof", "sweep", "--resume", $0]))"
    }
    if let failure = run.failure {
      problems.add(Failure(failure.exit, failure.message, remedy: failure.remedy ?? again))
    }
    if let failure = run.file.failure { problems.add(failure) }
    try problems.settle()
    if Interrupt.isRequested {
      throw Failure(
        .interrupted,
        "interrupted; what was measured until then is reported"
          + (run.remains.map { "; \($0)" } ?? ""), remedy: again)
    }
    let short = run.sweep.points.filter { $0.state == .pending && $0.reason != nil }
    if let first = short.first, let reason = first.reason, !output.quiet {
      Console.note(
        "! \(short.count == 1 ? "a point lacks" : "\(short.count) points lack") processes: \(reason)"
          + (again.map { " → \($0)" } ?? ""))
    }
    if run.sweep.points.allSatisfy({ $0.latency == nil && $0.state != .excluded }) {
      let reason = run.sweep.points.compactMap(\.reason).first ?? ""
      throw Failure(.software, "no point could be measured: \(reason)")
    }
  }

  private var plan: SweepPlan {
    var how = MeasurementSettings()
    how.counters = "none"
    how.cache = cache
    how.pin = pin
    how.warmup = warmup
    how.planning = planning.settings
    how.planning.askedTuning = how.planning.tuning()
    let words = OptionWords.words(
      of: RunSettings(
        NetworkSettings("", weights: weights, model: modelOptions.arguments), how))
    var plan = SweepPlan(
      axes: axisOptions.axes, mode: axisOptions.oneAtATime ? .oneAtATime : .grid, rounds: rounds,
      arguments: words, iterations: iterations, budgetSeconds: time,
      objective: axisOptions.objective, constraints: axisOptions.constraints)
    plan.launch = launching.slurm.map {
      SweepLaunch(kind: .slurm, run: LaunchOptions.newRun(), options: $0, tasks: launching.tasks)
    }
    return plan
  }
}
