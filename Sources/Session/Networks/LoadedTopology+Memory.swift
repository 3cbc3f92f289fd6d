import Machine
import Measuring
import Model
package import Topology

extension LoadedTopology {
  /// Refuses a network that needs more memory than there is, when it is run as the settings say.
  ///
  /// - Parameters:
  ///   - settings: How it is planned, and how much memory it may take.
  ///   - isHere: Whether it runs on this machine; else the limit alone counts.
  ///   - isCompared: Whether outputs are compared with those in f32, whatever they are.
  /// - Throws: ``Failure`` that says what it needs and for what, and what there is.
  package func checkMemory(
    _ settings: MeasurementSettings, here isHere: Bool = true, comparing isCompared: Bool = false
  ) throws(Failure) {
    _ = try checked(for: settings, here: isHere, comparing: isCompared)
  }

  /// The operations to run, refused when a run of them, as the settings say, needs more memory than there is.
  package func program(for settings: MeasurementSettings) throws(Failure) -> Program {
    try checked(for: settings).program
  }

  /// The operations to run, and the memory that a run of them will take: refused before anything is allocated when
  /// that is more than what is available, or than `--memory-limit` allows.
  package func checked(
    for settings: MeasurementSettings, here isHere: Bool = true, comparing isCompared: Bool = false
  ) throws(Failure) -> (program: Program, memory: MemoryPrediction) {
    let host = Host.read()
    let program = try program()
    let resident = isHere ? Usage.residentBytes() : 0
    let memory = MemoryPrediction(
      program, settings.settled(for: graph), on: host, model: storedWeightBytes, resident: resident,
      comparing: isCompared)
    // 0 says that the kernel does not tell. What this process holds is no longer available, and needed all the same.
    let isKnown = isHere && host.memoryAvailableBytes > 0
    let available = isKnown ? [host.memoryAvailableBytes, resident].total : Int.max
    let limit = settings.memoryLimit ?? .max
    let most = memory.largest
    guard most.bytes > min(available, limit) else { return (program, memory) }
    throw Failure(
      .data,
      "\(source): needs about \(Quantity.bytes(most.bytes)) of memory \(most), but "
        + (limit <= available
          ? "--memory-limit allows \(Quantity.bytes(limit))"
          : "\(Quantity.bytes(available)) are available"),
      remedy: "use a smaller --batch or smaller layers")
  }

  /// Bytes of the weights that are mapped from a file, all of which are read; 0 for random ones.
  private var storedWeightBytes: Int {
    let source: any TensorSource
    switch WeightsChoice(weightsText) {
    case .random: return 0
    case .standard, .model:
      guard let own = ownWeights else { return 0 }
      source = own
    case .file(let path):
      // What is wrong with the file is told where it is read.
      guard let file = try? SafetensorsFile(path) else { return 0 }
      source = file
    }
    return source.keys.compactMap { source.tensor($0) }.map { tensor in
      tensor.elementCount * tensor.elementType.byteCount
    }.total
  }
}
