internal import Profiling

/// Words for a bound.
enum BoundText {
  /// `memory 86 %`; `memory, at the roof` where the time is what the roof allows, or a little less;
  /// `memory? 130 %` when no roof of this machine can be right or the run was disturbed.
  static func cell(_ bound: Bound) -> String {
    guard bound.class != .unknown else { return "unknown" }
    let doubt = bound.confidence == "low" ? "?" : ""
    guard let efficiency = bound.evidence[.efficiency] else { return bound.class.rawValue + doubt }
    if efficiency >= 1, efficiency <= Roofline.suspectAbove {
      return "\(bound.class.rawValue)\(doubt), at the roof"
    }
    return "\(bound.class.rawValue)\(doubt) \(Figures.fixed(efficiency * 100, 0)) %"
  }

  /// `memory 86 % of its roof`, `memory, at the roof`.
  static func phrase(_ bound: Bound) -> String {
    let cell = cell(bound)
    return cell.hasSuffix("%") ? "\(cell) of its roof" : cell
  }

  /// What holds a layer back, as an adjective.
  static func adjective(_ bound: Bound.Class) -> String {
    switch bound {
    case .memory: "memory-bound"
    case .core: "core-bound"
    case .balanced: "balanced (no single limit stands out)"
    case .frontend: "front-end-bound"
    case .badSpeculation: "held back by bad speculation"
    case .latency: "latency-bound"
    case .unknown: "of unknown bound"
    }
  }

  /// A mark of Chart.js that tells bounds apart without colour.
  static func shape(_ bound: Bound.Class) -> String {
    switch bound {
    case .memory: "circle"
    case .core: "triangle"
    case .balanced: "rect"
    case .latency: "rectRot"
    case .frontend: "star"
    case .badSpeculation: "crossRot"
    case .unknown: "cross"
    }
  }

  /// The roof a layer is near: `DRAM roof`, `cache roof`, `peak`.
  static func roof(_ bound: Bound) -> String {
    switch bound.class {
    case .memory: (bound.evidence[.dramShare] ?? 1) >= 0.5 ? "DRAM roof" : "cache roof"
    case .core: "arithmetic peak"
    default: "roof"
    }
  }
}
