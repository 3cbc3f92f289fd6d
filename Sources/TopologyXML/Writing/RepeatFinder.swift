/// Folds steps that follow each other and differ by counted numbers only into `<repeat>`s.
enum RepeatFinder {
  /// A folded step.
  struct Step {
    var element: WrittenElement
    /// How many elements of the graph's it stands for.
    var weight: Int
  }

  /// Attributes that take no expression.
  private static let plain: Set<String> = ["action", "counters", "events", "block", "layout"]

  /// The longest sequence that is looked for.
  private static let longest = 64

  /// The steps, with repeats folded from the inside: short sequences first would hide longer ones, so of
  /// all at a place the one that spares most elements is taken.
  ///
  /// - Complexity: O(elements): what is looked at behind a place is folded, but for a constant.
  static func fold(_ items: [WrittenItem], first: String?) -> [Step] {
    let said = WrittenItem.sayingInputs(items, first: first)
    let elements = said.map(\.element)
    let shapes = elements.map(Shape.init)
    var steps: [Step] = []
    var place = 0
    while place < elements.count {
      if let (length, count, folded) = undisturbed(elements, shapes, from: place) {
        var element = WrittenElement(name: "repeat")
        element["count"] = String(count)
        element.children = folded
        steps.append(Step(element: element, weight: length * count))
        place += length * count
      } else {
        steps.append(Step(element: elements[place], weight: 1))
        place += 1
      }
    }
    return steps
  }

  /// An element as a hash of all but its numbers, and these: only elements of one hash whose numbers
  /// count in step can be one element of a repeat.
  private struct Shape {
    let hash: Int
    let numbers: [Int]

    init(_ element: WrittenElement) {
      var hasher = Hasher()
      var numbers: [Int] = []
      Self.feed(element, &hasher, &numbers)
      hash = hasher.finalize()
      self.numbers = numbers
    }

    private static func feed(
      _ element: WrittenElement, _ hasher: inout Hasher, _ numbers: inout [Int]
    ) {
      hasher.combine(element.name)
      for attribute in element.attributes {
        hasher.combine(attribute.name)
        let text = NumberedText(attribute.value)
        hasher.combine(text.words)
        if plain.contains(attribute.name) {
          hasher.combine(text.numbers)
        } else {
          numbers += text.numbers
        }
      }
      for child in element.children { feed(child, &hasher, &numbers) }
    }

    /// Whether another one is this one, counted on as often as a second one says.
    func leads(to other: Shape, by second: Shape, times count: Int) -> Bool {
      guard hash == other.hash, hash == second.hash, numbers.count == other.numbers.count else {
        return false
      }
      return numbers.indices.allSatisfy { place in
        let step = second.numbers[place] &- numbers[place]
        return other.numbers[place] == numbers[place] &+ step &* count
      }
    }
  }

  /// A sequence and how often it follows itself, by shapes alone.
  private struct Candidate {
    let length: Int
    let count: Int
    /// Elements that a repeat of it spares.
    var spared: Int { (count - 1) * length - 1 }
  }

  /// The best repeat from a place on that does not spoil a better one, which begins within its last
  /// copy: the tail of what a few unlike steps happen to share with the start of a long repeat.
  private static func undisturbed(
    _ elements: [WrittenElement], _ shapes: [Shape], from place: Int
  ) -> (length: Int, count: Int, folded: [WrittenElement])? {
    guard let (found, folded) = best(elements, shapes, from: place, sparing: 0) else { return nil }
    let last = place + (found.count - 1) * found.length
    let isSpoiling = (last + 1..<last + found.length).contains { next in
      best(elements, shapes, from: next, sparing: found.spared) != nil
    }
    guard isSpoiling else { return (found.length, found.count, folded) }
    guard found.count > 2,
      let fewer = fold(elements, place, found.length, found.count - 1)
    else { return nil }
    return (found.length, found.count - 1, fewer)
  }

  /// The repeat from a place on that spares most elements, and more than `least`.
  ///
  /// Shapes say what may be folded; only what is best by them is, for that takes texts apart.
  private static func best(
    _ elements: [WrittenElement], _ shapes: [Shape], from place: Int, sparing least: Int
  ) -> (Candidate, folded: [WrittenElement])? {
    // Two short lines are as readable as a repeat of them.
    let candidates = candidates(shapes, from: place).filter { $0.spared > least }
    for candidate in candidates.sorted(by: { ($0.spared, $1.length) > ($1.spared, $0.length) }) {
      if let folded = fold(elements, place, candidate.length, candidate.count) {
        return (candidate, folded)
      }
    }
    return nil
  }

