/// An element under way to a file: its attributes in order, and what is inside.
struct WrittenElement: Hashable {
  /// An attribute.
  struct Attribute: Hashable {
    var name: String
    var value: String
  }

  var name: String
  var attributes: [Attribute] = []
  var children: [WrittenElement] = []
  /// Attributes of a primitive that name values.
  var naming = ["with"]

  subscript(_ name: String) -> String? {
    get { attributes.first { $0.name == name }?.value }
    set {
      let place = attributes.firstIndex { $0.name == name }
      switch (place, newValue) {
      case (let place?, let value?): attributes[place].value = value
      case (let place?, nil): attributes.remove(at: place)
      case (nil, let value?): attributes.append(Attribute(name: name, value: value))
      case (nil, nil): break
      }
    }
  }
}

extension WrittenElement {
  /// Columns of a line.
  private static let width = 100

  /// The element's lines.
  func lines(indented indentation: Int) -> [String] {
    let indent = String(repeating: " ", count: indentation)
    if let line = inline, indentation + line.count <= Self.width || children.isEmpty {
      return [indent + line]
    }
    var lines = [indent + "<\(head)>"]
    if name == "layer" {
      // Primitives run on: as many on a line as fit.
      var line = indent + "  "
      for child in children {
        let text = child.inline ?? ""
        if line.count + text.count > Self.width, line.contains("<") {
          lines.append(line)
          line = indent + "  "
        }
        line += text
      }
      lines.append(line)
    } else {
      for child in children { lines += child.lines(indented: indentation + 2) }
    }
    return lines + [indent + "</\(name)>"]
  }

  /// All of it in one line; nil where lines inside are wanted.
  private var inline: String? {
    if children.isEmpty { return "<\(head)/>" }
    let isShort = name == "layer" || children.count == 1 && children[0].children.isEmpty
    guard isShort, name != "topology", name != "block" else { return nil }
    var inner = ""
    for child in children {
      guard let text = child.inline else { return nil }
      inner += text
    }
    return "<\(head)>\(inner)</\(name)>"
  }

  private var head: String {
    attributes.reduce(name) { $0 + " \($1.name)=\"\(Self.escaped($1.value))\"" }
  }

  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
