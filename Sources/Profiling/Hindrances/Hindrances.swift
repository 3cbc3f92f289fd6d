/// What holds the layers back that take most of the time.
///
/// Of the layers that make up ``coverage`` of the time, those whose efficiency (see ``Roofline``) is
/// below ``target`` are asked rule by rule. Every rule is a comparison of numbers in the record and
/// gives these numbers as its evidence; none guesses. Where no rule fires, or what the rules found
/// does not add up to ``target`` of the time, ``Hindrance/Code/unknown`` says so.
public enum Hindrances {
  /// Share of the layers' time whose layers are asked.
  public static let coverage = 0.9
  /// Efficiency from which nothing needs a reason.
  public static let target = 0.8

  /// The rules, in the order in which their reasons stand where they take equally long.
  static let rules: [@Sendable (HindranceInput) -> Hindrance?] =
    LaunchHindrances.rules + ImplementationHindrances.rules + VectorHindrances.rules
    + MemoryHindrances.rules + ArithmeticHindrances.rules

  /// The reasons for a record's layers, by index; layers that need none are absent.
  ///
  /// - Complexity: O(layers · (log layers + primitives)).
  public static func find(in record: RunRecord) -> [Int: [Hindrance]] {
    let floor = Self.floor(of: record)
    var found: [Int: [Hindrance]] = [:]
    for layer in heaviest(record.layers) where isBelow(layer) {
      // The quickest one is no measure of itself.
      let isFloor = floor?.layer == layer.index && layer.primitives.count == 1
      guard let input = HindranceInput(layer, of: record, floorNs: isFloor ? nil : floor?.ns) else {
        continue
      }
      found[layer.index] = reasons(input)
    }
    return found
  }

  /// Largest part of the time first; those without a known part behind them.
  static func reasons(_ input: HindranceInput) -> [Hindrance] {
    let found = rules.compactMap { $0(input) }
    let ordered = found.enumerated().sorted {
      ($1.element.share ?? -1, $0.offset) < ($0.element.share ?? -1, $1.offset)
    }.map(\.element)
    let known = ordered.reduce(input.roofNs / input.timeNs) { $0 + ($1.share ?? 0) }
    let isExplained = ordered.contains { $0.share == nil } || known >= target
    if isExplained { return ordered }
    return ordered + [Hindrance(.unknown, evidence: [.explained: Swift.min(known, 1)])]
  }

  /// The fewest layers that take ``coverage`` of the time together, longest first.
  static func heaviest(_ layers: [LayerRecord]) -> [LayerRecord] {
    let timed = layers.filter { ($0.time?.median ?? 0) > 0 }.sorted {
      ($1.time?.median ?? 0, $0.index) < ($0.time?.median ?? 0, $1.index)
    }
    let whole = timed.reduce(0) { $0 + ($1.time?.median ?? 0) }
    var sum = 0.0
    return Array(
      timed.prefix { layer in
        defer { sum += layer.time?.median ?? 0 }
        return sum < coverage * whole
      })
  }

  /// Whether a layer was judged by roofs and stays below the target.
  static func isBelow(_ layer: LayerRecord) -> Bool {
    guard let roofs = HindranceInput.roofs(of: layer), roofs[.memoryNs] != nil else {
      return false
    }
    return (roofs[.efficiency] ?? 0) < target
  }

  /// The quickest primitive of the layers whose work, by their roofs, is done within the dispatch: what
  /// it takes is the cost of a call.
  private static func floor(of record: RunRecord) -> (layer: Int, ns: Double)? {
    let idle = record.layers.filter { layer in
      HindranceInput(layer, of: record).map { $0.roofNs <= $0.dispatchNs } ?? false
    }
    let calls = idle.flatMap { layer in
      layer.primitives.compactMap { primitive in
        primitive.time.map { (layer: layer.index, ns: $0.median) }
      }
    }
    return calls.min { ($0.ns, $0.layer) < ($1.ns, $1.layer) }
  }
}

extension RunRecord {
  /// The record with the reasons of its slow layers filled in.
  public func statingHindrances() -> RunRecord {
    // The rules are about oneDNN's implementations and ntprof's own.
    guard options.engine == nil else { return self }
    var result = self
    let found = Hindrances.find(in: self)
    for index in result.layers.indices {
      result.layers[index].hindrances = found[result.layers[index].index]
    }
    return result
  }

  /// The reasons that the record states, or that this version finds where it states none.
  public var hindrances: [Int: [Hindrance]] {
    let stated = layers.compactMap { layer in layer.hindrances.map { (layer.index, $0) } }
    guard stated.isEmpty else { return Dictionary(stated) { first, _ in first } }
    return Hindrances.find(in: self)
  }
}
