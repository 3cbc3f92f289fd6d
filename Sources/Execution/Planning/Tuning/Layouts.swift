import DNNL
import Measuring
import Topology

/// Which implementation and memory formats every instruction should use, for the network as a whole.
///
/// The fastest convolution of each layer is not the fastest network: Winograd wants blocks of
/// channels, small matrix products want channels last, a residual must lie as the sum that it is
/// added to, and every disagreement is a reorder. The choices are the implementations that a survey
/// timed, at the places that have some, and the known formats elsewhere; the pairs cost the reorder
/// between them. A value that several readers want reordered in the same way is charged for each.
struct Layouts {
  /// The choice at each place that a survey timed, by anchor.
  private var implementations: [Int: TunedImplementation] = [:]
  /// The format that other instructions should read and write, in oneDNN's letters.
  private var formats: [Int: String] = [:]

  /// The format an instruction should read and write; `nil` where nothing was assigned.
  func format(of instruction: Int) -> String? { formats[instruction] }

  /// The assigned one of several implementations; `nil` where none was assigned.
  func implementation(of anchor: Int, among known: [TunedImplementation]) -> TunedImplementation? {
    guard let wanted = implementations[anchor] else { return nil }
    return known.first(where: wanted.isSame)
  }
}

extension Layouts {
  /// One way of running an instruction.
  private struct Choice {
    let source: String
    let result: String
    var cost = 0.0
    var implementation: TunedImplementation?
  }

  /// Finds the cheapest choices for a program that was surveyed.
  init(
    _ flow: Dataflow, _ survey: [SurveyedSite], _ movements: MovementTimes
  ) throws(DNNLError) {
    let program = flow.program
    var nodes: [[Choice]] = []
    var producer: [ValueID: Int] = [:]
    var anchors: [Int] = []
    let sites = Dictionary(uniqueKeysWithValues: survey.map { ($0.anchor, $0) })
    let absorbed = Set(survey.flatMap(\.fused))
    let known = Layouts.knownFormats(flow, survey)
    for (index, instruction) in program.instructions.enumerated() where !absorbed.contains(index) {
      if case .identity = instruction.operation { continue }
      if flow.isConstant[instruction.output] { continue }
      let site = sites[index]
      anchors.append(index)
      let last = site?.fused.last ?? index
      producer[program.instructions[last].output] = nodes.count
      nodes.append(try Layouts.choices(of: index, site, known, flow, movements))
    }
    // What leaves the network, or came into it, lies in plain order.
    for value in Set(program.outputs.map { flow.canonical[$0] }) {
      guard let node = producer[value] else { continue }
      let dims = flow.dims(value)
      let plain = Layouts.plain(dims.count)
      for choice in nodes[node].indices {
        nodes[node][choice].cost += try movements.reorder(
          dims, from: nodes[node][choice].result, to: plain)
      }
    }
    var assignment = Assignment(costs: nodes.map { $0.map(\.cost) })
    for (node, anchor) in anchors.enumerated() {
      for (value, readsAsResult) in Layouts.reads(of: anchor, sites[anchor], flow) {
        if flow.isConstant[value] { continue }
        let dims = flow.dims(value)
        guard let maker = producer[value] else {
          let plain = Layouts.plain(dims.count)
          let costs = try nodes[node].map { (choice) throws(DNNLError) in
            try movements.reorder(
              dims, from: plain, to: readsAsResult ? choice.result : choice.source)
          }
          assignment.charge(node, costs)
          continue
        }
        let costs = try nodes[maker].map { (made) throws(DNNLError) in
          try nodes[node].map { (choice) throws(DNNLError) in
            try movements.reorder(
              dims, from: made.result, to: readsAsResult ? choice.result : choice.source)
          }
        }
        assignment.connect(maker, node) { costs[$0][$1] }
      }
    }
    let solution = assignment.solve()
    for (node, anchor) in anchors.enumerated() {
      let choice = nodes[node][solution.choices[node]]
      if let implementation = choice.implementation {
        implementations[anchor] = implementation
      } else if nodes[node].count > 1 {
        formats[anchor] = choice.result
      }
    }
  }

  /// The formats that implementations in the program use, by number of dimensions.
  private static func knownFormats(_ flow: Dataflow, _ survey: [SurveyedSite]) -> [Int: [String]] {
    var known: [Int: [String]] = [:]
    for site in survey {
      let rank = flow.dims(flow.program.instructions[site.anchor].output).count
      for format in site.candidates.map(\.result)
      where !known[rank, default: []].contains(format) && MemoryFormat(format, rank: rank) != nil {
        known[rank, default: []].append(format)
      }
    }
    return known
  }

  private static func choices(
    of index: Int, _ site: SurveyedSite?, _ known: [Int: [String]], _ flow: Dataflow,
    _ movements: MovementTimes
  ) throws(DNNLError) -> [Choice] {
    let instruction = flow.program.instructions[index]
    if let site {
      let isImage = flow.dims(site.source).count == flow.dims(instruction.output).count
      return site.candidates.map { entry in
        Choice(
          source: isImage ? entry.source : Layouts.plain(flow.dims(site.source).count),
          result: entry.result, cost: entry.time ?? .infinity, implementation: entry)
      }
    }
    let rank = flow.dims(instruction.output).count
    if instruction.operation.traits.keepsFormat, let formats = known[rank], rank > 2 {
      return try formats.map { (format) throws(DNNLError) in
        Choice(
          source: format, result: format, cost: try movements.joining(of: index, in: format))
      }
    }
    let source = instruction.inputs.first.map { flow.dims($0).count } ?? rank
    return [Choice(source: Layouts.plain(source), result: Layouts.plain(rank))]
  }

  /// The values an instruction reads that can lie in another format than it wants, and whether it
  /// wants them to lie as its result.
  private static func reads(
    of index: Int, _ site: SurveyedSite?, _ flow: Dataflow
  ) -> [(ValueID, Bool)] {
    if let site { return [(site.source, false)] + site.operands.map { ($0, true) } }
    let instruction = flow.program.instructions[index]
    let rank = flow.dims(instruction.output).count
    let values = instruction.inputs.map { flow.canonical[$0] }
    guard instruction.operation.traits.keepsFormat else { return values.map { ($0, false) } }
    // Broadcast operands are small, and wanted in plain order anyway.
    let whole = flow.dims(instruction.output)
    return values.filter { value in
      let dims = flow.dims(value)
      if case .binary = instruction.operation { return dims == whole }
      return dims.count == rank
    }.map { ($0, false) }
  }

  /// Row-major order in oneDNN's letters.
  static func plain(_ rank: Int) -> String { String("abcdefghijkl".prefix(rank)) }
}
