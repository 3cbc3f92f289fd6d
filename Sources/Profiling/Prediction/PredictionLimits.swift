/// What a prediction cannot know, in words.
struct PredictionLimits {
  /// The sentences, what weighs most first.
  private(set) var sentences: [String] = []

  init(
    _ source: RunRecord, _ target: PredictionTarget, _ model: PredictionModel,
    _ layers: [Prediction.Layer]
  ) {
    let sum = layers.reduce(0) { $0 + ($1.predicted?.ns ?? 0) }
    func share(_ isMeant: (Prediction.Layer) -> Bool) -> Double {
      let part = layers.reduce(0) { $0 + (isMeant($1) ? $1.predicted?.ns ?? 0 : 0) }
      return sum > 0 ? part / sum : 0
    }
    func percent(_ share: Double) -> String { "\(Int(rounding: share * 100)) % of the time" }
    let guessed = share { $0.method == .roofs }
    let side = MeasuredSide(source)
    if side.isa != target.isa, guessed > 0 {
      sentences.append(
        "what code for \(target.isa) reaches of its roofs was not measured for \(percent(guessed)): layers keep "
          + "the part that code for \(side.isa) reaches; records of any network on both would tell")
    }
    if side.threads != target.threads, guessed > 0 {
      sentences.append(
        "how layers share \(target.threads) thread\(target.threads == 1 ? "" : "s") was not measured for "
          + "\(percent(guessed)): the roofs say that they do as well as on \(side.threads)")
    }
    let winograd = layers.filter { $0.implementation?.contains("wino") == true }
    if !winograd.isEmpty, !target.mayRunWinograd {
      sentences.append(
        "\(winograd.count) layer\(winograd.count == 1 ? "" : "s") by Winograd's algorithm here run\(winograd.count == 1 ? "s" : "") the direct "
          + "one there: oneDNN has the other from AVX-512 on")
    }
    if model.pairs > 0 {
      let kinds = Set(layers.filter { $0.method == .roofs }.map(\.kind)).sorted()
      if !kinds.isEmpty {
        sentences.append("never seen on both sides: \(kinds.joined(separator: ", "))")
      }
    }
    addMachines(source, target)
    if let share = source.endToEnd?.disturbance?.keptShare, share >= Disturbance.doubtfulFrom {
      sentences.append(
        "other programs disturbed \(Int(rounding: share * 100)) % of the passes that it starts from"
      )
    }
    sentences.append(
      "what runs beside it there, and how far the clock falls when all cores work, which no roof tells"
    )
  }

  private mutating func addMachines(_ source: RunRecord, _ target: PredictionTarget) {
    let (here, there) = (source.machine, target.machine)
    if let mine = here.onednn?.version, let other = there.onednn?.version, mine != other {
      sentences.append(
        "oneDNN \(other) there, \(mine) here: other versions have other implementations")
    } else if there.onednn == nil {
      sentences.append("which oneDNN is there")
    }
    let precision = source.options.precision
    let peaks = [here.rooflines, target.roofs].compactMap(\.self).map { roofs in
      precision == .bf16
        ? roofs.peakFlops.bf16 : precision == .int8 ? roofs.peakFlops.int8 : roofs.peakFlops.f32
    }
    if peaks.contains(where: { $0 == nil }) {
      sentences.append(
        "the peak of \(precision) was not measured on both sides: f32's stands in for it")
    }
    let copies = [here.rooflines, target.roofs].compactMap(\.self).map { roofs in
      roofs.bandwidth.contains { $0.copyGbs != nil }
    }
    if copies.contains(false) {
      sentences.append(
        "what writing costs on \(copies == [false, false] ? "both sides" : "one side"): its roofs have no rates of "
          + "copying, and a written byte counts as one that is read")
    }
    if let cores = there.threads, target.threads > cores {
      sentences.append(
        "\(target.threads) threads on \(cores) logical CPUs take turns, which no roof tells")
    }
    if let memory = there.memoryBytes, let need = source.peakMemoryBytes, need > memory {
      sentences.append(
        "whether it fits: it took \(need / 1_000_000) MB here, and \(memory / 1_000_000) MB are there"
      )
    }
    if let share = target.roofs.disturbance, share > 0.05 {
      sentences.append(
        "other programs took \(Int(rounding: share * 100)) % of the time while the roofs there were measured: "
          + "they may be too low")
    }
  }
}
