import DNNL
import Measuring

/// How the elements of a tensor follow one another in memory that holds nothing else: its dimensions
/// as they lie, those cut into blocks more than once.
struct PhysicalOrder: Equatable {
  /// One run along a dimension: how many steps, and how far each goes along it.
  struct Run: Hashable {
    let axis: Int
    let count: Int
    /// The index of the dimension grows by so much at each step.
    let step: Int
  }

  /// The runs, outermost first; none of them is of one step.
  let runs: [Run]

  /// The order that a format of oneDNN's letters names, such as `acdb` or `aBcd16b`; `nil` for one
  /// with padding, or without a name.
  init?(_ descriptor: MemoryDescriptor) {
    let dims = descriptor.dims
    guard descriptor.size == descriptor.logicalBytes,
      let runs = PhysicalOrder.runs(of: descriptor.format, dims)
    else { return nil }
    self.runs = runs
  }

  private static func runs(of format: String, _ dims: [Int]) -> [Run]? {
    // Blocks, outermost first: the digits before a letter are its extent.
    var parts: [(axis: Int, block: Int?)] = []
    var digits = ""
    for character in format {
      if character.isNumber {
        digits.append(character)
        continue
      }
      guard let code = character.lowercased().utf8.first, code >= 97,
        dims.indices.contains(Int(code) - 97), digits.isEmpty || Int(digits) != nil
      else { return nil }
      parts.append((Int(code) - 97, Int(digits)))
      digits = ""
    }
    var runs: [Run] = []
    var isNamed = Set<Int>()
    for (place, part) in parts.enumerated() {
      let inside = parts[(place + 1)...].filter { $0.axis == part.axis }
      let step = inside.reduce(1) { $0 * ($1.block ?? 0) }
      if part.block == nil, !isNamed.insert(part.axis).inserted { return nil }
      guard step > 0 else { return nil }
      let count = part.block ?? dims[part.axis] / step
      // What an outermost run does not divide would be padded.
      if part.block == nil, count * step != dims[part.axis] { return nil }
      if count == 1 { continue }
      if let last = runs.last, last.axis == part.axis, last.step == count * step {
        runs[runs.count - 1] = Run(axis: part.axis, count: last.count * count, step: step)
      } else {
        runs.append(Run(axis: part.axis, count: count, step: step))
      }
    }
    return isNamed.count == dims.count ? runs : nil
  }
}

extension MemoryDescriptor {
  /// Whether the elements lie at the same places under another descriptor of the same dims and type.
  ///
  /// oneDNN tells apart formats that differ only where there is but one element: channels of an image
  /// of one pixel lie alike in plain order, last and in blocks.
  func lies(as other: MemoryDescriptor) -> Bool {
    if self == other { return true }
    guard dims == other.dims, dataType == other.dataType, size == other.size,
      let own = PhysicalOrder(self)
    else { return false }
    return own == PhysicalOrder(other)
  }
}
