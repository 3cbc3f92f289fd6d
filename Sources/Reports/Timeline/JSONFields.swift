internal import Profiling

/// Members of a JSON object under way: what is absent is left out, as everywhere in our formats.
struct JSONFields: Hashable, Sendable {
  /// The members in the order they were added.
  private(set) var members: [JSONValue.Member] = []

  /// The object.
  var object: JSONValue { .object(members) }

  /// Adds any value; null adds nothing.
  mutating func add(_ key: String, _ value: JSONValue) {
    guard value != .null else { return }
    members.append(JSONValue.Member(key: DisplayText.clean(key), value: value))
  }

  /// Adds a text, made fit to print.
  mutating func add(_ key: String, _ text: String?) {
    if let text { add(key, .string(DisplayText.clean(text))) }
  }

  /// Adds a whole number.
  mutating func add(_ key: String, _ number: Int?) {
    if let number { add(key, .number(String(number))) }
  }

  /// Adds a number if JSON can hold it.
  ///
  /// Whole ones keep their `.0`: a reader that tells types apart sees the same one for every layer.
  mutating func add(_ key: String, _ number: Double?) {
    if let number, number.isFinite { add(key, .number(number.description)) }
  }

  /// Adds texts unless there are none.
  mutating func add(_ key: String, _ texts: [String]) {
    guard !texts.isEmpty else { return }
    add(key, .array(texts.map { .string(DisplayText.clean($0)) }))
  }

  /// Adds an object unless it is empty.
  mutating func add(_ key: String, _ fields: JSONFields) {
    if !fields.members.isEmpty { add(key, fields.object) }
  }

  /// Adds numbers by name, sorted, unless there are none.
  mutating func add(_ key: String, _ numbers: [String: Double]) {
    var inner = JSONFields()
    for (name, value) in numbers.sorted(by: { $0.key < $1.key }) { inner.add(name, value) }
    add(key, inner)
  }

  /// Adds whole numbers by name, sorted, unless there are none.
  mutating func add(_ key: String, _ numbers: [String: Int]) {
    var inner = JSONFields()
    for (name, value) in numbers.sorted(by: { $0.key < $1.key }) { inner.add(name, value) }
    add(key, inner)
  }

  /// Adds texts by name, sorted, unless there are none.
  mutating func add(_ key: String, _ texts: [String: String]) {
    var inner = JSONFields()
    for (name, value) in texts.sorted(by: { $0.key < $1.key }) { inner.add(name, value) }
    add(key, inner)
  }
}
