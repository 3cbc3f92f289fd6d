/// `mfcc`: mel-frequency cepstral coefficients of speech, each frame with its neighbours.
///
/// N x samples at `rate` Hz (16000) give T x N x coefficients·(2·context + 1): a frame of
/// `window` ms (32) every `step` ms (20), T = floor((samples − window) / step) + 1,
/// `coefficients` (26) a frame, `context` (9) frames on either side. The defaults are DeepSpeech's
/// 494 features.
struct MFCC: InlayKind {
  static let name = "mfcc"
  static let attributes: [any AttributeKey] = [rate, window, step, coefficients, context]

  private static let rate = Attribute<Int>(
    "rate", default: 16000, in: 1...384_000, doc: "`mfcc`: samples a second, up to 384,000.")
  private static let window = Attribute<Int>(
    "window", default: 32, in: 1...10_000, doc: "`mfcc`: length of a frame in ms, up to 10,000.")
  private static let step = Attribute<Int>(
    "step", default: 20, in: 1...10_000,
    doc: "`mfcc`: from one frame to the next in ms, up to 10,000.")
  private static let coefficients = Attribute<Int>(
    "coefficients", default: 26, in: 1...4096, doc: "`mfcc`: coefficients a frame, up to 4096.")
  private static let context = Attribute<Int>(
    "context", default: 9, in: 0...4096, doc: "`mfcc`: frames on either side, 0 to 4096.")

  private let plan: CepstrumPlan.Parameters
  private let context: Int

  init(_ attributes: Attributes) throws(AttributeError) {
    let rate = try attributes[Self.rate]
    let window = try attributes[Self.window] * rate / 1000
    let step = try attributes[Self.step] * rate / 1000
    guard window >= 2 else { throw AttributeError("window", "holds fewer than 2 samples") }
    guard step >= 1 else { throw AttributeError("step", "is shorter than a sample") }
    plan = CepstrumPlan.Parameters(
      rate: rate, window: window, step: step,
      coefficients: try attributes[Self.coefficients])
    context = try attributes[Self.context]
  }

  func outputType(_ input: TensorType) throws(ShapeError) -> TensorType {
    guard input.shape.rank == 2, input.layout == .nc || input.layout == .other else {
      throw ShapeError("wants N x samples, not \(input)")
    }
    let samples = input.dims[1]
    guard samples >= plan.window else {
      throw ShapeError("\(samples) samples are fewer than a window of \(plan.window)")
    }
    return try TensorType(
      dims: [
        (samples - plan.window) / plan.step + 1, input.dims[0],
        plan.coefficients * (2 * context + 1),
      ], .tnc)
  }

  func operation(on input: TensorType) -> Operation {
    .host(CepstrumKernel(plan: CepstrumPlan(plan), context: context))
  }
}
