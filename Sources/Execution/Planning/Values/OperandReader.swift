import DNNL
import Measuring
import Topology

/// Brings values into the form in which an instruction reads them: number type, memory format, dims.
///
/// A form that is there already takes no step; any other is a reorder, done once for all readers.
struct OperandReader {
  let flow: Dataflow
  let table: ValueTable
  let numbers: NumberPolicy
  let emitter: Emitter
  /// What a search assigned to the network as a whole; `nil` where none did.
  let layouts: Layouts?

  /// A value as it was made.
  func tensor(of value: ValueID) throws(DNNLError) -> Tensor { try table.tensor(of: value) }

  /// A value in the given memory format, reordered if it does not lie so already.
  func tensor(of value: ValueID, as descriptor: MemoryDescriptor) throws(DNNLError) -> Tensor {
    let forms = table.forms(of: value)
    if let match = forms.first(where: { $0.descriptor == descriptor }) { return match }
    let type = descriptor.dataType ?? .f32
    if let alike = forms.first(where: { $0.descriptor.lies(as: descriptor) }) {
      let view = alike.viewed(as: descriptor)
      table.add(view: view, as: value)
      return view
    }
    // Of several forms the one of the same type needs no conversion.
    let alike = forms.first { $0.type == type }
    let source = if let alike { alike } else { try tensor(of: value) }
    var format = NumberFormat(type: type)
    if type.isQuantized {
      guard let known = numbers.quantized(value, as: type, from: source) else {
        throw DNNLError(
          call: "8-bit form of a value without a finite range", status: .unimplemented)
      }
      format = known
    }
    // A constant is brought into the format once.
    return try emitter.folding(if: table.constant(source) != nil) { () throws(DNNLError) in
      let copy = try emitter.movedBuffer(descriptor, as: format)
      table.add(copy, as: value)
      try emitter.emitReorder(from: source, to: copy, sources: [])
      return copy
    }
  }

  /// A value in a type, in the memory format it has already.
  func tensor(of value: ValueID, type: DataType) throws(DNNLError) -> Tensor {
    if let match = table.forms(of: value).first(where: { $0.type == type }) { return match }
    let source = try tensor(of: value)
    return try tensor(of: value, as: MemoryDescriptor.alike(source.descriptor, type))
  }

  /// A value as an instruction should read it: in the format assigned to it, else as it was made.
  func tensor(of value: ValueID, for instruction: Int, type: DataType) throws(DNNLError) -> Tensor {
    guard let wanted = try assigned(value, instruction, type) else {
      return try tensor(of: value, type: type)
    }
    return try tensor(of: value, as: wanted)
  }

  /// A value in plain order.
  func plainTensor(of value: ValueID, _ type: DataType = .f32) throws(DNNLError) -> Tensor {
    try tensor(of: value, as: MemoryDescriptor(flow.dims(value), type))
  }

  /// A value in plain order under other dims.
  func plainView(of value: ValueID, dims: [Int], _ type: DataType = .f32) throws(DNNLError)
    -> Tensor
  {
    let plain = try plainTensor(of: value, type)
    return dims == flow.dims(value) ? plain : try plain.viewed(dims)
  }

  /// The first type that oneDNN has generated code for in some format, else f32, and the format;
  /// `nil` where there are but reference loops in all of them.
  ///
  /// Notes why the wanted type was not taken. `isGood` judges implementations by their names.
  func chooseForm(
    of value: ValueID, for instruction: Int, _ types: [DataType], moves: Bool = true,
    isGood: (String) -> Bool = { Implementation.quality($0) > 0 },
    _ make: (MemoryDescriptor) throws(DNNLError) -> PrimitiveDescriptor
  ) throws(DNNLError) -> (type: DataType, form: MemoryDescriptor?) {
    for type in types {
      var isImplemented = false
      for form in try forms(of: value, for: instruction, type, moves: moves) {
        do throws(DNNLError) {
          if isGood(try make(form).implementation) { return (type, form) }
          isImplemented = true
        } catch {
          guard error.isRefusal else { throw error }
        }
      }
      if type == .f32 { break }
      numbers.note(
        isImplemented
          ? "oneDNN has only reference loops in \(type.rawValue)"
          : "oneDNN has no \(type.rawValue) implementation")
    }
    return (.f32, nil)
  }

  /// The formats in which a value can be read, those first that take no reorder: as it lies, in
  /// plain order, and, where `moves` says so, with the channels last and in blocks of channels.
  private func forms(of value: ValueID, for instruction: Int, _ type: DataType, moves: Bool)
    throws(DNNLError) -> [MemoryDescriptor]
  {
    let extents = flow.dims(value)
    var forms: [MemoryDescriptor] = []
    if let assigned = try assigned(value, instruction, type) { forms.append(assigned) }
    for tensor in table.forms(of: value) {
      forms.append(try MemoryDescriptor.alike(tensor.descriptor, type))
    }
    for format in moves ? OperandReader.formats(rank: extents.count) : [.plain] {
      forms.append(try MemoryDescriptor(extents, type, format))
    }
    return forms
  }

  /// The format assigned to what an instruction reads; `nil` where none was.
  private func assigned(_ value: ValueID, _ instruction: Int, _ type: DataType)
    throws(DNNLError) -> MemoryDescriptor?
  {
    guard let format = layouts?.format(of: instruction), format.count > 2 else { return nil }
    return try MemoryDescriptor.named(flow.dims(value), format, type)
  }

  /// Plain order and, for images, channels last and in blocks of a vector.
  static func formats(rank: Int) -> [MemoryFormat] {
    guard (3...5).contains(rank) else { return [.plain] }
    let letters = String("abcde".prefix(rank))
    let rest = letters.dropFirst(2)
    return [.plain]
      + ["a\(rest)b", "aB\(rest)\(ConvolutionForms.vector)b"].compactMap {
        MemoryFormat($0, rank: rank)
      }
  }
}
