public import Topology

/// What a planned network of an engine can be asked for.
public struct EngineCapabilities: OptionSet, Hashable, Sendable {
  /// The bits.
  public let rawValue: UInt8

  /// Makes a set of bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Passes stop at the boundaries between steps, where clocks are read.
  public static let boundaries = EngineCapabilities(rawValue: 1)
  /// Passes run on threads of this process, so that its counters count them.
  public static let countsEvents = EngineCapabilities(rawValue: 2)
  /// Steps know the memory formats of what they read and write.
  public static let knowsFormats = EngineCapabilities(rawValue: 4)
  /// The network's values can be looked at after a pass.
  public static let knowsValues = EngineCapabilities(rawValue: 8)

  /// All of these.
  public static let all: EngineCapabilities = [
    .boundaries, .countsEvents, .knowsFormats, .knowsValues,
  ]
}

/// A network that an engine has made ready to run.
public protocol PlannedNetwork: PassRunner {
  /// What it can be asked for.
  var capabilities: EngineCapabilities { get }
  /// What a pass does, in order; the steps of a layer follow one another.
  var steps: [PlanStep] { get }
  /// Layers that have no step because they were fused, and the layer whose steps compute them.
  var fusedInto: [Int: Int] { get }
  /// The numbers that were asked for.
  var precision: Precision { get }
  /// Bytes of the packed constants.
  var weightBytes: Int { get }
  /// Bytes that hold inputs, activations and outputs.
  var peakActivationBytes: Int { get }
  /// Bytes of the working memory that steps share.
  var scratchpadBytes: Int { get }
  /// Steps that run by another algorithm than the direct one, by index.
  var algorithmWork: [Int: AlgorithmWork] { get }

  /// One step alone, on whatever its inputs hold, waited for.
  ///
  /// - Throws: ``ExecutionError`` naming its layer.
  func run(step: Int) throws(ExecutionError)

  /// Overwrites an input of the network, in plain order.
  ///
  /// - Precondition: `data` has as many elements as the input.
  func writeInput(_ index: Int, _ data: [Float])

  /// What the layers of the graph that it was made of really got.
  func numbers(of graph: Graph) -> [LayerNumbers]

  /// All outputs of the network after the last pass, in plain order.
  func outputs() -> [[Float]]

  /// Runs one pass and looks at what every step makes.
  func scanActivations() -> ActivationScan

  /// How alike the network's outputs are to those of f32, on its own inputs and weights; `nil` where
  /// there is no angle between them.
  ///
  /// - Throws: ``ExecutionError`` from a pass or the f32 plan.
  func cosineSimilarity() throws(ExecutionError) -> Double?
}

extension PlannedNetwork {
  /// The steps of each layer that has any, in order: they follow one another.
  public var stepsOfLayers: [Range<Int>] {
    var ranges: [Range<Int>] = []
    for index in steps.indices {
      if let last = ranges.last, steps[last.lowerBound].layer == steps[index].layer {
        ranges[ranges.count - 1] = last.lowerBound..<index + 1
      } else {
        ranges.append(index..<index + 1)
      }
    }
    return ranges
  }

  /// Which layers of a selection get times of their own: none where passes do not stop between steps.
  public func timed(_ selection: [Bool]) -> [Bool] {
    capabilities.contains(.boundaries) ? selection : selection.map { _ in false }
  }
}
