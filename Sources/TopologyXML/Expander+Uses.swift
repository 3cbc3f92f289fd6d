import Topology
import XMLTree

extension Expander {
  /// Enters a `<repeat>`.
  mutating func enterRepeat(_ element: XMLElement) {
    let place = place
    let index = element["index"] ?? "i"
    if let fault = ParameterScope.fault(inName: index) {
      evaluator.report(
        element.attribute("index")?.position ?? element.position, fault, at: place)
      return skipLayers()
    }
    guard let attribute = element.attribute("count"),
      let count = evaluator.integer(attribute, at: place)
    else { return skipLayers() }
    guard count >= 0 else {
      evaluator.report(
        attribute.position, "attribute 'count' of <repeat>: \(count) is negative", at: place)
      return skipLayers()
    }
    guard count > 0 else { return }
    var frame = Frame(
      elements: element.children,
      loop: Loop(index: index, count: count, position: attribute.position))
    frame.locals = frames[frames.count - 1].locals
    frame.locals[index] = .value(Bound(0))
    frame.indices = place.indices.filter { $0 != index } + [index]
    frame.block = place.block
    frames.append(frame)
  }

  /// Enters a `<use>`: its block's elements under a prefix, with arguments as locals.
  mutating func enterUse(_ element: XMLElement) {
    let place = place
    guard let block = block(of: element, at: place),
      let prefix = prefix(of: element, at: place)
    else { return skipLayers() }
    guard spend(block.arguments.count, at: element.position) else { return }
    var given = [current ?? onlyInput].compactMap(\.self)
    if let attribute = element.attribute("inputs") {
      given = self.given(attribute, of: prefix, at: place)
      current = given.first
    }
    var frame = Frame(elements: block.body)
    frame.locals = arguments(of: block, from: element, at: place)
    frame.block = BlockContext(
      name: block.name, prefix: prefix, given: given,
      shared: sharedPrefix(of: element, prefix, at: place), position: element.position,
      outer: place.block)
    frame.use = Use(
      block: block.name, prefix: prefix, position: element.position, layersBefore: layerCount)
    frames.append(frame)
  }

  /// The use whose layers' weights another one takes; `nil` for none.
  private mutating func sharedPrefix(
    of element: XMLElement, _ prefix: String, at place: Place
  ) -> String? {
    if let word = sharedWord(of: element, at: place) {
      let candidates = NameTable.candidates(for: word.text, in: place.block)
      if let name = candidates.first(where: { uses.contains($0) }) { return name }
      evaluator.report(
        word.position, "no use with the prefix '\(word.text)' stands above", at: place)
      return nil
    }
    guard let outer = place.block, let shared = outer.shared else { return nil }
    return shared + prefix.dropFirst(outer.prefix.count)
  }

  /// The word in `weights`; `nil` where there is none, or once a reason was reported.
  mutating func sharedWord(of element: XMLElement, at place: Place) -> Word? {
    guard let attribute = element.attribute("weights"),
      let words = evaluator.words(attribute, at: place), !words.isEmpty
    else { return nil }
    if words.count > 1 {
      evaluator.report(
        words[1].position, "attribute 'weights' names one layer or use, not several", at: place)
    }
    return words[0]
  }

  /// Leaves a use: from here on its prefix names the block's last layer.
  mutating func leaveUse(_ use: Use) {
    if layerCount == use.layersBefore, !names.isIncomplete {
      evaluator.report(use.position, "block '\(use.block)' gives no layer here", at: place)
      current = .failed(use.prefix)
    }
    names.settle(use.prefix, current ?? .failed(use.prefix))
    uses.insert(use.prefix)
  }

  /// Goes on behind something whose layers cannot be known.
  mutating func skipLayers() {
    names.isIncomplete = true
    current = .failed("")
  }

  private mutating func block(of element: XMLElement, at place: Place) -> Block? {
    guard let attribute = element.attribute("block") else { return nil }
    guard let block = blocks.blocks[attribute.value] else {
      let near = Spelling.suggestion(for: attribute.value, among: blocks.blocks.keys.sorted())
      evaluator.report(
        attribute.position, "no block is named '\(attribute.value)'",
        hint: near.map { "did you mean '\($0)'?" }, at: place)
      return nil
    }
    let chain = place.block?.chain ?? []
    if let start = chain.firstIndex(of: block.name) {
      let cycle = (chain[start...] + [block.name]).joined(separator: " → ")
      evaluator.report(attribute.position, "a block cannot use itself: \(cycle)", at: place)
      return nil
    }
    guard chain.count < BlockContext.maximumDepth else {
      evaluator.report(
        attribute.position, "uses nest deeper than \(BlockContext.maximumDepth)", at: place)
      return nil
    }
    return block
  }

  private mutating func prefix(of element: XMLElement, at place: Place) -> String? {
    guard let attribute = element.attribute("prefix"),
      let text = evaluator.text(attribute, at: place)
    else { return nil }
    if let fault = GraphBuilder.fault(inName: text) {
      evaluator.report(attribute.position, fault, at: place)
      return nil
    }
    let prefix = (place.block.map { $0.prefix + "/" } ?? "") + text
    evaluator.spend(prefix.utf8.count, at: attribute.position)
    let hint = "a prefix names the block's last layer: no input, layer or prefix may have it"
    return claim(prefix, by: attribute, hint: hint) ? prefix : nil
  }

  private mutating func given(
    _ attribute: XMLAttribute, of prefix: String, at place: Place
  ) -> [Reference] {
    guard let words = evaluator.words(attribute, at: place) else { return [.failed("")] }
    if words.isEmpty {
      evaluator.report(attribute.position, "attribute 'inputs' names nothing", at: place)
      return [.failed("")]
    }
    return words.map { resolve($0, of: prefix, at: place) ?? .failed($0.text) }
  }

  private mutating func arguments(
    of block: Block, from element: XMLElement, at place: Place
  ) -> [String: ParameterScope.Binding] {
    var locals: [String: ParameterScope.Binding] = [:]
    let attributes = Dictionary(
      element.attributes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for argument in block.arguments {
      let value: Bound?
      if let attribute = attributes[argument.name] {
        value = evaluator.value(attribute, at: place)
      } else if let fallback = argument.fallback {
        let scope = ParameterScope(globals: globals, locals: locals)
        let inside = Place(scope: scope, block: place.block, indices: [])
        value = evaluator.value(fallback, at: inside)
      } else {
        evaluator.report(
          element.position, "block '\(block.name)' needs the argument '\(argument.name)'",
          at: place)
        value = nil
      }
      locals[argument.name] = value.map(ParameterScope.Binding.value) ?? .failed
    }
    let known = block.arguments.map(\.name)
    for attribute in element.attributes
    where locals[attribute.name] == nil && !BlockTable.reserved.contains(attribute.name) {
      let near = Spelling.suggestion(for: attribute.name, among: known)
      let allowed = known.isEmpty ? "it has none" : "it has \(known.joined(separator: ", "))"
      evaluator.report(
        attribute.position, "block '\(block.name)' has no argument '\(attribute.name)'",
        hint: near.map { "did you mean '\($0)'? \(allowed)" } ?? allowed, at: place)
    }
    return locals
  }
}
