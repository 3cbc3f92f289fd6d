import Engines
import Exporters
import Files
public import FoundationEssentials
import Topology

/// ONNX Runtime as an oracle: runs what is exported of a network, in a process of its own that is started
/// again when it ends.
public final class EngineOracle {
  /// What it makes of a network.
  enum Answer {
    case outputs([[Float]])
    /// There is no ONNX operator for something.
    case notExported(String)
    case refused(String)
  }

  private let python: String
  private let folder: URL
  private var worker: EngineWorker?

  /// The oracle that `NTPROF_ENGINE_PYTHON` names; nil without that.
  ///
  /// - Parameter folder: Where its files go; removed with it.
  public init?(folder: URL) {
    guard let path = Environment.filled("NTPROF_ENGINE_PYTHON") else { return nil }
    python = path
    self.folder = folder
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch { return nil }
  }

  deinit {
    worker?.quit()
    try? FileManager.default.removeItem(at: folder)
  }

  /// What it says of itself; nil where it cannot be started.
  public var version: String? {
    guard let worker = try? started() else { return nil }
    return "ONNX Runtime \(worker.facts.version)"
  }

  private func started() throws -> EngineWorker {
    if let worker { return worker }
    let new = try EngineWorker(
      .onnxruntime, python: python,
      environment: ["PATH": "/usr/bin:/bin", "OPENBLAS_NUM_THREADS": "1"],
      limits: WorkerLimits(hello: 60, load: 60, run: 60, quit: 2))
    worker = new
    return new
  }

  func run(_ graph: Graph, _ program: Program, threads: Int, fusion: Bool) throws -> Answer {
    let seeded = SeededWeights(seed: 1)
    let model = folder.appending(path: "network.onnx")
    var bytes: [UInt8] = []
    let export: ONNXExport
    do throws(GraphError) {
      export = try ONNXExport(graph, weights: seeded, producer: ("ntprof", "torture"))
    } catch {
      return .notExported(error.message)
    }
    export.write { $0.withUnsafeBytes { bytes += $0 } }
    try Data(bytes).write(to: model)
    let inputs = try graph.inputs.enumerated().map { index, input in
      let file = folder.appending(path: "input_\(index).f32")
      try seeded.input(index, of: program).withUnsafeBytes { try Data($0).write(to: file) }
      return TensorPlace(name: input.name, shape: input.type.dims, file: file.path)
    }
    let names = graph.outputs.map(graph.name(of:))
    do {
      let loaded = try started().load(
        LoadRequest(
          model: model.path, folder: folder.path, inputs: inputs,
          outputs: names.map { TensorPlace(name: $0) }, threads: threads, precision: "f32",
          fusion: fusion))
      return .outputs(
        try names.map { name in
          guard let place = loaded.outputs.first(where: { $0.name == name }) else { return [] }
          let data = try Data(contentsOf: URL(filePath: place.file))
          return data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        })
    } catch let error as EngineError {
      if error.isOfThisPython { throw error }
      if [.ended, .silent, .protocol].contains(error.code) { worker = nil }
      return .refused("\(error.code.rawValue): \(error)")
    }
  }
}
