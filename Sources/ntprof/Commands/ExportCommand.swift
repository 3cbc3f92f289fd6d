import ArgumentParser
import Execution
import Exporters
import Machine
import Profiling
import Topology

/// `ntprof export`: a topology with its seeded weights as an ONNX model.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a topology with its seeded weights as an ONNX model.",
    discussion: """
      The model holds the constants that 'ntprof profile --seed' runs with, so that another engine \
      computes the same function. With --test-data ntprof runs the network once and writes its \
      inputs and outputs as ONNX's test data, input_0.pb and output_0.pb.

      Examples:
        ntprof export squeezenet-1.1
        ntprof export deepspeech --set hidden=128 -o model.onnx --test-data data
      """)

  @Argument(
    help: "A topology: an XML file, or a name of 'ntprof list'.", completion: Completions.topology)
  var topology: String
  @OptionGroup var topologyOptions: TopologyOptions

  @Option(
    name: [.customShort("o"), .customLong("file")],
    help: ArgumentHelp("The file to write (default: NAME.onnx in --output).", valueName: "file"),
    completion: .file(extensions: ["onnx"]))
  var file: String?

  @Option(help: "Folder for the model when no file is named.", completion: .directory)
  var output: String = "reports"
  @Option(help: "Seed of weights and inputs.") var seed: UInt64 = 1

  @Option(
    name: .customLong("test-data"),
    help: ArgumentHelp(
      "Also run the network, and write its inputs and outputs there.", valueName: "folder"),
    completion: .directory)
  var testData: String?

  @Option(help: "OpenMP threads of that run (default: physical cores).") var threads: Int?
  @Option(
    help: "How its implementations are chosen: auto, fast or search.", completion: Choices.tuning)
  var tuning: String = "fast"
  @Flag(name: .customLong("no-fusion"), help: "Run every primitive of it by itself.")
  var noFusion = false
  @Flag(help: "Do not print the paths.") var quiet = false

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads) is outside 1…1024")
    }
    guard PlanOptions.Tuning(rawValue: tuning) != nil else {
      throw ValidationError("--tuning '\(tuning)' is none of \(Choices.tunings)")
    }
  }

  func run() throws {
    let loaded = try LoadedTopology(
      topology, batch: topologyOptions.batch, assignments: topologyOptions.assignments,
      weights: topologyOptions.weights, model: topologyOptions.model)
    let chosen = try loaded.chosenWeights()
    let weights: any WeightProvider = chosen.provider ?? SeededWeights(seed: seed)
    let export: ONNXExport
    do throws(GraphError) {
      export = try ONNXExport(
        loaded.graph, weights: weights, producer: ("ntprof", NTProf.version),
        comment: "\(topology), "
          + (chosen.info.source.map { "weights of \($0)" } ?? "random weights of seed \(seed)"))
    } catch {
      throw Failure(error, in: topology)
    }
    Interrupt.install()
    // The run and the folders first: what fails leaves no model behind.
    let data =
      try testData.map { (_) throws(Failure) in
        try self.data(of: loaded, weights)
      } ?? []
    let place = try file == nil ? OutputFolder(creating: output) : nil
    let path = file ?? place?.join("\(FileName.safe(loaded.graph.name)).onnx") ?? ""
    do throws(Failure) { try deliver(export, data, to: path) } catch {
      place?.removeIfEmpty()
      throw error
    }
  }

  private func deliver(
    _ export: ONNXExport, _ data: [(name: String, bytes: [UInt8])], to path: String
  ) throws(Failure) {
    guard let testData else { return try write(export, to: path) }
    let folder = try OutputFolder(creating: testData)
    do throws(Failure) { try write(export, to: path) } catch {
      folder.removeIfEmpty()
      throw error
    }
    for (name, bytes) in data { note("data", try folder.write(bytes, as: name)) }
  }

  private func write(_ export: ONNXExport, to path: String) throws(Failure) {
    try NewFile.write(path) { (file) throws(Failure) in
      try export.write { (bytes) throws(Failure) in
        try file.write(bytes)
        if Interrupt.isRequested { throw Failure(.interrupted, "interrupted; nothing is written") }
      }
    }
    note("onnx", path)
  }

  private func note(_ what: String, _ path: String) {
    if !quiet { Console.note("\(what): \(path)") }
  }

  /// The inputs and outputs of one pass, by the names of their files.
  private func data(
    of loaded: LoadedTopology, _ weights: any WeightProvider
  ) throws(Failure) -> [(name: String, bytes: [UInt8])] {
    let host = Host.read()
    let program = try loaded.program(fitting: host.memoryAvailableBytes)
    let plan: Plan
    do throws(ExecutionError) {
      plan = try Plan(
        program,
        options: PlanOptions(
          threads: threads ?? host.defaultThreads, fusion: !noFusion, seed: seed,
          tuning: .init(rawValue: tuning) ?? .fast), weights: weights)
      try plan.run()
    } catch {
      throw loaded.failure(error)
    }
    let seeded = SeededWeights(seed: seed)
    var files: [(String, [UInt8])] = []
    do throws(GraphError) {
      for (index, input) in loaded.graph.inputs.enumerated() {
        let bytes = try TensorFile.encode(
          name: input.name, type: input.type, seeded.input(index, of: program))
        files.append(("input_\(index).pb", bytes))
      }
      for (index, output) in loaded.graph.outputs.enumerated() {
        guard let type = loaded.graph.type(of: output) else { continue }
        let bytes = try TensorFile.encode(
          name: loaded.graph.name(of: output), type: type, plan.readOutput(index))
        files.append(("output_\(index).pb", bytes))
      }
    } catch {
      throw Failure(error, in: topology)
    }
    return files
  }
}
