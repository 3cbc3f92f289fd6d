import XMLTree

/// A layer of an intermediate representation, its ports wired.
struct IRLayer {
  let id: Int
  let name: String
  let type: String
  /// The set of operations that its meaning is of: `opset1`….
  let version: String
  /// What `<data>` says.
  let data: [String: String]
  /// Numbers of its input ports, in order.
  let inputPorts: [Int]
  /// Ranks of what goes in, in order.
  let inputRanks: [Int]
  /// Numbers of its output ports, in order.
  let outputPorts: [Int]
  let position: XMLPosition

  /// Where it stands, for messages.
  var place: String { "\(position.line):\(position.column)" }

  /// Reads an element; nil where its id is no number.
  init?(_ element: XMLElement) {
    guard let id = element["id"].flatMap({ Int($0) }) else { return nil }
    self.id = id
    name = element["name"] ?? "\(id)"
    type = element["type"] ?? ""
    version = element["version"] ?? "opset1"
    position = element.position
    let known = element.children.first { $0.name == "data" }?.attributes ?? []
    data = Dictionary(known.map { ($0.name, $0.value) }) { first, _ in first }
    func ports(_ side: String) -> [XMLElement] {
      element.children.first { $0.name == side }?.children.filter { $0.name == "port" } ?? []
    }
    inputPorts = ports("input").compactMap { $0["id"].flatMap { Int($0) } }
    inputRanks = ports("input").map { $0.children.count { $0.name == "dim" } }
    outputPorts = ports("output").compactMap { $0["id"].flatMap { Int($0) } }
  }

  /// A list of integers, with or without blanks; nil where there is none or one is no number.
  func ints(_ key: String) -> [Int]? {
    guard let text = data[key] else { return nil }
    let words = text.split { $0 == "," || $0.isWhitespace }
    let values = words.compactMap { Int($0) }
    return values.count == words.count ? values : nil
  }

  /// Words separated by commas and blanks.
  func words(_ key: String) -> [String] {
    (data[key] ?? "").split { $0 == "," || $0.isWhitespace }.map(String.init)
  }

  func number(_ key: String) -> Float? { data[key].flatMap { Float($0) } }

  func flag(_ key: String, default fallback: Bool = false) -> Bool {
    switch data[key]?.lowercased() {
    case "true", "1": true
    case "false", "0": false
    default: fallback
    }
  }
}
