/// A layer that stays below its roof, as the rules see it.
struct HindranceInput {
  let record: RunRecord
  let layer: LayerRecord
  /// Median time of a pass.
  let timeNs: Double
  /// Evidence of the roofline rule, wherever the record keeps it.
  let roofs: Evidence
  /// Time of the quickest primitive of the run, if it has next to nothing to do.
  let floorNs: Double?

  /// Parts of a layer's time below which a reason is not worth a word.
  static let least = 0.05

  /// Nil for a layer without a time or roofs.
  init?(_ layer: LayerRecord, of record: RunRecord, floorNs: Double? = nil) {
    guard let time = layer.time?.median, time > 0, let roofs = Self.roofs(of: layer) else {
      return nil
    }
    self.record = record
    self.layer = layer
    self.roofs = roofs
    self.floorNs = floorNs
    timeNs = time
  }

  /// The roofline rule's evidence; nil where there was nothing to judge by.
  static func roofs(of layer: LayerRecord) -> Evidence? {
    layer.bound == nil ? nil : layer.roofs
  }

  /// Executed operations over counted ones.
  var executedShare: Double { layer.executedShare(in: record) }
  var memoryNs: Double { roofs[.memoryNs] ?? 0 }
  var computeNs: Double { roofs[.computeNs] ?? 0 }
  /// Time that the nearer roof allows.
  var roofNs: Double { Swift.max(memoryNs, computeNs) }
  var dispatchNs: Double { roofs[.dispatchNs] ?? 0 }
  var threads: Int { Swift.max(record.options.teamSize ?? 1, 1) }

  /// A reason that takes a known time; nil where that is not worth a word.
  func reason(_ code: Hindrance.Code, takes ns: Double, _ evidence: Evidence) -> Hindrance? {
    let share = ns / timeNs
    guard share.isFinite, share >= Self.least else { return nil }
    return Hindrance(code, share: share, evidence: evidence)
  }

  /// The primitive that computes the layer's products, or the longest.
  var main: PrimitiveRecord? {
    layer.primitives.first { Self.products.contains($0.kind) }
      ?? layer.primitives.max { ($0.time?.median ?? 0) < ($1.time?.median ?? 0) }
  }

  /// oneDNN's kinds that multiply and add.
  static let products: Set = ["convolution", "deconvolution", "inner_product", "matmul", "rnn"]

  /// Median time of the primitives that a condition holds for.
  func time(where condition: (PrimitiveRecord) -> Bool) -> Double {
    layer.primitives.filter(condition).reduce(0) { $0 + ($1.time?.median ?? 0) }
  }

  /// Dims of the first input, like `[1, 3, 224, 224]`.
  var inputDims: [Int] { layer.inputShapes.first?.sizes ?? [] }
  /// Dims of the output.
  var outputDims: [Int] { layer.outputShape.sizes }
  /// Values of the output.
  var outputElements: Double { outputDims.reduce(1) { $0 * Double($1) } }

  /// Bytes of a number that the layer's products read.
  var elementBytes: Double {
    switch layer.precision {
    case .bf16: 2
    case .int8: 1
    default: 4
    }
  }

  /// 32-bit lanes of the widest vector that oneDNN may use (sums are 32 bits wide in every
  /// precision); nil for an ISA without known vectors.
  var lanes: Int? {
    Self.lanes(record.options.isa ?? record.machine.onednn?.isa ?? record.machine.isa)
  }

  static func lanes(_ isa: String) -> Int? { InstructionSet(isa).lanes }

  /// Read bandwidth at a working set, 10⁹ bytes a second.
  func bandwidth(at bytes: Double) -> Double? {
    Roofline.bandwidth(of: bytes, curve: record.machine.rooflines?.bandwidth ?? [])
  }
}
