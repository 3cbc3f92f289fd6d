import DNNL
import Measuring
import Topology

/// What the values of a program lie between, as a calibration saw them.
struct ValueRanges {
  private var low: [Float]
  private var high: [Float]
  /// A value that shares its scale with each one, found by following to one that is itself.
  private var shared: [ValueID]

  /// No ranges yet, of as many values.
  init(_ program: Program, _ flow: Dataflow) {
    low = Array(repeating: .infinity, count: program.values.count)
    high = Array(repeating: -.infinity, count: program.values.count)
    shared = flow.canonical
    for instruction in program.instructions where instruction.operation.traits.sharesScale {
      for input in instruction.inputs { unite(input, instruction.output) }
    }
  }

  /// Widens the range of a value.
  mutating func add(_ value: ValueID, _ data: UnsafeBufferPointer<Float>) {
    let root = root(of: value)
    var (least, most) = (low[root], high[root])
    for number in data {
      least = min(least, number)
      most = max(most, number)
    }
    (low[root], high[root]) = (least, most)
  }

  /// The 8-bit form of a value: unsigned where it is nowhere negative; `nil` where it was not seen
  /// or is not finite.
  func format(of value: ValueID) -> NumberFormat? {
    format(of: value, as: low[root(of: value)] >= 0 ? .u8 : .s8)
  }

  /// A value in one of the 8-bit types; zero is stored as 0.
  func format(of value: ValueID, as type: DataType) -> NumberFormat? {
    guard let bounds = bounds(of: value) else { return nil }
    let magnitude = max(abs(bounds.low), abs(bounds.high))
    let largest: Float = type == .u8 ? 255 : 127
    return NumberFormat(type: type, scale: magnitude > 0 ? magnitude / largest : 1)
  }

  /// The ends of a value's range; `nil` where it was not seen or is not finite.
  func bounds(of value: ValueID) -> (low: Float, high: Float)? {
    let root = root(of: value)
    guard low[root] <= high[root], low[root].isFinite, high[root].isFinite else { return nil }
    return (low[root], high[root])
  }

  private func root(of value: ValueID) -> ValueID {
    var value = value
    while shared[value] != value { value = shared[value] }
    return value
  }

  private mutating func unite(_ a: ValueID, _ b: ValueID) {
    let (first, second) = (root(of: a), root(of: b))
    // The older value stands for both, so that chains stay short.
    shared[max(first, second)] = min(first, second)
  }
}
