/// The class of a layer by its roofs, and how near another one is.
struct RooflineVerdict: Hashable {
  /// The part of the time that the nearer roof explains.
  let share: Double
  /// What holds it back.
  let `class`: Bound.Class
  /// The factor by which the deciding numbers may change before another class applies; nil where
  /// none can (a layer without work).
  let margin: Double?

  /// Judges by the times that the two roofs allow, ns, and the share of the time of the longer one.
  init(memory: Double, compute: Double, share: Double) {
    self.share = share
    let none = Roofline.latencyBelow
    let named = Roofline.explainedFrom
    let factor = Roofline.threshold
    let distance: Double
    if share < none {
      self.class = .latency
      distance = none / share
    } else if share < named {
      self.class = .balanced
      distance = min(share / none, named / share)
    } else if memory > factor * compute {
      self.class = .memory
      distance = min(share / named, memory / (factor * compute))
    } else if compute > factor * memory {
      self.class = .core
      distance = min(share / named, compute / (factor * memory))
    } else {
      self.class = .balanced
      distance = min(factor * compute / memory, factor * memory / compute)
    }
    margin = distance.isFinite ? distance : nil
  }
}
