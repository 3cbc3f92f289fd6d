import ArgumentParser
import Execution
import FoundationEssentials
import Importers
import Profiling
import Topology

/// `ntprof import`: files of other programs as records and topologies.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract:
      "Turn other programs' logs and profiles into records, and problem lists into topologies.",
    discussion: """
      A verbose log of oneDNN (ONEDNN_VERBOSE=1; also of DNNL and MKL-DNN), counters of OpenVINO's \
      benchmark_app (CSV, JSON or printed) and a profile of ONNX Runtime become records, which \
      'report' and 'diff' read. A problem list of oneDNN's benchdnn becomes a topology of layers that \
      have nothing to do with each other. What a file is, its content says.

      Examples:
        ntprof import verbose.log -o theirs.json
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
  @OptionGroup var topologyOptions: TopologyOptions

  @Option(help: "How many passes a verbose log ends with (default: what repeats is found out).")
  var iterations: Int?
  @Option(help: "Threads that ran, where the file does not say.") var threads: Int?
  @Option(help: "The network's name (default: the file's).") var name: String?

  @Option(
    name: [.customShort("o"), .customLong("file")],
    help: ArgumentHelp(
      "The file to write (default: NAME.json or NAME.xml in --output).", valueName: "file"),
    completion: .file(extensions: ["json", "xml"]))
  var target: String?
  @Option(help: "Folder for the file when none is named.", completion: .directory)
  var output: String = "reports"
  @Flag(help: "Do not print the path.") var quiet = false

  func validate() throws {
    if let threads, !(1...4096).contains(threads) {
      throw ValidationError("--threads \(threads) is outside 1…4096")
    }
    if let iterations, iterations < 1 {
      throw ValidationError("--iterations \(iterations) is not positive")
    }
  }

  func run() throws {
    let bytes = try SavedRecord.bytes(file)
    guard let text = String(validating: bytes, as: UTF8.self) else { throw unknown() }
    var profile = try profile(text)
    let loaded = try model.map { (model) throws(Failure) in
      try LoadedTopology(
        model, batch: topologyOptions.batch, assignments: topologyOptions.assignments)
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
      created: Date.now.formatted(.iso8601), tool: Tool(name: "ntprof", version: NTProf.version),
      command: ["ntprof"] + CommandLine.arguments.dropFirst())
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
    throw unknown()
  }

  private func unknown() -> Failure {
    Failure(
      .data, "\(file): is no file that can be imported",
      remedy:
        "verbose logs of oneDNN, counters of benchmark_app, profiles of ONNX Runtime and problem "
        + "lists of benchdnn can")
  }

  private func write(_ bytes: [UInt8], as name: String) throws(Failure) {
    let path: String
    if let target {
      try NewFile.write(target) { (file) throws(Failure) in
        let result = bytes.withUnsafeBytes { buffer in
          Result { () throws(Failure) in try file.write(buffer) }
        }
        try result.get()
      }
      path = target
    } else {
      path = try OutputFolder(creating: output).write(bytes, as: name)
    }
    if !quiet { Console.note("saved: \(path)") }
  }

  /// The file's name without its folder and extension.
  private var title: String {
    let name = file.split(separator: "/").last.map(String.init) ?? file
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }
}
