import Topology
import XMLTree

extension Expander {
  /// An operand as the builder takes it.
  private enum Operand {
    case reference(Reference)
    /// `@input…` of the layer itself, which the builder resolves.
    case own(String)
  }

  /// Reads a `<layer>` and adds it to the graph, unless it or what it reads has an error.
  mutating func readLayer(_ element: XMLElement) {
    layerCount += 1
    guard layerCount <= options.maximumLayers else {
      return stop(
        at: element.position, "the topology expands to more than \(options.maximumLayers) layers")
    }
    let place = place
    guard let attribute = element.attribute("name"), let name = fullName(attribute, at: place)
    else {
      names.isIncomplete = true
      current = .failed("")
      return
    }
    let isNew = claim(name, by: attribute)
    var reads: [String] = []
    let inputs = inputs(of: element, named: name, at: place, reads: &reads)
    var specs: [GraphBuilder.PrimitiveSpec] = []
    var isComplete = true
    for child in element.children {
      guard let condition = evaluator.condition(of: child, at: place) else {
        isComplete = false
        continue
      }
      guard condition else { continue }
      if let spec = primitive(child, of: name, at: place, reads: &reads) {
        specs.append(spec)
      } else {
        isComplete = false
      }
    }
    var sharing = Sharing()
    if !resolveWeights(of: element, named: name, at: place, into: &sharing) { isComplete = false }
    pending.note(reader: name, reads: reads)
    guard isNew else {
      current = .failed(name)
      return
    }
    let isBuilt =
      isComplete && inputs.map { add(element, name, $0, specs, sharing, at: place) } ?? false
    let result = isBuilt ? Reference.value(name) : .failed(name)
    names.settle(name, result)
    settleStates(of: name, isBuilt: isBuilt, by: attribute)
    current = result
  }

  /// What a layer gives beside its output has names, too.
  private mutating func settleStates(of name: String, isBuilt: Bool, by attribute: XMLAttribute) {
    guard isBuilt else {
      for state in kinds.states { names.settle("\(name).\(state)", .failed(name)) }
      return
    }
    for state in builder.lastStates where claim(state, by: attribute) {
      names.settle(state, .value(state))
    }
  }

  /// The layer whose weights a layer takes.
  private struct Sharing {
    var layer: String?
    /// Whether the whole use shares, so that layers without weights have nothing to do with it.
    var isPartOfBlock = false
  }

  /// Finds whose weights a layer takes; `false` once the reason why there are none was reported.
  private mutating func resolveWeights(
    of element: XMLElement, named name: String, at place: Place, into sharing: inout Sharing
  ) -> Bool {
    if element.attribute("weights") != nil {
      guard let word = sharedWord(of: element, at: place) else { return true }
      guard let reference = resolve(word, of: name, at: place), !reference.isFailed else {
        return false
      }
      sharing.layer = reference.name
      return true
    }
    guard let block = place.block, let shared = block.shared else { return true }
    let other = shared + name.dropFirst(block.prefix.count)
    guard case .value(let found)? = names[other] else {
      if names[other] == nil {
        evaluator.report(
          element.position, "no layer '\(other)' stands above, whose weights are shared", at: place)
      }
      return false
    }
    sharing.layer = found
    sharing.isPartOfBlock = true
    return true
  }

  /// A name as written inside a block, with the use's prefix; `nil` once the reason was reported.
  mutating func fullName(_ attribute: XMLAttribute, at place: Place) -> String? {
    guard let text = evaluator.text(attribute, at: place) else { return nil }
    if let fault = GraphBuilder.fault(inName: text) {
      evaluator.report(attribute.position, fault, at: place)
      return nil
    }
    guard let block = place.block else { return text }
    evaluator.spend(block.prefix.utf8.count, at: attribute.position)
    return block.prefix + "/" + text
  }

  private mutating func add(
    _ element: XMLElement, _ name: String, _ inputs: [String],
    _ specs: [GraphBuilder.PrimitiveSpec], _ sharing: Sharing, at place: Place
  ) -> Bool {
    do throws(GraphError) {
      try builder.addLayer(
        name: name, inputs: inputs, primitives: specs, weights: sharing.layer,
        isPartOfBlock: sharing.isPartOfBlock,
        location: evaluator.log.location(element.position))
      return true
    } catch {
      let culprit =
        element.children.first { evaluator.log.location($0.position) == error.location } ?? element
      let attribute = error.attribute.flatMap { culprit.attribute($0) }
      evaluator.report(
        attribute?.position ?? culprit.position, "layer '\(name)': \(error.message)", at: place)
      return false
    }
  }

