import XMLTree

/// A value that layers may read: an input or a layer by its full name.
enum Reference: Hashable {
  case value(String)
  /// It has an error of its own, so that its readers cannot be checked.
  case failed(String)

  var name: String {
    switch self {
    case .value(let name), .failed(let name): name
    }
  }

  var isFailed: Bool { if case .failed = self { true } else { false } }
}

/// A use of a block that is being expanded.
final class BlockContext {
  /// How deep uses may nest.
  static let maximumDepth = 100

  let name: String
  /// What names inside begin with, without the slash.
  let prefix: String
  /// What `@input`, `@input2`… mean inside.
  let given: [Reference]
  /// The full prefix of the use whose layers' weights are shared; `nil` where none are.
  let shared: String?
  /// Where the `<use>` stands.
  let position: XMLPosition
  let outer: BlockContext?
  let depth: Int

  init(
    name: String, prefix: String, given: [Reference], shared: String? = nil,
    position: XMLPosition, outer: BlockContext?
  ) {
    self.name = name
    self.prefix = prefix
    self.given = given
    self.shared = shared
    self.position = position
    self.outer = outer
    depth = (outer?.depth ?? 0) + 1
  }

  /// The names of the blocks from the outermost one to this.
  var chain: [String] { (outer?.chain ?? []) + [name] }
}

/// The names of inputs, layers and uses: one space, unique after expansion.
struct NameTable {
  private enum State {
    /// Claimed by something that is still being read.
    case open
    case done(Reference)
  }

  private var states: [String: State] = [:]
  private var positions: [String: XMLPosition] = [:]

  /// Whether names are missing because of errors, so that an unknown one may not be the user's.
  var isIncomplete = false

  /// Claims a name.
  ///
  /// - Returns: Where it was claimed before; `nil` when it was free.
  mutating func claim(_ name: String, at position: XMLPosition) -> XMLPosition? {
    if let earlier = positions[name] { return earlier }
    positions[name] = position
    states[name] = .open
    return nil
  }

  /// Says what a claimed name means.
  mutating func settle(_ name: String, _ reference: Reference) { states[name] = .done(reference) }

  /// What a full name means; `nil` while it is unknown or unfinished.
  subscript(name: String) -> Reference? {
    if case .done(let reference)? = states[name] { reference } else { nil }
  }

  /// Where a full name was claimed.
  func position(of name: String) -> XMLPosition? { positions[name] }

  /// Some names, for suggestions: enough to help, few enough to compare.
  var sample: [String] { positions.count > 5000 ? [] : positions.keys.sorted() }

  /// The full names that a plain name may mean inside a block: its own first, then outside.
  static func candidates(for name: String, in block: BlockContext?) -> [String] {
    var candidates: [String] = []
    var context = block
    while let here = context {
      candidates.append(here.prefix + "/" + name)
      context = here.outer
    }
    candidates.append(name)
    return candidates
  }
}
