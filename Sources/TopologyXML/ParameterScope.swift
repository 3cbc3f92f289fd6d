/// The names that `${}` may use at one place of the document.
struct ParameterScope {
  /// What a name stands for.
  enum Binding: Hashable {
    case value(Bound)
    /// It could not be computed, and that was said already.
    case failed
  }

  /// The `<param>`s above.
  var globals: [String: Binding]
  /// Arguments of the block and indices of the repeats around; they hide globals.
  var locals: [String: Binding] = [:]

  subscript(name: String) -> Binding? { locals[name] ?? globals[name] }

  /// Every name, for suggestions.
  var names: [String] { Array(locals.keys) + Array(globals.keys) }

  /// Why a text cannot name a parameter, an argument or an index; `nil` when it can.
  static func fault(inName name: String) -> String? {
    let isName = name.utf8.enumerated().allSatisfy { index, byte in
      Expression.isNameByte(byte) && (index > 0 || !Expression.isDigit(byte))
    }
    if Expression.words.contains(name) { return "'\(name)' is an operator in ${}" }
    guard !name.isEmpty, isName else {
      return "'\(name)' is no name for use in ${}: a letter or '_', then letters, digits and '_'"
    }
    return nil
  }
}
