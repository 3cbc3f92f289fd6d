import Execution
import Glibc
import Importers
import Measuring
import Model
import Topology

/// One of ONNX's node tests: a model of an operator, inputs, and the outputs that they must give.
struct ConformanceCase {
  enum Verdict {
    case passed
    /// ntprof says that it does not run it, and why.
    case unsupported(String)
    case wrong(String)
    /// There is no such test in the folder.
    case absent
  }

  let folder: String

  /// Imports the model, runs it on the inputs and compares.
  func run() -> Verdict {
    guard let model = try? ModelFile(folder + "/model.onnx") else { return .absent }
    do throws(ImportError) {
      let names = try ONNXReader.read(model).inputs.map(\.name)
      var options = ImportOptions()
      for (index, name) in names.enumerated() {
        options.offered[name] = try ONNXReader.tensor(
          ModelFile("\(folder)/test_data_set_0/input_\(index).pb")
        ).value
      }
      let imported = try ModelImport.onnx(model, options: options)
      return try compare(imported, options)
    } catch {
      return error.kind == .unsupported
        ? .unsupported(ConformanceCase.reason(error)) : .wrong(error.description)
    }
  }

  private static func reason(_ error: ImportError) -> String {
    let lines = error.message.split(separator: "\n")
    return lines.suffix(max(1, lines.count - 1)).map { line in
      line.split(separator: ": 1×").first.map(String.init) ?? String(line)
    }.joined(separator: ";")
  }

  private func compare(_ imported: ImportedModel, _ options: ImportOptions) throws(ImportError)
    -> Verdict
  {
    let outputs: [[Float]]
    do {
      let graph = imported.model.graph
      let plan = try Plan(try graph.program(), weights: try imported.weights())
      for (index, port) in imported.inputs.enumerated() {
        plan.writeInput(index, options.offered[port.name]?.floats() ?? [])
      }
      try plan.run()
      outputs = plan.outputs()
    } catch {
      return .wrong("\(error)")
    }
    for (index, given) in outputs.enumerated() {
      let wanted = try ONNXReader.tensor(
        ModelFile("\(folder)/test_data_set_0/output_\(index).pb")
      ).value.floats()
      guard given.count == wanted.count else {
        return .wrong("\(given.count) elements, not \(wanted.count)")
      }
      for place in wanted.indices where !ConformanceCase.isClose(given[place], wanted[place]) {
        return .wrong("output \(index) has \(given[place]) at \(place), not \(wanted[place])")
      }
    }
    return .passed
  }

  /// The relative tolerance of ONNX's own runner; near 0 oneDNN's logarithm is off by 2e-6.
  private static func isClose(_ given: Float, _ wanted: Float) -> Bool {
    if given == wanted || given.isNaN && wanted.isNaN { return true }
    let allowed: Float = 1e-5 + 1e-3 * abs(wanted)
    return abs(given - wanted) <= allowed
  }
}
