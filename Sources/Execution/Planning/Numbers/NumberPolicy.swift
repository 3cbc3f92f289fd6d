import DNNL
import Measuring
import Topology

/// Which numbers a plan computes in: the types to try for each primitive, what results are stored as,
/// which values are worth 8 bits, and why a step is in f32 where another precision was asked for.
final class NumberPolicy {
  /// The numbers to compute with, where oneDNN can.
  let precision: Precision

  private let flow: Dataflow
  private let table: ValueTable
  /// What the values of a network to be quantised lie between.
  private let ranges: ValueRanges?
  /// Where the network quantises itself.
  private let own: OwnQuantization
  /// Whether each value is worth an 8-bit form, as far as that was asked.
  private var isWorthQuantizing: [ValueID: Bool] = [:]
  /// Why the step about to be made computes in f32 where another precision was asked for.
  private(set) var reasonForF32: String?

  init(_ flow: Dataflow, _ precision: Precision, _ ranges: ValueRanges?, _ table: ValueTable) {
    self.flow = flow
    self.precision = precision
    self.ranges = ranges
    self.table = table
    own = OwnQuantization(flow.program, flow)
  }

  // MARK: Reasons

  /// Another instruction is lowered, of which nothing is noted yet.
  func begin() { reasonForF32 = nil }

  /// Notes why the step about to be made computes in f32.
  func note(_ reason: String?) { reasonForF32 = reason }

  /// Why a step that computes something does so in f32; `nil` where that was asked for.
  func takeReason(_ precision: Precision, _ facts: StepFacts) -> String? {
    let computes = facts.kind != "reorder" && !facts.sources.isEmpty
    guard computes, self.precision != .f32, precision == .f32 else { return nil }
    defer { reasonForF32 = nil }
    if let reasonForF32 { return reasonForF32 }
    let follows = ["pooling", "concat", "resampling", "binary"].contains(facts.kind)
    return self.precision == .bf16 || follows
      ? "what it reads is in f32" : "8 bits would cost accuracy"
  }

  // MARK: Types of primitives

  /// The types to try for a primitive that multiplies `value` with another one.
  func productTypes(of value: ValueID) -> [DataType] {
    switch precision {
    case .f32: [.f32]
    case .bf16: [.bf16, .f32]
    case .int8: quantized(value).map { [$0.type, .f32] } ?? [.f32]
    }
  }

  /// The types to try for a primitive that moves or compares what it reads: as it lies, else f32.
  func followedTypes(of value: ValueID) -> [DataType] {
    switch precision {
    case .f32: [.f32]
    case .bf16: [.bf16, .f32]
    case .int8: storedType(of: value).isQuantized ? [storedType(of: value), .f32] : [.f32]
    }
  }

  /// The same for one whose result `rounds`, which a network that says itself where it rounds may not
  /// want.
  func followedTypes(of value: ValueID, rounds: Bool, to output: ValueID) -> [DataType] {
    let isExact = !rounds || roundsAlike(value, to: output)
    if !isExact { reasonForF32 = "the network does not round its result alike" }
    return isExact ? followedTypes(of: value) : [.f32]
  }

  /// The types to try for a primitive that 8 bits are too few for.
  var floatTypes: [DataType] {
    switch precision {
    case .f32, .int8: [.f32]
    case .bf16: [.bf16, .f32]
    }
  }

  /// What most values of the network are stored as.
  static func activationType(_ precision: Precision) -> DataType {
    switch precision {
    case .f32: .f32
    case .bf16: .bf16
    case .int8: .u8
    }
  }

  /// The first of several types that oneDNN has generated code for, else f32.
  ///
  /// Notes why the wanted one was not taken.
  func choose(
    _ types: [DataType], acceptsReference: Bool = false,
    _ make: (DataType) throws(DNNLError) -> PrimitiveDescriptor
  ) throws(DNNLError) -> DataType {
    if types == [.f32] { return .f32 }
    for type in types where type != .f32 {
      do throws(DNNLError) {
        let descriptor = try make(type)
        if acceptsReference || Implementation.quality(descriptor.implementation) > 0 {
          return type
        }
        reasonForF32 = "oneDNN has only reference loops in \(type.rawValue)"
      } catch {
        guard error.isRefusal else { throw error }
        reasonForF32 = "oneDNN has no \(type.rawValue) implementation"
      }
    }
    return .f32
  }

