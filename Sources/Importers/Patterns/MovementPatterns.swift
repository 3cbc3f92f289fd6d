import Topology

extension Patterns {
  /// The end of a value along an axis before the rest of it.
  ///
  /// Elements go over an end and come in at the other one. Those along several axes are one.
  static func roll(_ graph: DraftGraph, _ index: Int) -> Draft? {
    let draft = graph.drafts[index]
    guard draft.element == "concat", draft.operands.count == 2,
      let axis = draft.attributes["axis"].flatMap({ Int($0) }),
      let end = graph.element(draft.operands[0], "slice"),
      let rest = graph.element(draft.operands[1], "slice"), end.operands == rest.operands,
      end.attributes["axes"] == String(axis), rest.attributes["axes"] == String(axis),
      end.attributes["steps"] == nil, rest.attributes["steps"] == nil,
      rest.attributes["starts"] == "0",
      let cut = rest.attributes["ends"].flatMap({ Int($0) }),
      end.attributes["starts"] == String(cut),
      end.type.dims[axis] + rest.type.dims[axis] == draft.type.dims[axis]
    else { return nil }
    var (axes, shifts) = (String(axis), String(draft.type.dims[axis] - cut))
    var source = end.operands[0]
    // Read twice, by the two parts.
    if let before = graph.maker(source), graph.uses[before] == 2,
      graph.drafts[before].element == "roll", let first = graph.drafts[before].attributes["axes"],
      let by = graph.drafts[before].attributes["shifts"]
    {
      (axes, shifts) = ("\(first),\(axes)", "\(by),\(shifts)")
      source = graph.drafts[before].operands[0]
    }
    return graph.draft("roll", ["axes": axes, "shifts": shifts], [source], insteadOf: index)
  }
}
