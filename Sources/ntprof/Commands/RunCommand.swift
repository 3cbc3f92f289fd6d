import ArgumentParser
import Execution
import FoundationEssentials
import Glibc
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
    var arguments = topologyOptions.model
    arguments.inputs = try inputs.map(Self.array)
    let loaded = try LoadedTopology(
      topology, batch: topologyOptions.batch, assignments: topologyOptions.assignments,
      weights: topologyOptions.weights, model: arguments)
    let given = try loaded.arrays(arguments.inputs)
    let host = Host.read()
    let choice = try PrecisionChoice.runnable(
      PrecisionChoice.settled(precision, for: loaded.graph))
    let program = try loaded.program(fitting: host.memoryAvailableBytes)
    let weights = try loaded.chosenWeights().provider
    let folder = try OutputFolder(creating: outputs)
    do throws(Failure) {
      let results: [[Float]]
      do throws(ExecutionError) {
        let plan = try OneDNNEngine().plan(
          program,
          options: PlanOptions(
            threads: threads ?? host.defaultThreads, fusion: !noFusion, precision: choice,
            seed: seed), weights: weights)
        for (index, values) in given.enumerated() {
          if let values { plan.writeInput(index, values) }
        }
        try plan.run()
        results = plan.outputs()
      } catch {
        throw loaded.failure(error)
      }
      try write(results, of: loaded, to: folder)
    } catch {
      folder.removeIfEmpty()
      throw error
    }
    for (index, values) in given.enumerated() where values == nil && !quiet {
      Console.note(
        "input '\(loaded.graph.inputs[index].name)' was not given: random, of seed \(seed)")
    }
  }

  /// A file's array, for the input that stands before `=`.
  private static func array(_ argument: String) throws(Failure) -> ModelArguments.Input {
    var (name, path): (String?, String) = (nil, argument)
    if access(argument, F_OK) != 0, let equals = argument.lastIndex(of: "=") {
      name = String(argument[..<equals])
      path = String(argument[argument.index(after: equals)...])
    }
    do throws(ImportError) {
      return ModelArguments.Input(name: name, path: path, array: try NumPyFile.read(path))
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

extension LoadedTopology {
  /// What an output is called: by the model, else by the graph.
  func outputName(_ index: Int) -> String {
    imported.map { $0.outputs[index].name } ?? graph.name(of: graph.outputs[index])
  }

  /// The values of each input of the graph; `nil` where none are given.
  ///
  /// - Throws: `Failure` for an array that is none of an input, or has another number of elements.
  func arrays(_ inputs: [ModelArguments.Input]) throws(Failure) -> [[Float]?] {
    let names = imported.map { $0.declaredInputs } ?? graph.inputs.map(\.name)
    let assigned: [String: ModelArguments.Input]
    do throws(ImportError) {
      assigned = try LoadedModel.assign(inputs, to: names, of: source)
    } catch {
      throw Failure(error)
    }
    var result: [[Float]?] = []
    for (index, input) in graph.inputs.enumerated() {
      let name = imported.map { $0.inputs[index].name } ?? input.name
      guard let given = assigned[name] else {
        result.append(nil)
        continue
      }
      guard given.array.count == input.type.elementCount else {
        throw Failure(
          .data,
          "\(given.path): \(given.array.dims) is no \(input.type), which the input '\(name)' is")
      }
      result.append(given.array.floats())
    }
    return result
  }
}
