public import Profiling

extension ImportedProfile {
  /// The same times in the rows of a model's layers.
  ///
  /// Layers pair in their order where kind, first input, output and multiply-adds agree, or the kind alone
  /// where the file tells no shapes; what is left pairs in any order by the same, then by name or by kind and
  /// output. What finds no layer goes to no row, and a warning says how much that is.
  public func matched(to model: [LayerRecord]) -> ImportedProfile {
    var owner = pairs(model)
    var taken = Set(owner.compactMap(\.self))
    func pair(_ isPartner: (LayerRecord, LayerRecord) -> Bool) {
      for row in rows.indices where owner[row] == nil {
        guard
          let layer = model.indices.first(where: {
            !taken.contains($0) && isPartner(rows[row].layer, model[$0])
          })
        else { continue }
        owner[row] = layer
        taken.insert(layer)
      }
    }
    pair { $0.macs > 0 && Work($0) == Work($1) }
    pair { $0.name == $1.name }
    pair {
      $0.macs == 0 && $1.macs == 0 && $0.kind == $1.kind && !$0.outputShape.isEmpty
        && $0.outputShape == $1.outputShape
    }
    // An element-wise node of its own belongs to the layer before that makes the same shape.
    for row in rows.indices where owner[row] == nil {
      let layer = rows[row].layer
      guard ["activation", "batch-norm", "add", "mul", "reshape", "softmax"].contains(layer.kind),
        let before = rows[..<row].indices.last(where: { owner[$0] != nil })
      else { continue }
      if layer.outputShape.isEmpty || layer.kind == "reshape"
        || model[owner[before] ?? 0].outputShape == layer.outputShape
      {
        owner[row] = owner[before]
      }
    }
    // Engines run a node a direction where the model has one layer.
    for row in rows.indices.dropFirst() where owner[row] == nil {
      guard let layer = owner[row - 1], ["lstm", "gru", "rnn"].contains(rows[row].layer.kind),
        rows[row].layer.kind == model[layer].kind, rows[row - 1].layer.kind == model[layer].kind
      else { continue }
      owner[row] = layer
    }
    return merged(model, owner)
  }

  /// What a layer multiplies.
  private struct Work: Hashable {
    var kind: String
    var input: Int
    var output: Int
    var macs: Int

    init(_ layer: LayerRecord) {
      kind = layer.kind
      input = layer.inputShapes.first?.elementCount ?? 1
      output = layer.outputShape.elementCount
      macs = layer.macs
    }
  }

  /// The layer of the model that each row pairs with in order.
  private func pairs(_ model: [LayerRecord]) -> [Int?] {
    var owner = [Int?](repeating: nil, count: rows.count)
    let own = rows.map { row in
      var layer = row.layer
      // Numbers that were given here mean nothing to the model.
      if origin.format == "onednn-verbose" { layer.name = "@" + layer.name }
      return layer
    }
    for pair in LayerAlignment(baseline: own, candidate: model).pairs {
      guard let row = pair.baseline, let layer = pair.candidate else { continue }
      switch pair.change {
      case .same, .renamed, .similar: owner[row] = layer
      case .resized, .replaced, .added, .removed: continue
      }
    }
    return owner
  }

  private func merged(_ model: [LayerRecord], _ owner: [Int?]) -> ImportedProfile {
    var result = self
    result.rows = model.map { Row(layer: $0, parts: []) }
    var lost: [Row] = []
    for (row, layer) in zip(rows, owner) {
      if let layer {
        result.rows[layer].parts += row.parts
        if result.rows[layer].layer.precision != row.layer.precision, row.layer.macs > 0 {
          result.rows[layer].layer.precision = row.layer.precision
        }
      } else {
        lost.append(row)
      }
    }
    markUntimed(&result)
    let all = rows.map(\.samples)
    let count = all.filter { !$0.isEmpty }.map(\.count).min() ?? 0
    if result.passes == nil {
      result.passes = (0..<count).map { pass in
        all.reduce(0) { $0 + ($1.isEmpty ? 0 : $1[pass]) }
      }
    }
    guard !lost.isEmpty else { return result }
    let median: (Row) -> Double = {
      $0.samples.isEmpty ? 0 : TimeSummary(samples: $0.samples).median
    }
    let sum = lost.reduce(0) { $0 + median($1) }
    let whole = rows.reduce(0) { $0 + median($1) }
    let names = lost.sorted { median($0) > median($1) }.prefix(6).map(\.layer.name)
    let more = lost.count > names.count ? "…" : ""
    result.warnings.append(
      Warning(
        code: "unmatched",
        message: "\(lost.count) of \(rows.count) rows of the file match no layer of the model "
          + "(\(whole > 0 ? Int((sum / whole * 100).rounded()) : 0) % of the time; "
          + names.joined(separator: ", ") + more + ")",
        remedy: "import without --model to see them"))
    return result
  }

  /// Layers without a time: computed by the one before that has one, or not in the file.
  private func markUntimed(_ result: inout ImportedProfile) {
    var host: String?
    for index in result.rows.indices {
      let layer = result.rows[index].layer
      if !result.rows[index].parts.isEmpty {
        host = layer.name
      } else if layer.macs == 0, let host {
        result.rows[index].layer.fusedInto = host
      } else {
        result.rows[index].layer.untimed = .notMeasured
      }
    }
  }
}