  /// The sequences of each length that follow themselves from a place on.
  private static func candidates(_ shapes: [Shape], from place: Int) -> [Candidate] {
    (1...max(1, min(longest, (shapes.count - place) / 2))).compactMap { length in
      var count = 1
      while place + (count + 1) * length <= shapes.count,
        (place..<place + length).allSatisfy({
          shapes[$0].leads(to: shapes[$0 + count * length], by: shapes[$0 + length], times: count)
        })
      {
        count += 1
      }
      return count > 1 ? Candidate(length: length, count: count) : nil
    }
  }

  private static func fold(
    _ elements: [WrittenElement], _ place: Int, _ length: Int, _ count: Int
  ) -> [WrittenElement]? {
    var folded: [WrittenElement] = []
    for offset in 0..<length {
      let copies = (0..<count).map { elements[place + $0 * length + offset] }
      guard let one = fold(copies) else { return nil }
      // A name must count, or it would occur twice.
      let key = one.name == "use" ? "prefix" : "name"
      guard one[key]?.contains("${") == true else { return nil }
      folded.append(one)
    }
    return folded
  }

  private static func fold(_ copies: [WrittenElement]) -> WrittenElement? {
    guard var one = copies.first,
      copies.allSatisfy({
        $0.name == one.name && $0.attributes.count == one.attributes.count
          && $0.children.count == one.children.count
      })
    else { return nil }
    for place in one.attributes.indices {
      let name = one.attributes[place].name
      let isPlain = plain.contains(name)
      guard copies.allSatisfy({ $0.attributes[place].name == name }),
        !isPlain || copies.allSatisfy({ $0.attributes[place] == one.attributes[place] }),
        let text = NumberedText.template(copies.map { $0.attributes[place].value }, index: "i")
      else { return nil }
      one.attributes[place].value = text
    }
    for place in one.children.indices {
      guard let child = fold(copies.map { $0.children[place] }) else { return nil }
      one.children[place] = child
    }
    return one
  }

  /// Markers around each repeat and around what stands between, so that all of the network is in segments;
  /// nothing where nothing repeats.
  static func mark(_ steps: inout [Step]) {
    guard steps.contains(where: { $0.element.name == "repeat" }) else { return }
    var marked: [Step] = []
    var names = TitleTable()
    var open: String?
    func marker(_ action: String, _ name: String) -> Step {
      var element = WrittenElement(name: "marker")
      element["action"] = action
      element["name"] = name
      return Step(element: element, weight: 0)
    }
    func close() {
      if let name = open { marked.append(marker("stop", name)) }
      open = nil
    }
    func start(_ step: Step) {
      let name = title(step.element, &names)
      marked.append(marker("start", name))
      open = name
    }
    for step in steps {
      if step.element.name == "repeat" {
        close()
        start(step)
        marked.append(step)
        close()
      } else {
        if open == nil { start(step) }
        marked.append(step)
      }
    }
    close()
    steps = marked
  }

  /// A name for the segment that a step begins: its own without what counts.
  private static func title(_ element: WrittenElement, _ names: inout TitleTable) -> String {
    let first = element.name == "repeat" ? element.children.first ?? element : element
    var text = first["prefix"] ?? first["name"] ?? element.name
    while let start = text.firstRange(of: "${"),
      let end = text[start.upperBound...].firstIndex(of: "}")
    {
      text.removeSubrange(start.lowerBound...end)
    }
    while let last = text.last, "/._-".contains(last) { text.removeLast() }
    text = text.replacing("//", with: "/")
    if text.isEmpty { text = "part" }
    return names.claim(text)
  }
}

/// Titles that no two have.
struct TitleTable {
  private var taken: Set<String> = []
  /// The number that the next one of a base gets.
  private var numbers: [String: Int] = [:]

  /// Adds a title, or the first of `title-2`, `title-3`, … that is not in it yet; gives what was added.
  mutating func claim(_ base: String) -> String {
    if taken.insert(base).inserted { return base }
    var number = numbers[base, default: 2]
    while !taken.insert("\(base)-\(number)").inserted { number += 1 }
    numbers[base] = number + 1
    return "\(base)-\(number)"
  }
}
