import Engines
import Machine

/// Settings in the words of a command line, as saved sweeps and advice have them: one table, by which they are read and
/// written.
package enum OptionWords {
  /// One option.
  private struct Row {
    /// Its name without dashes.
    let name: String
    /// Whether a value follows; else it is a flag.
    let takesValue: Bool
    /// Its values as they stand; empty where it is left out.
    let write: (RunSettings) -> [String]
    /// Takes a value.
    let read: (inout RunSettings, String) throws(SettingFault) -> Void

    /// An option whose value may be left out.
    static func optional<Value: LosslessStringConvertible>(
      _ name: String, _ path: WritableKeyPath<RunSettings, Value?>
    ) -> Row {
      Row(
        name: name, takesValue: true, write: { $0[keyPath: path].map { ["\($0)"] } ?? [] },
        read: { (settings, text) throws(SettingFault) in
          let value: Value = try parsed(name, text)
          settings[keyPath: path] = value
        })
    }

    /// An option that always has a value, written where `when` says so.
    static func always<Value: LosslessStringConvertible>(
      _ name: String, _ path: WritableKeyPath<RunSettings, Value>,
      when isDue: @escaping (RunSettings) -> Bool = { _ in true }
    ) -> Row {
      Row(
        name: name, takesValue: true,
        write: { isDue($0) ? ["\($0[keyPath: path])"] : [] },
        read: { (settings, text) throws(SettingFault) in
          settings[keyPath: path] = try parsed(name, text)
        })
    }

    /// An option with a value of a fixed set.
    static func choice<Value: RawRepresentable<String>>(
      _ name: String, _ path: WritableKeyPath<RunSettings, Value>,
      when isDue: @escaping (RunSettings) -> Bool = { _ in true }
    ) -> Row {
      Row(
        name: name, takesValue: true,
        write: { isDue($0) ? [$0[keyPath: path].rawValue] : [] },
        read: { (settings, text) throws(SettingFault) in
          guard let value = Value(rawValue: text) else {
            throw SettingFault("--\(name) '\(text)' is none of its values")
          }
          settings[keyPath: path] = value
        })
    }

    /// A flag.
    static func flag(_ name: String, _ path: WritableKeyPath<RunSettings, Bool>) -> Row {
      Row(
        name: name, takesValue: false, write: { $0[keyPath: path] ? [""] : [] },
        read: { (settings, _) throws(SettingFault) in settings[keyPath: path] = true })
    }

    /// An option that may stand several times.
    static func repeatable<Value>(
      _ name: String, _ path: WritableKeyPath<RunSettings, [Value]>,
      _ text: @escaping (Value) -> String,
      _ parse: @escaping (String) throws(SettingFault) -> Value
    ) -> Row {
      Row(
        name: name, takesValue: true, write: { $0[keyPath: path].map(text) },
        read: { (settings, text) throws(SettingFault) in
          settings[keyPath: path].append(try parse(text))
        })
    }

    private static func parsed<Value: LosslessStringConvertible>(
      _ name: String, _ text: String
    ) throws(SettingFault) -> Value {
      guard let value = Value(text) else {
        throw SettingFault("--\(name) '\(text)' is no value of it")
      }
      return value
    }
  }

  /// All options, in the order in which they are written.
  private static var rows: [Row] {
    [
      .optional("layers", \.measurement.layers), .optional("threads", \.measurement.threads),
      .optional("precision", \.measurement.askedPrecision),
      .optional("iterations", \.measurement.iterations), .optional("time", \.measurement.time),
      .optional("until", \.measurement.until), .optional("counters", \.measurement.counters),
      .optional("events", \.measurement.events), .always("cache", \.measurement.cache),
      .choice("pin", \.measurement.pin), .optional("warmup", \.measurement.warmup),
      .optional("tuning", \.measurement.planning.askedTuning),
      .always("seed", \.measurement.planning.seed),
      .optional("isa", \.measurement.planning.isa),
      .always(
        "tuning-budget", \.measurement.planning.tuningBudget,
        when: { $0.measurement.tuning == "auto" }),
      .flag("exact", \.measurement.planning.exact),
      .optional("memory-limit", \.measurement.planning.memoryLimit),
      .optional("layer-timeout", \.measurement.planning.layerTimeout),
      .flag("no-fusion", \.measurement.planning.noFusion),
      .choice("engine", \.measurement.engine, when: { $0.measurement.engine != .onednn }),
      .optional("engine-python", \.measurement.enginePython),
      .flag("strict", \.measurement.strict), .optional("batch", \.network.batch),
      .repeatable(
        "set", \.network.assignments, { "\($0.name)=\($0.value)" },
        { (text) throws(SettingFault) in try Assignment.parse(text) }),
      .optional("weights", \.network.weights),
      .repeatable(
        "shape", \.network.model.shapes,
        { "\($0.name)=\($0.dims.map(String.init).joined(separator: "x"))" },
        { (text) throws(SettingFault) in try ModelArguments.shape(text) }),
      .repeatable(
        "value", \.network.model.values, { "\($0.name)=\($0.number)" },
        { (text) throws(SettingFault) in try ModelArguments.value(text) }),
    ]
  }

  /// The words of settings: options and their values, without the network's file.
  package static func words(of settings: RunSettings) -> [String] {
    rows.flatMap { row in
      row.write(settings).flatMap { row.takesValue ? ["--\(row.name)", $0] : ["--\(row.name)"] }
    }
  }

  /// Settings of a network's file with what such words say besides.
  ///
  /// - Throws: ``SettingFault`` for a word that is no option, and a value that is none of it.
  package static func settings(of source: String, _ words: [String]) throws(SettingFault)
    -> RunSettings
  {
    var settings = RunSettings(NetworkSettings(source))
    var rest = words[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--"), let row = rows.first(where: { $0.name == word.dropFirst(2) })
      else { throw SettingFault("'\(word)' is no option of a measurement") }
      guard row.takesValue else {
        try row.read(&settings, "")
        continue
      }
      guard let value = rest.popFirst() else { throw SettingFault("\(word) needs a value") }
      try row.read(&settings, value)
    }
    return settings
  }
}