  // MARK: Forms of values

  /// What the result of a product in `type` should be stored as.
  func resultFormat(of value: ValueID, from type: DataType) -> NumberFormat {
    switch type {
    case .bf16: NumberFormat(type: isReadAsF32(value) ? .f32 : .bf16)
    case .u8, .s8: isQuantized(value) ? quantized(value) ?? NumberFormat() : NumberFormat()
    case .f32, .s32: NumberFormat()
    }
  }

  /// The type of a value as it was made.
  func storedType(of value: ValueID) -> DataType { table.made(value)?.type ?? .f32 }

  /// The 8-bit form of a value: the one it has, else that of its calibrated range; `nil` where
  /// there was no calibration.
  func quantized(_ value: ValueID) -> NumberFormat? {
    if let tensor = table.forms(of: value).first(where: { $0.type.isQuantized }) {
      return tensor.format
    }
    return ranges?.format(of: value)
  }

  /// What a value means in an 8-bit type that it is brought to from a tensor; `nil` where nothing says.
  func quantized(_ value: ValueID, as type: DataType, from source: Tensor) -> NumberFormat? {
    if source.type == type { return source.format }
    guard ownsScales else { return ranges?.format(of: value, as: type) }
    guard source.type == .u8, type == .s8 else { return nil }
    return NumberFormat(type: .s8, scale: source.scale, zeroPoint: source.zeroPoint - 128)
  }

  /// The ends of a value's calibrated range; `nil` where it was not seen.
  func bounds(of value: ValueID) -> (low: Float, high: Float)? { ranges?.bounds(of: value) }

  /// Whether a value is worth an 8-bit form: some reader multiplies it, or passes it on to one
  /// that does.
  func isQuantized(_ value: ValueID) -> Bool {
    if let known = isWorthQuantizing[value] { return known }
    var answer = false
    // Values are made in order, so a walk along readers ends.
    for reader in flow.readers[value] where !answer {
      let instruction = flow.program.instructions[reader]
      switch instruction.operation.traits.quantization {
      case .multiplies: answer = true
      case .passesOn: answer = isQuantized(instruction.output)
      case .none: continue
      }
    }
    isWorthQuantizing[value] = answer
    return answer
  }

  /// Whether every reader of a value wants f32, so that a narrower form would only be widened.
  private func isReadAsF32(_ value: ValueID) -> Bool {
    flow.readers[value].allSatisfy {
      flow.program.instructions[$0].operation.traits.place == .host
    }
  }

  // MARK: Networks that quantise themselves

  /// Whether the network says itself what becomes 8-bit numbers, and in which scale.
  var ownsScales: Bool { precision == .int8 && !own.isEmpty }

  /// The `quantize` that begins with an instruction and is done as the network says.
  func ownRun(from instruction: Int) -> OwnQuantization.Run? {
    ownsScales ? own.runs[instruction] : nil
  }

  /// The `quantize` that alone reads a value.
  func ownRun(behind value: ValueID) -> OwnQuantization.Run? {
    flow.onlyReader(of: value).flatMap(ownRun(from:))
  }

  /// Instructions that only say what integers mean, so that nothing is computed for them.
  var views: Set<Int> { precision == .int8 ? own.views : [] }

  /// What integers mean behind an instruction that only says so; `nil` for any other, and where it takes
  /// more.
  func meaning(
    behind eltwise: Topology.Eltwise, _ instruction: Int, of source: Tensor
  ) -> NumberFormat? {
    guard ownsScales, own.views.contains(instruction), source.type == .u8 else { return nil }
    return OwnQuantization.meaning(of: eltwise, on: source.format)
  }

  /// Whether 8-bit numbers of a value may be given on where they are rounded once more.
  ///
  /// Exact only where the network rounds the result itself, in the same scale.
  private func roundsAlike(_ value: ValueID, to output: ValueID) -> Bool {
    guard ownsScales else { return true }
    return ownRun(behind: output)?.format == table.made(value)?.format
  }
}
