import ArgumentParser
import Execution
import Files
import FoundationEssentials
import Importers
import Measuring
import Model
import Profiling
import Session
import Topology
import TopologyXML

/// `ntprof import`: models and problem lists as topologies, logs and profiles as records.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Turn models into topologies, and other programs' logs and profiles into records.",
    discussion: """
      ONNX models, OpenVINO's IR and problem lists of oneDNN's benchdnn become topology XML. Verbose \
      logs of oneDNN (ONEDNN_VERBOSE=1; also of DNNL and MKL-DNN), counters of OpenVINO's \
      benchmark_app (CSV, JSON or printed) and profiles of ONNX Runtime become records, which \
      'report' and 'diff' read. What a file is, its content says.

      Examples:
        ntprof import model.onnx --batch 1 --weights keep -o model.xml
        ntprof import verbose.log --model resnet50 -o theirs.json
        ntprof diff theirs.json ours.json
        ntprof import shapes_resnet_50 --batch 1 -o shapes.xml
      """)

  @Argument(help: "The file.", completion: .file())
  var file: String

  @Option(
    help: ArgumentHelp(
      "Put times into the rows of this topology's layers (logs and profiles).",
      valueName: "topology"),
    completion: Completions.topology)
  var model: String?
  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Override a <param> of --model; repeatable.", valueName: "name=value"),
    transform: Assignment.parse)
  var assignments: [Assignment] = []
  @Option(help: "Replace the batch size of every input (models, lists, --model).")
  var batch: Int?
  @Option(
    help: ArgumentHelp(
      "keep writes a model's weights beside the topology, as FILE.safetensors; drop does not.",
      valueName: "keep|drop"))
  var weights: String = "drop"
  @OptionGroup var modelOptions: ModelOptions

  @Option(help: "How many passes a verbose log ends with (default: what repeats is found out).")
  var iterations: Int?
  @Option(help: "Threads that ran, where the file does not say.") var threads: Int?
  @Option(help: "The network's name (default: the model's, or the file's).") var name: String?

  @Option(
    name: [.customShort("o"), .customLong("file")],
    help: ArgumentHelp(
      "The file to write (default: NAME.xml or NAME.json in --output).", valueName: "file"),
    completion: .file(extensions: ["xml", "json"]))
  var target: String?
  @Option(help: "Folder for the file when none is named.", completion: .directory)
  var output: String = "reports"
  @Flag(help: "Do not print the path.") var quiet = false

  func validate() throws {
    if let batch, batch < 1 { throw ValidationError("--batch \(batch) is not positive") }
    if let threads, !(1...4096).contains(threads) {
      throw ValidationError("--threads \(threads) is outside 1…4096")
    }
    if let iterations, iterations < 1 {
      throw ValidationError("--iterations \(iterations) is not positive")
    }
    guard ["keep", "drop"].contains(weights) else {
      throw ValidationError("--weights '\(weights)' is neither keep nor drop")
    }
  }

  func run() throws {
    switch try FileContent(of: file) {
    case .onnx, .openVINO: return try importModel()
    case .foreign, .xml: break
    }
    let bytes = try SavedRecord.bytes(file)
    guard let text = String(validating: bytes, as: UTF8.self) else { throw unknown(nil) }
    if !VerboseImport.recognises(text), ProblemList.recognises(text) {
      return try importList(text)
    }
    try importProfile(text, bytes)
  }

  // MARK: Topologies

  private func importModel() throws(Failure) {
    try refuse("a model", [("--iterations", iterations != nil), ("--threads", threads != nil)])
    try refuse("a model", [("--model", model != nil), ("--set", !assignments.isEmpty)])
    let loaded = try LoadedTopology(
      NetworkSettings(file, batch: batch, assignments: [], model: modelOptions.arguments))
    let graph = loaded.graph
    let title = name ?? graph.name
    let origin = "Imported from \(file) (\(loaded.format.rawValue))."
    // What was a topology has the markers that it was given.
    let marks = loaded.imported?.isTopology != true
    var writer = TopologyWriter(comment: [origin], marksRepeats: marks)
    writer.name = title
    let text = try written(graph, writer)
    guard weights == "keep" else {
      return try write(Array(text.utf8), as: "\(FileName.safe(title)).xml")
    }
    guard let source = loaded.ownWeights, !source.keys.isEmpty else {
      throw Failure(.data, "\(file): has no weights to keep", remedy: "leave --weights out")
    }
    let tensors = source.keys.sorted().compactMap { key in
      source.tensor(key).map { (name: key, tensor: $0) }
    }
    let kept = SafetensorsWriter(tensors, metadata: ["format": "pt"])
    try write(Array(text.utf8), as: "\(FileName.safe(title)).xml", beside: kept)
  }

  private func importList(_ text: String) throws(Failure) {
    try refuse(
      "a problem list",
      [
        ("--model", model != nil), ("--set", !assignments.isEmpty),
        ("--iterations", iterations != nil), ("--threads", threads != nil),
        ("--weights keep", weights == "keep"),
      ])
    let graph: Graph
    do throws(ImportError) {
      graph = try ProblemList.graph(text, file: file, name: name ?? title, batch: batch)
    } catch {
      throw Failure(error)
    }
    let xml = try written(graph, TopologyWriter(comment: ["Problems of benchdnn: \(file)"]))
    try write(Array(xml.utf8), as: "\(FileName.safe(graph.name)).xml")
  }

  private func written(_ graph: Graph, _ writer: TopologyWriter) throws(Failure) -> String {
    do throws(GraphError) { return try writer.write(graph) } catch {
      throw Failure(error, in: file)
    }
  }

  /// Refuses options that mean nothing to what the file is.
  private func refuse(_ what: String, _ options: [(String, Bool)]) throws(Failure) {
    for (option, isGiven) in options where isGiven {
      throw Failure(.usage, "\(option) means nothing to \(file), which is \(what)")
    }
  }

  // MARK: Records

  private func importProfile(_ text: String, _ bytes: [UInt8]) throws(Failure) {
    var profile = try profile(text)
    try refuse(
      "no model",
      [("--weights keep", weights == "keep"), ("--shape", !modelOptions.shapes.isEmpty)])
    let loaded = try model.map { (model) throws(Failure) in
      try LoadedTopology(NetworkSettings(model, batch: batch, assignments: assignments))
    }
    if let loaded {
      profile = profile.matched(
        to: RecordAssembler(
          graph: loaded.graph, selection: [Bool](repeating: true, count: loaded.graph.layers.count)
        ).layers())
    }
    profile.threads = profile.threads ?? threads
    let title = name ?? loaded?.graph.name ?? self.title
    let record = profile.record(
      topology: TopologyInfo(
        name: title, source: file, sha256: SHA256.hexDigest(of: bytes), parameters: [:]),
      created: Date.now.formatted(.iso8601), tool: .ntprof,
      command: CommandWords.current)
    try write(RecordCoding.encode(record), as: "\(FileName.safe(title)).json")
  }

  private func profile(_ text: String) throws(Failure) -> ImportedProfile {
    do throws(ImportError) {
      if VerboseImport.recognises(text) {
        return try VerboseImport.profile(text, file: file, passes: iterations)
      }
      if iterations != nil {
        throw ImportError(.usage, file: file, "--iterations is for verbose logs")
      }
      if BenchmarkApp.recognises(text) { return try BenchmarkApp.profile(text, file: file) }
      if ONNXRuntimeTrace.recognises(text) {
        return try ONNXRuntimeTrace.profile(text, file: file)
      }
    } catch {
      throw Failure(error)
    }
    throw unknown(text)
  }

  private func unknown(_ text: String?) -> Failure {
    if let text, text.contains("<topology") {
      return Failure(.data, "\(file): is a topology already", remedy: "ntprof check \(file)")
    }
    return Failure(
      .data, "\(file): is no file that can be imported",
      remedy: "ONNX models, OpenVINO's IR, lists of benchdnn, verbose logs of oneDNN, counters of "
        + "benchmark_app and profiles of ONNX Runtime can")
  }

  // MARK: Files

  private func write(
    _ bytes: [UInt8], as name: String, beside kept: SafetensorsWriter? = nil
  ) throws(Failure) {
    let place = try target == nil ? OutputFolder(creating: output) : nil
    let path = target ?? place?.join(name) ?? name
    let base = path.hasSuffix(".xml") ? String(path.dropLast(4)) : path
    do throws(Failure) {
      if let kept {
        try NewFile.write(base + ".safetensors") { (file) throws(Failure) in
          try kept.write { (part) throws(Failure) in try file.write(part) }
        }
      }
      do throws(Failure) { try NewFile.write(path, bytes) } catch {
        if kept != nil { FilePlace(base + ".safetensors").removeFile() }
        throw error
      }
    } catch {
      place?.removeIfEmpty()
      throw error
    }
    guard !quiet else { return }
    Console.note("saved: \(path)")
    if kept != nil { Console.note("weights: \(base).safetensors") }
  }

  /// The file's name without its folder and extension.
  private var title: String {
    let name = file.split(separator: "/").last.map(String.init) ?? file
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }
}