  /// The values a layer takes; `nil` when one of them is wrong or failed.
  private mutating func inputs(
    of element: XMLElement, named name: String, at place: Place, reads: inout [String]
  ) -> [String]? {
    if let attribute = element.attribute("inputs") {
      return references(attribute, of: name, isWith: false, at: place, reads: &reads)
    }
    guard let input = defaultInput(for: element, at: place) else { return nil }
    reads.append(input.name)
    return input.isFailed ? nil : [input.name]
  }

  /// What an element without `inputs` takes: the layer before it, else the only input.
  private mutating func defaultInput(for element: XMLElement, at place: Place) -> Reference? {
    if let current { return current }
    if let input = onlyInput { return input }
    let known = inputCount + inputsAhead
    if !names.isIncomplete, known != 0 {
      let why =
        known > 1
        ? "there are several inputs; say which with 'inputs'" : "no <input> stands above"
      evaluator.report(element.position, why, at: place)
    }
    return nil
  }

  private mutating func primitive(
    _ element: XMLElement, of layer: String, at place: Place, reads: inout [String]
  ) -> GraphBuilder.PrimitiveSpec? {
    let read = PrimitiveReader.kind(
      of: element, at: place, kinds: kinds, evaluator: &evaluator)
    var with: [String]? = []
    let naming = ["with"] + (kinds.schema(of: element.name)?.naming ?? [])
    for attribute in naming.compactMap({ element.attribute($0) }) {
      // An operand that a condition leaves empty is not there.
      if attribute.name != "with", Template.isExpression(attribute.value),
        evaluator.words(attribute, at: place)?.isEmpty == true
      {
        continue
      }
      let names = references(attribute, of: layer, isWith: true, at: place, reads: &reads)
      if attribute.name != "with", let names, names.count != 1 {
        evaluator.report(
          attribute.position, "attribute '\(attribute.name)' names one value, not \(names.count)",
          at: place)
        with = nil
      } else {
        with = with.flatMap { earlier in names.map { earlier + $0 } }
      }
    }
    guard let read, let with else { return nil }
    return GraphBuilder.PrimitiveSpec(
      element: element.name, kind: read.kind, attributes: read.attributes, with: with,
      location: evaluator.log.location(element.position))
  }

  /// The names of a list as the builder takes them; `nil` when one is wrong or failed.
  private mutating func references(
    _ attribute: XMLAttribute, of layer: String, isWith: Bool, at place: Place,
    reads: inout [String]
  ) -> [String]? {
    guard let words = evaluator.words(attribute, at: place) else { return nil }
    guard !words.isEmpty else {
      evaluator.report(
        attribute.position, "attribute '\(attribute.name)' names nothing", at: place)
      return nil
    }
    var result: [String]? = []
    for word in words {
      switch operand(word, of: layer, isWith: isWith, at: place) {
      case .own(let text): result?.append(text)
      case .reference(let reference):
        reads.append(reference.name)
        if reference.isFailed { result = nil } else { result?.append(reference.name) }
      case nil: result = nil
      }
    }
    return result
  }

  private mutating func operand(
    _ word: Word, of layer: String, isWith: Bool, at place: Place
  ) -> Operand? {
    if word.text.hasPrefix("@"), place.block == nil, isWith { return .own(word.text) }
    return resolve(word, of: layer, at: place).map(Operand.reference)
  }

  /// What a word of `inputs` means; `nil` when it does not stand above.
  mutating func resolve(_ word: Word, of reader: String, at place: Place) -> Reference? {
    if word.text.hasPrefix("@") { return given(word, at: place) }
    let candidates = NameTable.candidates(for: word.text, in: place.block)
    let chosen = candidates.first { names[$0] != nil }
    // A better candidate may still stand below.
    if chosen == nil || chosen != candidates.first {
      pending.add(
        PendingReferences.Pending(
          reader: reader, text: word.text, candidates: candidates, chosen: chosen,
          position: word.position, place: place))
    }
    return chosen.flatMap { names[$0] }
  }

  /// What `@input`, `@input2`… mean inside a block.
  private mutating func given(_ word: Word, at place: Place) -> Reference? {
    let digits = word.text.dropFirst("@input".count)
    let number = digits.isEmpty ? 1 : digits.allSatisfy(\.isNumber) ? Int(digits) ?? 0 : 0
    guard word.text.hasPrefix("@input"), number > 0 else {
      evaluator.report(
        word.position, "'\(word.text)' is no name; only @input, @input2… begin with '@'",
        at: place)
      return nil
    }
    guard let block = place.block else {
      evaluator.report(
        word.position, "'\(word.text)' stands for an input in 'with' or inside a block only",
        at: place)
      return nil
    }
    guard block.given.indices.contains(number - 1) else {
      evaluator.report(
        word.position,
        "'\(word.text)': the use of block '\(block.name)' gives "
          + (block.given.count == 1 ? "1 input" : "\(block.given.count) inputs"),
        hint: "<use> names what it gives in 'inputs'", at: place)
      return nil
    }
    return block.given[number - 1]
  }
}
