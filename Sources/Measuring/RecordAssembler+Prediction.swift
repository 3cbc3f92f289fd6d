public import Profiling
public import Topology

extension RecordAssembler {
  /// Fills what the roofs of the record's machine allow each layer, for rows that have not run; nothing
  /// without roofs.
  ///
  /// Layers of which nothing runs in a pass, like views, have none.
  ///
  /// - Parameters:
  ///   - record: With the machine, its roofs and the graph's rows.
  ///   - program: The graph's.
  ///   - engine: What would run it.
  public func predict(
    _ record: inout RunRecord, of program: Program, on engine: some Engine
  ) {
    guard let roofs = record.machine.rooflines else { return }
    let footprint = record.layers.reduce(0) { $0 + Double($1.bytes.weights + $1.bytes.output) }
    let instructions = Dictionary(grouping: program.instructions, by: \.layer)
    for (index, layer) in graph.layers.enumerated() {
      let own = instructions[index, default: []].filter { engine.runs($0.operation) }
      guard !own.isEmpty else { continue }
      let row = record.layers[index]
      record.layers[index].predicted = Roofline.prediction(
        RooflineInput(
          flops: Double(layer.cost.executedFlops),
          peakFlopsPerSecond: roofs.peakFlops.rate(of: row.precision),
          weightBytes: Double(row.bytes.weights),
          rereads: own.compactMap {
            $0.reread(in: program, elementBytes: numbers[index].precision.bytes)
          },
          activationBytes: Double(row.bytes.input + row.bytes.output),
          writtenBytes: Double(row.bytes.output), networkFootprintBytes: footprint, timeNs: 0,
          threads: roofs.threads,
          lastLevelCacheBytes: Double(record.machine.lastLevelCacheBytes),
          bandwidth: roofs.bandwidth))
    }
  }
}

extension Instruction {
  /// What a recurrent layer reads at every step after the first: the weights of its states, one
  /// direction after the other.
  fileprivate func reread(in program: Program, elementBytes: Int) -> RooflineInput.Reread? {
    guard case .recurrent(let recurrent) = operation,
      let slot = weights.first(where: { $0.role == .weightsIteration }),
      let steps = program.values[inputs[0]].shape.dims.first
    else { return nil }
    let bytes = Double(slot.dims.reduce(elementBytes, *))
    return RooflineInput.Reread(
      bytes: Double(steps - 1) * bytes, setBytes: bytes / Double(recurrent.direction.count))
  }
}
