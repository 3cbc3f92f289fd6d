import XMLTree

/// A `<block>`: its arguments and what it expands to.
struct Block {
  struct Argument {
    let name: String
    /// `nil` for a required argument.
    let fallback: XMLAttribute?
  }

  let name: String
  let arguments: [Argument]
  let body: [XMLElement]
}

/// The blocks of a document by name.
struct BlockTable {
  /// Attributes of `<use>` that no argument can be called.
  static let reserved: Set<String> = ["block", "prefix", "inputs", "if", "weights"]

  private(set) var blocks: [String: Block] = [:]

  /// Reads the blocks of a document; a bad one is reported and left out.
  init(_ root: XMLElement, log: inout DiagnosticLog) {
    for element in root.children where element.name == "block" {
      guard let name = element.attribute("name") else { continue }
      guard blocks[name.value] == nil else {
        log.report(name.position, "duplicate block '\(name.value)'")
        continue
      }
      blocks[name.value] = Block(
        name: name.value, arguments: BlockTable.arguments(of: element, log: &log),
        body: element.children.filter { $0.name != "arg" })
    }
  }

  private static func arguments(
    of block: XMLElement, log: inout DiagnosticLog
  ) -> [Block.Argument] {
    var arguments: [Block.Argument] = []
    var names: Set<String> = []
    for element in block.children where element.name == "arg" {
      guard let name = element.attribute("name") else { continue }
      if let fault = ParameterScope.fault(inName: name.value) {
        log.report(name.position, fault)
      } else if reserved.contains(name.value) {
        log.report(name.position, "no argument can be called '\(name.value)': <use> has it")
      } else if !names.insert(name.value).inserted {
        log.report(name.position, "duplicate argument '\(name.value)'")
      } else {
        arguments.append(
          Block.Argument(name: name.value, fallback: element.attribute("default")))
      }
    }
    return arguments
  }
}
