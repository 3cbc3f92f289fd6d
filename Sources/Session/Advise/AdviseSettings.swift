package import Profiling
import Reports

/// The options of a measurement by name, and what a candidate makes of them.
package struct AdviseSettings {
  /// Values by option.
  ///
  /// Names stand without dashes, params as `set NAME`; nil is the value of a flag that is set.
  package private(set) var values: [String: String?]
  /// The topology as the user named it.
  package let topology: String

  /// The options of a baseline.
  package init(topology: String, values: [String: String?]) {
    self.topology = topology
    self.values = values
  }

  /// With what candidates change, one after the other.
  package func applying(_ candidates: [AdviceCandidate]) -> AdviseSettings {
    var made = self
    for candidate in candidates {
      for (name, value) in candidate.settings {
        // Without a value a flag is taken away.
        made.values[name] = value.map { .some($0) }
      }
    }
    return made
  }

  /// The options alone, sorted by name.
  private var options: [String] {
    values.sorted { $0.key < $1.key }.flatMap { Self.words($0.key, $0.value) }
  }

  /// The words of a command line that asks for one option.
  package static func words(_ name: String, _ value: String?) -> [String] {
    if name.hasPrefix("set ") {
      return value.map { ["--set", "\(name.dropFirst(4))=\($0)"] } ?? []
    }
    return ["--\(name)"] + (value.map { [$0] } ?? [])
  }

  /// What a process is told that measures this for so many seconds; nothing is counted.
  package func settings(seconds: Double? = nil) throws(Failure) -> RunSettings {
    do throws(SettingFault) {
      var settings = try OptionWords.settings(of: topology, options)
      settings.measurement.counters = "none"
      settings.measurement.time = seconds
      return settings
    } catch {
      throw Failure(.software, "advice: \(error)")
    }
  }

  /// The command that measures this in several processes.
  package func command(processes: Int) -> String {
    ShellWord.command(
      ["ntprof", "profile", topology] + options + ["--processes", "\(processes)"])
  }

  /// How a user would write a change.
  package static func text(of candidates: [AdviceCandidate]) -> String {
    candidates.flatMap { candidate in
      candidate.settings.sorted { $0.key < $1.key }.flatMap { name, value in
        value == nil ? ["without --\(name)"] : words(name, value)
      }
    }.joined(separator: " ")
  }
}
