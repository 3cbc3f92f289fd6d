import DNNL
import Measuring
import Topology

/// Which type a primitive computes in, and what its result is stored as.
extension Planner {
  /// The types to try for a primitive that multiplies `value` with weights.
  func productTypes(of value: ValueID) -> [DataType] {
    switch options.precision {
    case .f32: [.f32]
    case .bf16: [.bf16, .f32]
    case .int8: quantized(value).map { [$0.type, .f32] } ?? [.f32]
    }
  }

  /// The types to try for a primitive that moves or compares what it reads: as it lies, else f32.
  func followedTypes(of value: ValueID) -> [DataType] {
    switch options.precision {
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
    switch options.precision {
    case .f32, .int8: [.f32]
    case .bf16: [.bf16, .f32]
    }
  }

  /// The types to try for a primitive that multiplies `value` with constants of its own.
  func productTypes(of value: ValueID, _ index: Int, channels: Int) throws(DNNLError) -> [DataType]
  {
    ownsScales
      ? try ownProductTypes(of: value, index, channels: channels) : productTypes(of: value)
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
        if acceptsReference || Planner.quality(descriptor.implementation) > 0 { return type }
        reasonForF32 = "oneDNN has only reference loops in \(type.rawValue)"
      } catch {
        guard error.isRefusal else { throw error }
        reasonForF32 = "oneDNN has no \(type.rawValue) implementation"
      }
    }
    return .f32
  }

  /// What the result of a product in `type` should be stored as.
  func resultFormat(of value: ValueID, from type: DataType) -> NumberFormat {
    switch type {
    case .bf16: NumberFormat(type: isReadAsF32(value) ? .f32 : .bf16)
    case .u8, .s8: isQuantized(value) ? quantized(value) ?? NumberFormat() : NumberFormat()
    case .f32, .s32: NumberFormat()
    }
  }

  /// The type of a value as it was made.
  func storedType(of value: ValueID) -> DataType { tensors[value]?.first?.type ?? .f32 }

  /// The 8-bit form of a value: the one it has, else that of its calibrated range; `nil` where
  /// there was no calibration.
  func quantized(_ value: ValueID) -> NumberFormat? {
    if let tensor = tensors[value]?.first(where: { $0.type.isQuantized }) { return tensor.format }
    return ranges?.format(of: value)
  }

  /// What a value means in an 8-bit type that it is brought to from a tensor; `nil` where nothing says.
  func quantized(_ value: ValueID, as type: DataType, from source: Tensor) -> NumberFormat? {
    if source.type == type { return source.format }
    guard ownsScales else { return ranges?.format(of: value, as: type) }
    guard source.type == .u8, type == .s8 else { return nil }
    return NumberFormat(type: .s8, scale: source.scale, zeroPoint: source.zeroPoint - 128)
  }

  /// Whether every reader of a value wants f32, so that a narrower form would only be widened.
  private func isReadAsF32(_ value: ValueID) -> Bool {
    flow.readers[value].allSatisfy { program.instructions[$0].operation.traits.place == .host }
  }
}
