import DNNL
import Measuring
import Topology

/// In which memory format an operation reads its source: one for which oneDNN has more than
/// reference loops.
extension Planner {
  /// The formats in which a value can be read, those first that take no reorder: as it lies, in
  /// plain order, and, where `moves` says so, with the channels last and in blocks of channels.
  func forms(of value: ValueID, for instruction: Int, _ type: DataType, moves: Bool = true)
    throws(DNNLError) -> [MemoryDescriptor]
  {
    let extents = dims(value)
    var forms: [MemoryDescriptor] = []
    if let format = layouts?.format(of: instruction), format.count > 2,
      let assigned = try Planner.descriptor(extents, format, type)
    {
      forms.append(assigned)
    }
    for tensor in tensors[value, default: []] {
      forms.append(try Planner.alike(tensor.descriptor, type))
    }
    for format in moves ? Planner.formats(rank: extents.count) : [.plain] {
      forms.append(try MemoryDescriptor(extents, type, format))
    }
    return forms
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

  /// The first type that oneDNN has generated code for in some format, else f32, and the format;
  /// `nil` where there are but reference loops in all of them.
  ///
  /// Notes why the wanted type was not taken. `isGood` judges implementations by their names.
  func chooseForm(
    of value: ValueID, for instruction: Int, _ types: [DataType], moves: Bool = true,
    isGood: (String) -> Bool = { Planner.quality($0) > 0 },
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
      reasonForF32 =
        isImplemented
        ? "oneDNN has only reference loops in \(type.rawValue)"
        : "oneDNN has no \(type.rawValue) implementation"
    }
    return (.f32, nil)
  }
}
