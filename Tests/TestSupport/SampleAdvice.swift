public import Profiling

extension SampleRecords {
  /// Advice with a row in every state.
  public static func advice() -> Advice {
    var advice = Advice(
      created: "2026-03-04T05:06:07Z", tool: Tool(name: "ntprof", version: "0.1.0"),
      command: ["ntprof", "advise", "deepspeech"], baseline: deepspeech(), objective: .latency,
      minCosine: 0.99, budgetSeconds: 60)
    advice.seconds = 58.2
    advice.processes = 6
    advice.baselineNs = 5e7
    func row(
      _ change: String, _ kind: AdviceRow.Kind, _ state: AdviceRow.State, race: Double?,
      _ difference: Difference? = nil, cosine: Double? = nil
    ) -> AdviceRow {
      var row = AdviceRow(
        change: change, kind: kind,
        reason: kind == .precision ? "layers at the memory take 80 %" : nil,
        command: "ntprof profile deepspeech \(change) --processes 6")
      row.state = state
      row.racePercent = race
      row.laps = race == nil ? 0 : 2
      row.difference = difference
      row.cosine = cosine
      return row
    }
    advice.rows = [
      row(
        "--precision int8", .precision, .measured, race: -41,
        Difference(
          baselineNs: 5e7, candidateNs: 3e7, percent: -40, ci95: [-42, -37.5], p: 0.002,
          pAdjusted: 0.004, verdict: .faster), cosine: 0.99931),
      row(
        "--set hidden=2032", .param, .measured, race: -3,
        Difference(
          baselineNs: 5e7, candidateNs: 4.9e7, percent: -2, ci95: [-4, 0.5], p: 0.1,
          pAdjusted: 0.1, verdict: .undecided, moreSamples: 9)),
      row("--pin off", .pinning, .dropped, race: 4, cosine: 1),
      row("--precision bf16", .precision, .inaccurate, race: nil, cosine: 0.8),
      row("--threads 1", .threads, .pending, race: nil),
    ]
    advice.rows[3].laps = 1
    var failed = row("--set hidden=2064", .param, .failed, race: nil)
    failed.failure = "needs more memory than there is"
    advice.rows.append(failed)
    return advice
  }
}
