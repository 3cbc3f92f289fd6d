import Topology

/// Makes blocks of groups of layers, `prefix/…`, that occur several times under other prefixes.
enum BlockFinder {
  /// Layers under one prefix that follow each other.
  private struct Group {
    let range: Range<Int>
    let prefix: String
    /// Values from outside, in order of their first use.
    var given: [String] = []
    /// The layers with inner names and `@input`s.
    var body: [WrittenItem] = []
  }

  /// Puts uses in the place of groups, and returns their blocks.
  ///
  /// A use claims its prefix as a name, which must be free: `names` are those of all layers and inputs.
  static func factor(
    _ items: inout [WrittenItem], names: Set<String>, constants: Set<String>
  ) -> [WrittenElement] {
    var prefixes: [String: Int] = [:]
    let runs = groups(items)
    for run in runs { prefixes[run.prefix, default: 0] += 1 }
    let groups = runs.filter { prefixes[$0.prefix] == 1 && !names.contains($0.prefix) }
      .compactMap { relative($0, items, constants) }
    var classes: [[WrittenItem]: [Int]] = [:]
    for (index, group) in groups.enumerated() {
      classes[group.body.map { skeleton($0) }, default: []].append(index)
    }
    var uses: [Int: WrittenElement] = [:]
    var blocks: [(first: Int, element: WrittenElement)] = []
    var titles = TitleTable()
    for members in classes.values.sorted(by: { $0[0] < $1[0] }) where members.count > 1 {
      let made = block(members.map { groups[$0] }, &titles)
      blocks.append((members[0], made.block))
      for (member, use) in zip(members, made.uses) { uses[member] = use }
    }
    var result: [WrittenItem] = []
    var next = 0
    for (index, group) in groups.enumerated() {
      result += items[next..<group.range.lowerBound]
      if let use = uses[index] {
        result.append(
          WrittenItem(
            element: use, inputs: group.given, last: items[group.range.upperBound - 1].last))
      } else {
        result += items[group.range]
      }
      next = group.range.upperBound
    }
    items = result + items[next...]
    return blocks.map(\.element)
  }

  /// Runs of at least two layers whose names share all up to the last `/`.
  private static func groups(_ items: [WrittenItem]) -> [Group] {
    var groups: [Group] = []
    var start = 0
    while start < items.count {
      guard let prefix = prefix(items[start]) else {
        start += 1
        continue
      }
      var end = start + 1
      while end < items.count, self.prefix(items[end]) == prefix { end += 1 }
      if end - start > 1 { groups.append(Group(range: start..<end, prefix: prefix)) }
      start = end
    }
    return groups
  }

  private static func prefix(_ item: WrittenItem) -> String? {
    guard item.element.name == "layer", item.element["weights"] == nil,
      let name = item.element["name"], let slash = name.lastIndex(of: "/"),
      slash != name.startIndex, name.index(after: slash) < name.endIndex
    else { return nil }
    return String(name[..<slash])
  }

  /// The group with names as they are inside a block; nil where one cannot be said there.
  private static func relative(
    _ group: Group, _ items: [WrittenItem], _ constants: Set<String>
  ) -> Group? {
    var group = group
    let inner = Set(group.range.compactMap { items[$0].element["name"] })
    let plain = inner.map { $0.dropFirst(group.prefix.count + 1) }
    // Layers that are only numbered are a repeat.
    if plain.allSatisfy({ $0.allSatisfy(\.isNumber) }) { return nil }
    if plain.contains(where: { constants.contains(String($0)) }) { return nil }
    func reference(_ name: String) -> String {
      if inner.contains(name) { return String(name.dropFirst(group.prefix.count + 1)) }
      // What a layer inside gives beside its output.
      if let dot = name.lastIndex(of: "."), inner.contains(String(name[..<dot])) {
        return String(name.dropFirst(group.prefix.count + 1))
      }
      if constants.contains(name) { return name }
      let place = group.given.firstIndex(of: name) ?? group.given.count
      if place == group.given.count { group.given.append(name) }
      return place == 0 ? "@input" : "@input\(place + 1)"
    }
    for index in group.range {
      var item = items[index]
      item.inputs = item.inputs.map(reference)
      item.element["name"] = String((item.element["name"] ?? "").dropFirst(group.prefix.count + 1))
      item.last = item.element["name"] ?? ""
      for child in item.element.children.indices {
        for name in item.element.children[child].naming {
          guard let value = item.element.children[child][name] else { continue }
          item.element.children[child][name] =
            value.split(separator: " ").map { reference(String($0)) }.joined(separator: " ")
        }
      }
      group.body.append(item)
    }
    // The first layer reads what the use was given by default; a group that reads nothing has none.
    return group.given.isEmpty ? nil : group
  }

