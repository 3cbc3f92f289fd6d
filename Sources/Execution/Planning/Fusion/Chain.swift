import DNNL
import Measuring
import Topology

/// One instruction that could be fused into the step before it.
struct Link {
  enum Action {
    /// What the network itself rounds the result to; nothing is fused behind it.
    case quantize(OwnQuantization.Run)
    /// A batch normalisation, into weights and bias.
    case fold
    /// A function of every element.
    case eltwise(Eltwise)
    /// A second operand, made before.
    case binary(BinaryKind, ValueID)
  }

  let instruction: Int
  let action: Action

  /// All instructions that it stands for, in order.
  var instructions: [Int] {
    if case .quantize(let run) = action { run.instructions } else { [instruction] }
  }
}

/// Finds what could run as part of a step: chains of instructions, each the only reader of the one
/// before.
struct ChainFinder {
  let flow: Dataflow
  let table: ValueTable
  let loader: ConstantLoader
  let numbers: NumberPolicy
  /// Whether anything is fused at all.
  let isOn: Bool
  /// How many instructions of each layer compute something.
  private let instructionsOfLayer: [Int: Int]

  init(
    _ flow: Dataflow, _ table: ValueTable, _ loader: ConstantLoader, _ numbers: NumberPolicy,
    isOn: Bool
  ) {
    self.flow = flow
    self.table = table
    self.loader = loader
    self.numbers = numbers
    self.isOn = isOn
    var counts: [Int: Int] = [:]
    let views = numbers.views
    for (index, instruction) in flow.program.instructions.enumerated()
    where !table.isPlanned(index) && !flow.isConstant[instruction.output]
      && !views.contains(index)
    {
      counts[instruction.layer, default: 0] += 1
    }
    instructionsOfLayer = counts
  }

  /// The instructions that could run as part of `anchor`, each the only reader of the one before.
  ///
  /// Batch normalisations right behind it can be folded along `channelAxis` of its result; `nil`
  /// when they cannot.
  ///
  /// `quantizes` says whether it may end with what the network itself rounds to.
  ///
  /// No longer than oneDNN's list of post-ops may be, so that planning is linear in instructions.
  func chain(from anchor: Int, channelAxis: Int?, quantizes: Bool = false) -> [Link] {
    guard isOn else { return [] }
    var links: [Link] = []
    var value = flow.program.instructions[anchor].output
    let shape = flow.dims(value)
    while links.count < PrimitiveAttributes.maximumPostOps,
      let reader = flow.onlyReader(of: value), !table.isPlanned(reader)
    {
      let instruction = flow.program.instructions[reader]
      if let run = numbers.ownRun(from: reader) {
        if quantizes { links.append(Link(instruction: reader, action: .quantize(run))) }
        break
      }
      guard let action = action(of: reader, on: value, shape: shape) else { break }
      if case .fold = action {
        // A folded normalisation changes the weights, so nothing may stand between.
        let isFirst = links.allSatisfy { if case .fold = $0.action { true } else { false } }
        let type = flow.program.values[value]
        guard isFirst, let channelAxis, channelAxis == type.layout.channelAxis ?? 1 else { break }
      }
      if case .eltwise(let eltwise) = action, contradicts(eltwise, links) { break }
      links.append(Link(instruction: reader, action: action))
      value = instruction.output
    }
    return links
  }

  /// The lengths of prefixes of a chain that leave no layer half fused, longest first.
  func lengths(of links: [Link], anchor: Int) -> [Int] {
    let home = flow.program.instructions[anchor].layer
    return (0...links.count).reversed().filter { length in
      var counts: [Int: Int] = [:]
      for instruction in links.prefix(length).flatMap(\.instructions) {
        counts[flow.program.instructions[instruction].layer, default: 0] += 1
      }
      return counts.allSatisfy { layer, count in layer == home || count == workload(of: layer) }
    }
  }

  /// How many instructions of a layer compute something.
  private func workload(of layer: Int) -> Int {
    instructionsOfLayer[layer] ?? 0
  }

  /// Whether a chain holds the same function with other numbers.
  ///
  /// The second one would take the numbers of the first: ``Quirk/oneGeneratorAFunction``.
  private func contradicts(_ eltwise: Topology.Eltwise, _ links: [Link]) -> Bool {
    guard Quirk.oneGeneratorAFunction.holds else { return false }
    return links.contains { link in
      if case .eltwise(let other) = link.action {
        return other.kind == eltwise.kind && other != eltwise
      }
      return false
    }
  }

  private func action(of reader: Int, on value: ValueID, shape: [Int]) -> Link.Action? {
    let instruction = flow.program.instructions[reader]
    guard flow.dims(instruction.output) == shape else { return nil }
    switch instruction.operation.traits.fusion {
    case .eltwise(let eltwise): return .eltwise(eltwise)
    case .slope: return loader.sharedSlope(of: reader).map { .eltwise($0) }
    case .intoWeights: return .fold
    case .binary(let kind):
      let isFirst = flow.input(0, of: reader) == value
      let other = flow.input(isFirst ? 1 : 0, of: reader)
      let commutes = kind.exchanged == kind
      guard isFirst || commutes, !kind.isComparison, table.made(other) != nil,
        flow.dims(other).count == shape.count
      else {
        return nil
      }
      return .binary(kind, other)
    case .none: return nil
    }
  }
}
