import ArgumentParser
import Execution
import Files
import FoundationEssentials
import Importers
import Machine
import Measuring
import Session
import Topology

/// `ntprof run`: one pass on given inputs.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a network once on given inputs and write its outputs.",
    discussion: """
      Inputs are NumPy's files (numpy.save), given in the network's order or by name; one that is not \
      given is random, of the seed. Written are output_0.npy, output_1.npy… in f32, and outputs.json \
      with their names and shapes.

      Examples:
        ntprof run model.onnx --input image.npy --outputs out
        ntprof run deepspeech --weights deepspeech.safetensors --input features=x.npy --outputs out
      """)

  @Argument(
    help: "A topology or an ONNX model: a file, or a name of 'ntprof list'.",
    completion: Completions.topology)
  var topology: String
  @OptionGroup var topologyOptions: TopologyOptions

  @Option(
    name: .customLong("input"), parsing: .singleValue,
    help: ArgumentHelp(
      "A .npy file for the next input, or NAME=FILE; repeatable.", valueName: "[name=]file"),
    completion: .file(extensions: ["npy"]))
  var inputs: [String] = []

  @Option(
    help: ArgumentHelp("Folder for the outputs.", valueName: "folder"), completion: .directory)
  var outputs: String

  @Option(help: PrecisionChoice.help, completion: Choices.precision)
  var precision: String?
  @Option(help: "OpenMP threads (default: physical cores).") var threads: Int?
  @Option(help: "Seed of random weights and inputs.") var seed: UInt64 = 1
  @Flag(name: .customLong("no-fusion"), help: "Run every primitive by itself.")
  var noFusion = false
  @Flag(help: "Do not print the paths.") var quiet = false

  func validate() throws {
    try precision.map(PrecisionChoice.validate)
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads) is outside 1…1024")
    }
  }

  func run() throws {
    let pass = try OnePass(
      RunSettings(topologyOptions.settings(topology), settings), inputs: inputs.map(Self.array))
    let run = try pass.prepared()
    let folder = try OutputFolder(creating: outputs)
    do throws(Failure) { try write(run(), of: pass.topology, to: folder) } catch {
      folder.removeIfEmpty()
      throw error
    }
    if quiet { return }
    for name in pass.randomInputs {
      Console.note("input '\(name)' was not given: random, of seed \(seed)")
    }
  }

  private var settings: MeasurementSettings {
    var made = MeasurementSettings()
    made.askedPrecision = precision
    made.threads = threads
    made.planning.seed = seed
    made.planning.noFusion = noFusion
    made.planning.askedTuning = "fast"
    return made
  }

  /// A file's array, for the input that stands before `=`.
  private static func array(_ argument: String) throws(Failure) -> OfferedInput {
    var (name, path): (String?, String) = (nil, argument)
    if !FilePlace(argument).exists, let equals = argument.lastIndex(of: "=") {
      name = String(argument[..<equals])
      path = String(argument[argument.index(after: equals)...])
    }
    do throws(ImportError) {
      return OfferedInput(name: name, path: path, array: try NumPyFile.read(path))
    } catch {
      throw Failure(error)
    }
  }

  private func write(
    _ results: [[Float]], of loaded: LoadedTopology, to folder: OutputFolder
  ) throws(Failure) {
    var entries: [Entry] = []
    for (index, values) in results.enumerated() {
      let source = loaded.graph.outputs[index]
      let dims = loaded.graph.type(of: source)?.dims ?? [values.count]
      let entry = Entry(
        name: loaded.outputName(index), file: "output_\(index).npy", shape: dims)
      entries.append(entry)
      note(try folder.write(NumPyFile.encode(values, dims: dims), as: entry.file))
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let bytes = try? encoder.encode(["outputs": entries]) else {
      throw Failure(.software, "the list of outputs cannot be written")
    }
    note(try folder.write(Array(bytes) + [0x0A], as: "outputs.json"))
  }

  private func note(_ path: String) {
    if !quiet { Console.note("output: \(path)") }
  }

  /// One output, as `outputs.json` lists it.
  private struct Entry: Encodable {
    let name: String
    let file: String
    let shape: [Int]
  }
}
