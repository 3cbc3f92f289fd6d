import Execution
import Importers
import Machine
import Measuring
package import Topology

/// A network that runs once, on given inputs.
package struct OnePass {
  /// The network.
  package let topology: LoadedTopology
  private let given: [[Float]?]
  private let settings: MeasurementSettings
  private let weights: (any WeightProvider)?

  /// A network on random inputs, with weights that were chosen for it.
  package init(
    _ topology: LoadedTopology, _ settings: MeasurementSettings, weights: any WeightProvider
  ) {
    self.topology = topology
    self.settings = settings
    self.weights = weights
    given = topology.graph.inputs.map { _ in nil }
  }

  /// Reads a network and takes arrays for its inputs; nothing runs yet.
  ///
  /// - Parameters:
  ///   - settings: What runs, and how.
  ///   - inputs: Arrays; what none is given for is random.
  /// - Throws: ``Failure`` for an array that is none of an input, or has another number of elements.
  package init(_ settings: RunSettings, inputs: [OfferedInput] = []) throws(Failure) {
    topology = try LoadedTopology(settings.network, offering: inputs)
    given = try topology.arrays(inputs)
    self.settings = settings.measurement.settled(for: topology.graph)
    weights = nil
  }

  /// The inputs that no array was given for.
  package var randomInputs: [String] {
    given.enumerated().filter { $0.element == nil }.map { topology.graph.inputs[$0.offset].name }
  }

  /// Sees that it can run, and gives what runs it; memory for it is taken then.
  package func prepared() throws(Failure) -> () throws(Failure) -> [[Float]] {
    let host = Host.read()
    let precision = try PrecisionChoice.runnable(settings.precision)
    let program = try topology.program(for: settings)
    var weights = weights
    if weights == nil { weights = try topology.chosenWeights().provider }
    let provider = weights
    let options = PlanOptions(
      threads: settings.threads ?? host.defaultThreads, fusion: !settings.noFusion,
      precision: precision, seed: settings.seed, tuning: .init(rawValue: settings.tuning) ?? .fast)
    return { () throws(Failure) in
      do throws(ExecutionError) {
        let plan = try OneDNNEngine().plan(program, options: options, weights: provider)
        for (index, values) in given.enumerated() {
          if let values { plan.writeInput(index, values) }
        }
        try plan.run()
        return plan.outputs()
      } catch {
        throw topology.failure(error)
      }
    }
  }
}

extension LoadedTopology {
  /// What an output is called: by the model, else by the graph.
  package func outputName(_ index: Int) -> String {
    imported.map { $0.outputs[index].name } ?? graph.name(of: graph.outputs[index])
  }

  /// The values of each input of the graph; `nil` where none are given.
  fileprivate func arrays(_ inputs: [OfferedInput]) throws(Failure) -> [[Float]?] {
    let names = imported.map { $0.declaredInputs } ?? graph.inputs.map(\.name)
    let assigned: [String: OfferedInput]
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
