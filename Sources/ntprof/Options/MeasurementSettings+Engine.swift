import ArgumentParser
import Engines
import Session

extension MeasurementSettings {
  /// Refuses what the engine cannot be asked for.
  func validateEngine() throws {
    guard engine != .onednn else { return }
    func refuse(_ option: String, _ why: String) -> ValidationError {
      ValidationError("--engine \(engine.rawValue): \(option) \(why)")
    }
    if let counters, !["none", "auto"].contains(counters) || events != nil {
      throw refuse("--counters \(counters)", "counts in ntprof's own process; leave it out")
    }
    if events != nil { throw refuse("--events", "counts in ntprof's own process; leave it out") }
    if cache == "cold" { throw refuse("--cache cold", "would need the engine's memory") }
    if let askedTuning = planning.askedTuning, askedTuning != "fast" {
      throw refuse("--tuning \(askedTuning)", "is about oneDNN's implementations; leave it out")
    }
    if planning.isa != nil, engine != .pytorch {
      throw refuse("--isa", "cannot be set: it neither caps its instruction set nor tells it")
    }
    if planning.noFusion, engine == .openvino { throw refuse("--no-fusion", "cannot be set") }
    if precision == "int8" || precision == "bf16" && engine != .openvino {
      throw refuse(
        "--precision \(precision)",
        engine == .openvino ? "is not offered: use f32 or bf16" : "is not offered: use f32")
    }
  }
}
