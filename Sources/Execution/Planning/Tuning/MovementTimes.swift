import DNNL
import Measuring
import Topology

/// How long moving values from one memory format to another takes: known, tried or guessed.
struct MovementTimes {
  let settings: SearchSettings
  let engine: DNNL.Engine

  private var flow: Dataflow { settings.flow }
  private var options: PlanOptions { settings.options }
  private var tunings: TuningMemory { settings.tunings }

  /// The time of a reorder, ns; 0 between the same formats.
  func reorder(_ dims: [Int], from source: String, to target: String) throws(DNNLError) -> Double {
    if source == target || dims.isEmpty { return 0 }
    let type = type
    let key = "\(dims) \(source) \(target) \(place)"
    if let known = tunings.time(of: key) { return known }
    if isGuessed {
      return CostModel.reorder(
        bytes: bytes(dims), from: source, to: target, threads: options.threads)
    }
    guard let src = try MemoryDescriptor.named(dims, source, type),
      let dst = try MemoryDescriptor.named(dims, target, type)
    else { return .infinity }
    let none = try PrimitiveAttributes.planned()
    do throws(DNNLError) {
      return try tried(.reorder(engine, src: src, dst: dst, none), [], key)
    } catch {
      guard error.isUnimplemented else { throw error }
      return .infinity
    }
  }

  /// The time that joining values in a format takes, ns; 0 for what joins nothing or in place.
  func joining(of index: Int, in format: String) throws(DNNLError) -> Double {
    let instruction = flow.program.instructions[index]
    guard case .concat(let axis) = instruction.operation else { return 0 }
    let parts = instruction.inputs.map(flow.dims)
    if options.fusion, parts.allSatisfy({ Joining.isOutermost(axis, of: $0, in: format) }) {
      return 0
    }
    let type = type
    let result = flow.dims(instruction.output)
    let key = "concat \(parts) \(axis) \(format) \(place)"
    if let known = tunings.time(of: key) { return known }
    if isGuessed {
      return CostModel.reorder(
        bytes: bytes(result), from: format, to: format, threads: options.threads)
    }
    do throws(DNNLError) {
      var sources: [MemoryDescriptor] = []
      for part in parts {
        guard let source = try MemoryDescriptor.named(part, format, type) else { return .infinity }
        sources.append(source)
      }
      guard let whole = try MemoryDescriptor.named(result, format, type) else { return .infinity }
      let none = try PrimitiveAttributes.planned()
      return try tried(
        .concat(engine, axis: axis, src: sources, dst: whole, none),
        sources.enumerated().map { (Argument.multipleSrc($0.offset), $0.element) }, key)
    } catch {
      guard error.isRefusal else { throw error }
      return .infinity
    }
  }

  /// The time of moving data, ns, tried now; infinite where that may not be tried.
  private func tried(
    _ descriptor: borrowing PrimitiveDescriptor, _ sources: [(Argument, MemoryDescriptor)],
    _ key: String
  ) throws(DNNLError) -> Double {
    guard !tunings.broken.contains(key), try tunings.tries() else { return .infinity }
    tunings.journal(.begins(key: key, nil))
    let timer = settings.timer
    let time = try timer.time(descriptor, sources, best: .infinity, budget: 1_000_000)
    guard !timer.isOverrun else { return .infinity }
    tunings.remember(reorder: time, for: key)
    return time
  }

  /// Whether the time of a movement that is not known is guessed instead of tried.
  private var isGuessed: Bool { options.tuning == .auto && !settings.window.hasTime }

  /// What most values of the network are stored as.
  private var type: DataType { NumberPolicy.activationType(options.precision) }

  private func bytes(_ dims: [Int]) -> Int { dims.reduce(type.size, *) }

  /// What else the time of a movement depends on.
  private var place: String {
    "\(options.threads) threads" + (options.precision == .f32 ? "" : " \(type)")
  }
}
