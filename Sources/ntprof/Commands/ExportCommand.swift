import ArgumentParser
import Execution
import Exporters
import Machine
import Measuring
import Profiling
import Session
import Topology

/// `ntprof export`: a topology with its seeded weights as an ONNX model or a PyTorch module.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a topology with its seeded weights as an ONNX model or a PyTorch module.",
    discussion: """
      The model holds the constants that 'ntprof profile --seed' runs with, so that another engine \
      computes the same function. With --format pytorch it is the source of a module, and beside it \
      the constants as NAME.safetensors. With --test-data ntprof runs the network once and writes its \
      inputs and outputs as ONNX's test data, input_0.pb and output_0.pb.

      Examples:
        ntprof export squeezenet-1.1
        ntprof export bert-base --format pytorch -o bert.py
        ntprof export deepspeech --set hidden=128 -o model.onnx --test-data data
      """)

  @Argument(
    help: "A topology: an XML file, or a name of 'ntprof list'.", completion: Completions.topology)
  var topology: String
  @OptionGroup var topologyOptions: TopologyOptions

  /// What can be written.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case onnx
    case pytorch

    /// What a file's name ends with.
    var suffix: String { self == .onnx ? ".onnx" : ".py" }
  }

  @Option(help: "What to write: onnx, or pytorch (source and safetensors).")
  var format: Format = .onnx

  @Option(
    name: [.customShort("o"), .customLong("file")],
    help: ArgumentHelp(
      "The file to write (default: NAME.onnx or NAME.py in --output).", valueName: "file"),
    completion: .file(extensions: ["onnx", "py"]))
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
    let loaded = try LoadedTopology(topologyOptions.settings(topology))
    let chosen = try loaded.chosenWeights()
    let weights: any WeightProvider = chosen.provider ?? SeededWeights(seed: seed)
    let origin =
      chosen.info.source.map { "weights of \($0)" } ?? "random weights of seed \(seed)"
    let model = try Model(
      of: loaded, weights, as: format, comment: "\(loaded.graph.name), \(origin)")
    Interrupt.install()
    // The run and the folders first: what fails leaves no model behind.
    let data =
      try testData.map { (_) throws(Failure) in
        try self.data(of: loaded, weights)
      } ?? []
    let place = try file == nil ? OutputFolder(creating: output) : nil
    let path = file ?? place?.join("\(FileName.safe(loaded.graph.name))\(format.suffix)") ?? ""
    do throws(Failure) { try deliver(model, data, to: path) } catch {
      place?.removeIfEmpty()
      throw error
    }
  }

  private func deliver(
    _ model: Model, _ data: [(name: String, bytes: [UInt8])], to path: String
  ) throws(Failure) {
    guard let testData else { return try write(model, to: path) }
    let folder = try OutputFolder(creating: testData)
    do throws(Failure) {
      try write(model, to: path)
      for (name, bytes) in data { note("data", try folder.write(bytes, as: name)) }
    } catch {
      folder.removeIfEmpty()
      throw error
    }
  }

  /// What is written: a model, or a module and its weights.
  private enum Model {
    case onnx(ONNXExport)
    case pytorch(PyTorchExport)

    init(
      of loaded: LoadedTopology, _ weights: any WeightProvider, as format: Format, comment: String
    ) throws(Failure) {
      switch format {
      case .onnx: self = .onnx(try loaded.onnxExport(weights: weights, comment: comment))
      case .pytorch: self = .pytorch(try loaded.pyTorchExport(weights: weights))
      }
    }
  }

  private func write(_ model: Model, to path: String) throws(Failure) {
    switch model {
    case .onnx(let export):
      try write(path, as: "onnx") { (sink) throws(Failure) in try export.write(to: sink) }
    case .pytorch(let export):
      let stem = path.hasSuffix(".py") ? String(path.dropLast(3)) : path
      // The weights first: what fails leaves no module without them.
      try write(stem + ".safetensors", as: "weights") { (sink) throws(Failure) in
        try export.writeWeights(to: sink)
      }
      try NewFile.write(path, Array(export.source.utf8))
      note("pytorch", path)
    }
  }

  private func write(
    _ path: String, as what: String,
    _ body: (_ sink: (RawSpan) throws(Failure) -> Void) throws(Failure) -> Void
  ) throws(Failure) {
    try NewFile.write(path) { (file) throws(Failure) in
      try body { (bytes) throws(Failure) in
        try file.write(bytes)
        if Interrupt.isRequested { throw Failure(.interrupted, "interrupted; nothing is written") }
      }
    }
    note(what, path)
  }

  private func note(_ what: String, _ path: String) {
    if !quiet { Console.note("\(what): \(path)") }
  }

  private var settings: MeasurementSettings {
    var made = MeasurementSettings()
    made.askedPrecision = "f32"
    made.threads = threads
    made.planning.seed = seed
    made.planning.noFusion = noFusion
    made.planning.askedTuning = tuning
    return made
  }

  /// The inputs and outputs of one pass, by the names of their files.
  private func data(
    of loaded: LoadedTopology, _ weights: any WeightProvider
  ) throws(Failure) -> [(name: String, bytes: [UInt8])] {
    let program = try loaded.program()
    let outputs = try OnePass(loaded, settings, weights: weights).prepared()()
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
          name: loaded.graph.name(of: output), type: type, outputs[index])
        files.append(("output_\(index).pb", bytes))
      }
    } catch {
      throw Failure(error, in: topology)
    }
    return files
  }
}
