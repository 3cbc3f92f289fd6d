/// One place of a model where an operator stands that ntprof has no layer for.
struct UnsupportedUse {
  let type: String
  let title: String
  let place: String
  let reason: String
  let macs: Int

  init(_ node: OperatorNode, _ reason: String, macs: Int) {
    type = node.domain.isEmpty ? node.type : "\(node.domain).\(node.type)"
    title = node.title
    place = node.place
    self.reason = reason
    self.macs = macs
  }

  /// What a model has that is not supported: operators, how often, where, and their part of the
  /// multiply-adds.
  static func message(_ uses: [UnsupportedUse], known macs: Int) -> String {
    var groups: [String: [UnsupportedUse]] = [:]
    var order: [String] = []
    for use in uses {
      let key = use.reason.isEmpty ? use.type : "\(use.type): \(use.reason)"
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(use)
    }
    let lost = uses.reduce(0) { $0 + $1.macs }
    let lines = order.map { key -> String in
      let group = groups[key] ?? []
      let names = group.prefix(4).map { "'\($0.title)' (\($0.place))" }.joined(separator: ", ")
      let more = group.count > 4 ? " and \(group.count - 4) more" : ""
      return "\n  \(key): \(group.count)× at \(names)\(more)"
    }
    let share =
      lost + macs > 0 && lost > 0
      ? "; they stand for \(percent(lost, of: lost + macs)) of the multiply-adds"
      : "; none of them counts multiply-adds"
    let noun = uses.count == 1 ? "1 operator" : "\(uses.count) operators"
    return "\(noun) of the model cannot be run\(share):" + lines.joined()
  }

  private static func percent(_ part: Int, of whole: Int) -> String {
    let tenths = (Double(part) / Double(whole) * 1000).rounded() / 10
    return "\(tenths) %"
  }
}
