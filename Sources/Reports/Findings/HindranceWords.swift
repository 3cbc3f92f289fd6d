internal import Profiling

/// One reason as a sentence with its numbers.
struct HindranceWords {
  private let hindrance: Hindrance
  private let layer: LayerRecord
  private let record: RunRecord

  init(_ hindrance: Hindrance, layer: LayerRecord, record: RunRecord) {
    self.hindrance = hindrance
    self.layer = layer
    self.record = record
  }

  /// The sentence, without a full stop and without the part of the time.
  var text: String {
    switch hindrance.code {
    case .launch, .disturbed, .imbalance, .clock: around
    case .reference, .hostKernel, .im2col, .reorders, .smallPieces, .otherPrimitives, .keptInF32:
      plan
    case .fewChannels, .laneTails, .strided, .windowLoads: vectors
    case .betweenRoofs, .cacheBoundary, .writes, .steps: bytes
    case .functions, .instructions, .winograd: arithmetic
    case .unknown: unknown
    }
  }

  private func value(_ name: EvidenceName) -> Double { hindrance.evidence[name] ?? 0 }
  private func count(_ name: EvidenceName) -> String { Figures.grouped(Int(rounding: value(name))) }
  private func time(_ name: EvidenceName) -> String { TimeUnit.text(value(name)) }
  private func size(_ name: EvidenceName) -> String { Figures.bytes(value(name)) }
  private func rate(_ name: EvidenceName) -> String { "\(Figures.short(value(name))) GB/s" }

  private var around: String {
    switch hindrance.code {
    case .launch:
      let calls = value(.calls) == 1 ? "one call" : "\(count(.calls)) calls"
      let work = hindrance.evidence[.threadFlops].map {
        ", for \(Figures.prefixed($0, unit: "FLOP")) a thread"
      }
      return "little work a call: \(calls) of about \(time(.callNs))\(work ?? "")"
    case .disturbed:
      return "disturbed: undisturbed passes take \(time(.undisturbedNs)) and reach the target"
    case .imbalance:
      return "uneven threads: \(Figures.percent(value(.threadImbalance))) % of the capacity of "
        + "\(count(.threads)) is unused"
    default:
      return "the clock ran at \(Figures.fixed(value(.clockHz) / 1e9, 2)) GHz, at "
        + "\(Figures.fixed(value(.calibratedHz) / 1e9, 2)) GHz when the roofs were measured"
    }
  }

  private var plan: String {
    switch hindrance.code {
    case .reference:
      let slow = layer.primitives.first {
        $0.implementation.hasPrefix("ref") || $0.implementation.hasPrefix("simple")
      }
      return "plain loops of oneDNN (\(slow?.implementation ?? "ref")), \(time(.referenceNs))"
    case .hostKernel:
      return "a loop of ntprof for what oneDNN lacks, " + time(.hostNs)
    case .im2col:
      return "unfolds its input (gemm): \(size(.columnBytes)) written and read again at "
        + rate(.bandwidthGbs)
    case .reorders:
      let what = value(.count) == 1 ? "a change of format" : "\(count(.count)) changes of format"
      return "\(what), \(time(.reorderNs))"
    case .smallPieces:
      return "copies \(count(.pieces)) pieces, the shortest of \(size(.pieceBytes)), "
        + "\(time(.pieceNs)) each"
    case .otherPrimitives:
      let what = value(.count) == 1 ? "a primitive" : "\(count(.count)) primitives"
      return "\(what) beside the products, \(time(.otherNs))"
    default: return "part of it computes in f32 (\(layer.keptInF32 ?? "see its row"))"
    }
  }

  private var vectors: String {
    switch hindrance.code {
    case .fewChannels:
      guard hindrance.evidence[.channels] != nil else {
        return "groups of few channels: sums of \(count(.terms)) terms for vectors of "
          + "\(count(.lanes)) lanes"
      }
      return "\(count(.channels)) input channels fill \(count(.channels)) of \(count(.lanes)) "
        + "lanes: every input is loaded for itself, sums have \(count(.terms)) terms"
    case .laneTails:
      return "\(count(.channels)) output channels are computed as \(count(.filled)), in vectors "
        + "of \(count(.lanes))"
    case .strided:
      return
        "a stride with a kernel of 1 × 1: products of \(count(.row)) rows, a row of the image "
        + "each, in place of one of \(count(.places))"
    default:
      return "an output loads \(Figures.short(value(.window))) inputs of its own: "
        + "\(size(.loadBytes)) from L1 at \(rate(.l1Gbs))"
    }
  }

  private var bytes: String {
    switch hindrance.code {
    case .betweenRoofs:
      return "between the roofs: bytes take \(time(.memoryNs)), arithmetic "
        + "\(time(.computeNs)); what of the shorter does not overlap adds up"
    case .cacheBoundary:
      return "its working set of \(size(.workingSetBytes)) lies where a cache ends: "
        + "\(rate(.bandwidthGbs)) there, \(rate(.outerGbs)) at twice the size"
    case .writes:
      return "writes \(size(.outputBytes)), which the roof counts like reads: fetched before and "
        + "written back after, once more at \(rate(.bandwidthGbs))"
    default:
      let rows = value(.batch) == 1 ? "one row" : "\(count(.batch)) rows"
      return "\(count(.steps)) steps one after another of \(time(.stepNs)), each reads the "
        + "recurrent weights for \(rows) (weights: \(size(.weightBytes)))"
    }
  }

  private var arithmetic: String {
    switch hindrance.code {
    case .functions:
      let elements = "\(Figures.prefixed(value(.elements))) values"
      guard hindrance.evidence[.functionNs] != nil else {
        return "a function of \(elements) is fused into it and counts as one FLOP each"
      }
      return "functions that count as one FLOP a value: \(elements) in \(time(.functionNs))"
    case .instructions:
      return "\(Figures.short(value(.perVector))) instructions for each vector of multiply-adds "
        + "(\(Figures.prefixed(value(.instructions))) in all)"
    default:
      return "Winograd: fewer FLOP than counted "
        + "(\(Figures.percent(value(.algorithmFlopsRatio))) %); with these it reaches "
        + "\(Figures.percent(value(.peakFraction))) % of the peak"
    }
  }

  private var unknown: String {
    "the numbers at hand explain \(Figures.fixed(value(.explained) * 100, 0)) % of its time; the "
      + "rest is not known"
  }
}
