import Topology
import XMLTree

/// Walks a valid document in order of execution and feeds a ``GraphBuilder``.
///
/// Repeats and uses are frames of a stack of its own, so that no document can exhaust the
/// thread's. An error does not end the walk: a layer that cannot be built is marked as failed, and
/// what reads it is not checked further.
struct Expander {
  /// Elements being walked: those of the document, of a repeat or of a use.
  struct Frame {
    let elements: [XMLElement]
    var next = 0
    var locals: [String: ParameterScope.Binding] = [:]
    var indices: [String] = []
    var block: BlockContext?
    var loop: Loop?
    var use: Use?
  }

  /// How far a repeat is.
  struct Loop {
    let index: String
    let count: Int
    /// Where its count stands.
    let position: XMLPosition
    var current = 0
  }

  /// What to do at the end of a use.
  struct Use {
    let block: String
    let prefix: String
    let position: XMLPosition
    let layersBefore: Int
  }

  /// Elements that any topology may have: what a file declares besides layers.
  private static let freeSteps = 100_000

  let root: XMLElement
  let options: TopologyReader.Options
  let kinds: LayerKinds
  let blocks: BlockTable

  var evaluator: AttributeEvaluator
  var builder: GraphBuilder
  var markers = MarkerReader()
  var names = NameTable()
  var pending = PendingReferences()
  var globals: [String: ParameterScope.Binding] = [:]
  var frames: [Frame] = []
  /// The full prefixes of the uses that were left.
  var uses: Set<String> = []
  /// The inputs read so far, also failed ones.
  var inputCount = 0
  /// The input read last.
  var lastInput: Reference?
  /// How many inputs stand at the top level from each of its elements on.
  private let inputsFrom: [Int]
  /// What a layer without `inputs` takes; `nil` before the first layer.
  var current: Reference?
  /// Layers met so far, also failed ones.
  var layerCount = 0
  private var steps = 0
  private var isStopped = false

  init(root: XMLElement, file: String, options: TopologyReader.Options, kinds: LayerKinds) {
    self.root = root
    self.options = options
    self.kinds = kinds
    var log = DiagnosticLog(file: file)
    blocks = BlockTable(root, log: &log)
    var inputsFrom = [0]
    for child in root.children.reversed() {
      inputsFrom.append(inputsFrom[inputsFrom.count - 1] + (child.name == "input" ? 1 : 0))
    }
    self.inputsFrom = inputsFrom.reversed()
    evaluator = AttributeEvaluator(log: log)
    builder = GraphBuilder(name: root["name"] ?? "")
  }

  /// The graph, and the values of the parameters.
  mutating func expand() throws(TopologyReadError) -> (graph: Graph, parameters: [String: Int]) {
    checkTopologyName()
    frames = [Frame(elements: root.children)]
    while let top = frames.indices.last, !isStopped, !evaluator.isExhausted, !evaluator.log.isFull {
      if frames[top].next < frames[top].elements.count {
        let element = frames[top].elements[frames[top].next]
        frames[top].next += 1
        if spend(1 + element.children.count, at: element.position) { visit(element) }
      } else {
        endFrame(top)
      }
    }
    return try finish()
  }

  /// The place of the frame being walked.
  var place: Place {
    let frame = frames[frames.count - 1]
    return Place(
      scope: ParameterScope(globals: globals, locals: frame.locals), block: frame.block,
      indices: frame.indices)
  }

  /// The inputs at the top level that were not read yet.
  var inputsAhead: Int { inputsFrom[frames.first?.next ?? 0] }

  /// The only input, once it was read and where no other follows.
  var onlyInput: Reference? { inputCount == 1 && inputsAhead == 0 ? lastInput : nil }

  /// Ends the walk with an error that no other should follow.
  mutating func stop(at position: XMLPosition, _ message: String) {
    if !isStopped { evaluator.log.report(position, message) }
    isStopped = true
  }

  /// Counts work; repeats of nothing are work too.
  mutating func spend(_ count: Int, at position: XMLPosition) -> Bool {
    steps += count
    guard (steps - Expander.freeSteps) / 16 > options.maximumLayers else { return true }
    stop(
      at: position,
      "the topology expands to far more elements than \(options.maximumLayers) layers need")
    return false
  }

  private mutating func visit(_ element: XMLElement) {
    guard let condition = evaluator.condition(of: element, at: place) else { return skipLayers() }
    guard condition else { return }
    switch element.name {
    case "param": readParameter(element)
    case "input": readInput(element)
    case "constant": readConstant(element)
    case "layer": readLayer(element)
    case "repeat": enterRepeat(element)
    case "use": enterUse(element)
    case "marker":
      markers.read(
        element, at: place, layerCount: layerCount, evaluator: &evaluator, builder: &builder)
    default: break  // blocks were read before
    }
  }

  private mutating func endFrame(_ top: Int) {
    if var loop = frames[top].loop, loop.current + 1 < loop.count {
      loop.current += 1
      guard spend(1, at: loop.position) else { return }
      frames[top].loop = loop
      frames[top].locals[loop.index] = .value(Bound(loop.current))
      frames[top].next = 0
      return
    }
    let frame = frames.removeLast()
    if let use = frame.use { leaveUse(use) }
  }

  /// The name of a topology becomes the names of files.
  private mutating func checkTopologyName() {
    guard let name = root.attribute("name") else { return }
    let isControl = { (scalar: Unicode.Scalar) in scalar.properties.generalCategory == .control }
    if name.value.isEmpty {
      evaluator.log.report(name.position, "the topology's name is empty")
    } else if name.value.contains("/") || name.value.unicodeScalars.contains(where: isControl) {
      evaluator.log.report(
        name.position, "the topology's name contains '/' or a control character")
    }
  }

  private mutating func finish() throws(TopologyReadError) -> (Graph, [String: Int]) {
    frames = [Frame(elements: [])]
    let outputs = root.attribute("outputs").map { attribute in
      evaluator.words(attribute, at: place)?.map { names[$0.text]?.name ?? $0.text } ?? []
    }
    if !isStopped, !evaluator.isExhausted, !evaluator.log.isFull {
      markers.finish(evaluator: &evaluator)
      pending.report(names: names, to: &evaluator)
      if inputCount == 0, !names.isIncomplete {
        evaluator.log.report(root.position, "the topology has no <input>")
      }
      if layerCount == 0, evaluator.log.isEmpty, inputCount > 0 {
        evaluator.log.report(root.position, "the topology has no <layer>")
      }
    }
    if let error = evaluator.log.error { throw error }
    do throws(GraphError) {
      return (try builder.build(outputs: outputs), values(of: globals))
    } catch {
      var log = evaluator.log
      let position =
        error.location.map { XMLPosition(line: $0.line, column: $0.column) }
        ?? error.attribute.flatMap { root.attribute($0)?.position }
      let message = error.layer.map { "layer '\($0)': \(error.message)" } ?? error.message
      log.report(position ?? root.position, message)
      throw log.error ?? .invalid([])
    }
  }

  private func values(of bindings: [String: ParameterScope.Binding]) -> [String: Int] {
    bindings.compactMapValues { if case .value(let value) = $0 { value.integer } else { nil } }
  }
}
