internal import Profiling

/// The engine that ran a network, in words.
enum EngineText {
  /// `onnxruntime`, or `onednn` for ntprof's own.
  static func name(_ options: RunOptions) -> String { options.engine ?? "onednn" }

  /// `onnxruntime 1.31.1 (Python 3.11.2)`.
  static func version(_ engine: MachineInfo.Engine) -> String {
    let facts = [
      engine.onednn.map { "oneDNN \($0)" }, engine.isa, engine.python.map { "Python \($0)" },
    ].compactMap(\.self)
    return "\(engine.name) \(engine.version)"
      + (facts.isEmpty ? "" : " (\(facts.joined(separator: ", ")))")
  }

  /// `NUM_STREAMS 1, …` by name.
  static func settings(_ engine: MachineInfo.Engine) -> String {
    engine.settings.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      .joined(separator: ", ")
  }

  /// `within 4.6e-07 of ntprof's own`.
  static func outputs(_ error: OutputError) -> String {
    "within \(power(error.relative)) of ntprof's own"
  }

  /// `nodes 98.3 % of the bare pass, 100 % of them in layers, 84 µs between them (about 28 µs cut by the clock)`.
  static func nodes(_ nodes: NodeTimes) -> String {
    let share = Figures.percent(nodes.attributedShare)
    var text =
      "nodes "
      + (nodes.shareOfBare.map { "\(Figures.percent($0)) % of the bare pass" }
        ?? TimeUnit.text(nodes.executedNs))
    text += ", \(share) % of them in layers, \(TimeUnit.text(nodes.betweenNs)) between them"
    let parts = [
      nodes.cutNs.map { "about \(TimeUnit.text($0)) cut by the clock" },
      nodes.returnNs.map { "\(TimeUnit.text($0)) until the network has returned" },
    ].compactMap(\.self)
    return parts.isEmpty ? text : text + " (\(parts.joined(separator: ", ")))"
  }

  /// `4.6e-7`, or `0`.
  private static func power(_ value: Double) -> String {
    guard value > 0, value.isFinite else { return "0" }
    var (mantissa, exponent) = (value, 0)
    while mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    while mantissa >= 9.95 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    return "\(Figures.fixed(mantissa, 1))e\(exponent)"
  }
}
