import ArgumentParser
import Reports
import Session
import TopologyXML

/// Words for command lines that ArgumentParser refuses, in the style of all other errors.
enum UsageFault {
  /// The arguments with every number below zero tied to its option: `--batch -1` as `--batch=-1`.
  ///
  /// No option of ntprof begins with a digit, so that `-1` is always a value; ArgumentParser takes it
  /// for an option and says that the value is missing.
  static func tyingNegatives(_ arguments: [String]) -> [String] {
    var result: [String] = []
    var isOver = false
    for word in arguments {
      if !isOver, isNegative(word), let option = result.last, option.hasPrefix("--"),
        option.count > 2, !option.contains("=")
      {
        result[result.count - 1] = "\(option)=\(word)"
      } else {
        result.append(word)
      }
      isOver = isOver || word == "--"
    }
    return result
  }

  private static func isNegative(_ word: String) -> Bool {
    guard word.hasPrefix("-"), let next = word.dropFirst().first else { return false }
    return next.isNumber || next == "." || Double(word) != nil
  }

  /// The failure of an argument that is not UTF-8; nil when all are.
  ///
  /// Swift replaces what is not: such a path would name another file, or none.
  static func notUnicode() -> Failure? {
    for index in 1..<max(1, Int(CommandLine.argc)) {
      guard let word = CommandLine.unsafeArgv[index], String(validatingCString: word) == nil else {
        continue
      }
      return Failure(
        .usage, "'\(String(cString: word))' is not UTF-8, which paths and names must be",
        remedy: "rename the file, or name it by a symbolic link")
    }
    return nil
  }

  /// The failure of a first word that is no command; nil where ArgumentParser should judge.
  static func unknownCommand(_ arguments: [String]) -> Failure? {
    var words = arguments[...]
    if words.first == "help" { words = words.dropFirst() }
    guard let word = words.first, !word.hasPrefix("-"), word != "help" else { return nil }
    let all = NTProf.configuration.subcommands.compactMap { $0.configuration.commandName }
    guard !all.contains(word) else { return nil }
    let shown = NTProf.configuration.subcommands.filter { $0.configuration.shouldDisplay }
      .compactMap { $0.configuration.commandName }
    let looksLikeFile = word.contains("/") || word.hasSuffix(".xml") || word.hasSuffix(".json")
    let hint: String
    if looksLikeFile {
      let command = word.hasSuffix(".json") ? "report" : "profile"
      hint = "a command comes first: \(ShellWord.command(["ntprof", command, word]))"
    } else if let near = Suggestion.nearest(to: word, among: shown) {
      hint = "did you mean '\(near)'?"
    } else {
      hint = "commands: \(shown.joined(separator: ", "))"
    }
    return Failure(.usage, "'\(word)' is no command", remedy: hint)
  }

  /// The failure of an error of ArgumentParser; nil for what is none: help, a version, a status.
  static func failure(_ error: any Error) -> Failure? {
    guard NTProf.exitCode(for: error) == .validationFailure else { return nil }
    let text = NTProf.message(for: error)
    let (message, hint) = reworded(text)
    let command = NTProf.fullMessage(for: error).firstMatch(of: /See '(ntprof [a-z-]+) --help'/)
    let help = command.map { "'\($0.1) --help' lists the options" } ?? "see 'ntprof --help'"
    return Failure(.usage, message, remedy: hint ?? nearest(message) ?? help)
  }

  /// What a word may mean of which a message says what it is none of.
  private static func nearest(_ message: String) -> String? {
    guard let found = message.firstMatch(of: /'([^']*)' is none of (.*)/) else { return nil }
    let known = found.2.split(separator: ", ").map(String.init)
    return Suggestion.nearest(to: String(found.1), among: known).map { "did you mean '\($0)'?" }
  }

  /// What ArgumentParser says, in our words.
  static func reworded(_ text: String) -> (message: String, hint: String?) {
    if let found = text.wholeMatch(of: /Missing value for '(-\S+).*'/) {
      return ("\(found.1) needs a value", nil)
    }
    if let found = text.wholeMatch(of: /(?s)The value '(.*)' is invalid for '(-\S+)[^']*'(.*)/) {
      return invalid(String(found.1), of: String(found.2), String(found.3))
    }
    if let found = text.wholeMatch(of: /The option '(-\S+)' does not take any value, but '(.*)'.*/)
    {
      return ("\(found.1) takes no value, and '\(found.2)' was given", nil)
    }
    if let found = text.wholeMatch(of: /Unknown option '(-.*)'\. Did you mean '(-.*)'\?/) {
      return ("unknown option '\(found.1)'", "did you mean '\(found.2)'?")
    }
    if let found = text.wholeMatch(of: /Missing expected argument '(.*?)( \.\.\.)?'/) {
      return ("\(found.1) is missing", nil)
    }
    return (sentence(text), nil)
  }

  /// Words for a value that an option does not take; `reason` is ArgumentParser's, which may be none.
  private static func invalid(
    _ value: String, of option: String, _ reason: String
  ) -> (message: String, hint: String?) {
    if reason.hasPrefix(": ") {
      return ("\(option) '\(value)': \(reason.dropFirst(2))", nil)
    }
    let choices = reason.matches(of: /'([^']*)'/).map { String($0.1) }
    let listed = choices.isEmpty ? reason.matches(of: /- (\S+)/).map { String($0.1) } : choices
    if !listed.isEmpty {
      let near = Suggestion.nearest(to: value, among: listed)
      return (
        "\(option) '\(value)' is none of \(listed.joined(separator: ", "))",
        near.map { "did you mean '\($0)'?" }
      )
    }
    if value.isEmpty { return ("\(option) needs a value, and '' is none", nil) }
    guard let number = Double(value), number.isFinite else {
      return ("\(option) takes a number, not '\(value)'", nil)
    }
    return number == number.rounded()
      ? ("\(option) \(value) is out of range", nil)
      : ("\(option) takes a whole number, not '\(value)'", nil)
  }

  /// A sentence as a clause: no capital unless it is a word of capitals, no stop.
  private static func sentence(_ text: String) -> String {
    var text = text
    while text.hasSuffix(".") || text.hasSuffix("\n") { text.removeLast() }
    guard let first = text.first, text.dropFirst().first?.isLowercase == true else { return text }
    return first.lowercased() + text.dropFirst()
  }
}
