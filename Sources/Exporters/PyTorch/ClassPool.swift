/// A class that a layer asks for: others of the same text share it.
struct ClassText {
  /// What it would be called.
  let name: String
  /// What it derives from.
  let base: String
  /// Lines of `__init__`, the call of the base's first.
  let initializer: Snippet
  /// Lines of `forward` and its arguments; nil where the base's serves.
  let forward: (arguments: [String], body: Snippet)?

  /// What makes two classes one.
  var key: String {
    "\(base)\u{2}\(initializer.text)\u{2}\(forward?.arguments.joined(separator: ",") ?? "")\u{2}"
      + (forward?.body.text ?? "")
  }

  var numbers: [Snippet.Argument] { initializer.arguments + (forward?.body.arguments ?? []) }
}

/// How a module is made: a class of PyTorch, or one of the source's own.
enum Constructor {
  case plain(Snippet)
  case own(ClassText)
}

/// The classes of a source.
struct ClassPool {
  private struct Entry {
    let text: ClassText
    var name: String
    /// The numbers of each use.
    var uses: [[String]]
  }

  private var entries: [Entry] = []
  private var places: [String: Int] = [:]
  private var names = Identifiers()

  /// Takes a layer's classes.
  mutating func add(_ classes: [ClassText]) {
    for text in classes {
      let values = text.numbers.map(\.value)
      if let place = places[text.key] {
        entries[place].uses.append(values)
      } else {
        places[text.key] = entries.count
        entries.append(Entry(text: text, name: names.claim(text.name), uses: [values]))
      }
    }
  }

  /// The arguments of a class, by the place of each number: nil where all uses agree.
  private func parameters(of entry: Entry) -> (names: [String?], order: [String]) {
    var result: [String?] = []
    var order: [String] = []
    var known: [(values: [String], name: String)] = []
    var used = Identifiers()
    for place in entry.text.numbers.indices {
      let values = entry.uses.map { $0[place] }
      guard Set(values).count > 1 else {
        result.append(nil)
        continue
      }
      // Numbers that agree in every use are one argument.
      if let same = known.first(where: { $0.values == values }) {
        result.append(same.name)
        continue
      }
      let name = used.claim(entry.text.numbers[place].name)
      known.append((values, name))
      result.append(name)
      order.append(name)
    }
    return (result, order)
  }

  /// How a module is made.
  func construct(_ constructor: Constructor) -> String {
    switch constructor {
    case .plain(let snippet): return snippet.plain
    case .own(let text):
      guard let place = places[text.key] else { return "" }
      let (names, order) = parameters(of: entries[place])
      var values: [String: String] = [:]
      for (name, number) in zip(names, text.numbers) { if let name { values[name] = number.value } }
      let list = order.map { "\($0)=\(values[$0] ?? "")" }.joined(separator: ", ")
      return "\(entries[place].name)(\(list))"
    }
  }

  /// All classes in Python.
  var text: String { entries.map(write).joined() }

  private func write(_ entry: Entry) -> String {
    let (names, order) = parameters(of: entry)
    let numbers = entry.text.numbers
    let head = entry.text.initializer.arguments.count
    func fill(_ snippet: Snippet, _ range: Range<Int>, _ prefix: String) -> String {
      snippet.filled(range.map { names[$0].map { prefix + $0 } ?? numbers[$0].value })
    }
    var lines: [String] = []
    let body = entry.text.forward?.body
    // What `forward` reads of the arguments is kept.
    let kept = Set(names[head...].compactMap(\.self))
    if !entry.text.initializer.text.isEmpty || !order.isEmpty {
      let list = (["self"] + order).joined(separator: ", ")
      lines.append("    def __init__(\(list)):")
      let first =
        entry.text.initializer.text.isEmpty
        ? "super().__init__()" : fill(entry.text.initializer, 0..<head, "")
      lines += first.split(separator: "\n").map { "        \($0)" }
      lines += order.filter(kept.contains).map { "        self._\($0) = \($0)" }
    }
    if let forward = entry.text.forward, let body {
      if !lines.isEmpty { lines.append("") }
      lines.append("    def forward(\((["self"] + forward.arguments).joined(separator: ", "))):")
      lines += fill(body, head..<numbers.count, "self._").split(separator: "\n").map {
        "        \($0)"
      }
    }
    if lines.isEmpty { lines.append("    pass") }
    return "class \(entry.name)(\(entry.text.base)):\n\(lines.joined(separator: "\n"))\n\n\n"
  }
}