  /// Whether an attribute's value may be an argument: one number.
  private static func isNumber(_ text: String) -> Bool {
    !text.isEmpty && text.count < 16 && text.allSatisfy { $0.isASCII && $0.isNumber }
  }

  /// An item without the numbers that a block takes as arguments.
  private static func skeleton(_ item: WrittenItem) -> WrittenItem {
    var item = item
    for child in item.element.children.indices {
      let names = item.element.children[child].naming
      for place in item.element.children[child].attributes.indices {
        let attribute = item.element.children[child].attributes[place]
        if !names.contains(attribute.name), isNumber(attribute.value) {
          item.element.children[child].attributes[place].value = "#"
        }
      }
    }
    return item
  }

  private static func block(
    _ groups: [Group], _ names: inout TitleTable
  ) -> (block: WrittenElement, uses: [WrittenElement]) {
    var body = groups[0].body
    var arguments: [(name: String, values: [Int])] = []
    for layer in body.indices {
      for child in body[layer].element.children.indices {
        for place in body[layer].element.children[child].attributes.indices {
          let attribute = body[layer].element.children[child].attributes[place]
          let texts = groups.map {
            $0.body[layer].element.children[child].attributes[place].value
          }
          guard isNumber(attribute.value), Set(texts).count > 1 else { continue }
          body[layer].element.children[child].attributes[place].value = argument(
            attribute.name, texts.compactMap { Int($0) }, &arguments)
        }
      }
    }
    var element = WrittenElement(name: "block")
    element["name"] = title(groups, &names)
    element.children = arguments.map { argument in
      WrittenElement(name: "arg", attributes: [.init(name: "name", value: argument.name)])
    }
    element.children += WrittenItem.sayingInputs(body, first: "@input").map(\.element)
    let uses = groups.enumerated().map { number, group in
      var use = WrittenElement(name: "use")
      use["block"] = element["name"]
      use["prefix"] = group.prefix
      for argument in arguments { use[argument.name] = String(argument.values[number]) }
      return use
    }
    return (element, uses)
  }

  /// The expression of a number that differs between uses: an argument, or a multiple of one.
  private static func argument(
    _ attribute: String, _ values: [Int], _ arguments: inout [(name: String, values: [Int])]
  ) -> String {
    for known in arguments {
      if known.values == values { return "${\(known.name)}" }
      guard let first = known.values.first, first > 0, values[0] % first == 0 else { continue }
      let factor = values[0] / first
      if factor > 1, zip(known.values, values).allSatisfy({ $0 * factor == $1 }) {
        return "${\(factor) * \(known.name)}"
      }
    }
    let plain = String(attribute.map { $0 == "-" ? "_" : $0 })
    let base = BlockTable.reserved.contains(plain) ? plain + "_" : plain
    var name = base
    var number = 2
    while arguments.contains(where: { $0.name == name }) {
      name = "\(base)\(number)"
      number += 1
    }
    arguments.append((name, values))
    return "${\(name)}"
  }

  /// A name that says where the block occurs first.
  private static func title(_ groups: [Group], _ names: inout TitleTable) -> String {
    let plain = groups[0].prefix.filter { $0.isLetter || $0.isNumber || "/_-".contains($0) }
    let base = plain.isEmpty ? "block" : plain.replacing("/", with: "-")
    return names.claim(base)
  }
}
