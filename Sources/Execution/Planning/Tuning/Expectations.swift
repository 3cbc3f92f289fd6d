import DNNL
import Measuring
import Topology

/// What ``CostModel`` expects of places that no search has seen.
struct Expectations {
  let settings: SearchSettings

  private var flow: Dataflow { settings.flow }
  private var options: PlanOptions { settings.options }

  /// What oneDNN would choose in each form that a search tries, with times as ``CostModel`` guesses
  /// them; nothing for operations that it knows nothing of.
  ///
  /// Winograd's algorithm is among them where its error is known, and nothing that was not asked
  /// for by its formats: what has not been tried may be wrong, and oneDNN's first answer seldom is.
  func guesses(
    _ site: FusionSite, _ epilogue: Epilogue, dst: MemoryDescriptor, _ key: String
  ) throws(DNNLError) -> [TunedImplementation] {
    guard let work = convolutionWork(site.anchor), options.precision != .int8 else { return [] }
    guard site.variants.count > 1 else { return [] }
    let attributes = try epilogue.attributes()
    let dst = try dst.retyped(epilogue.format.type)
    var found: [TunedImplementation] = []
    for (variant, make) in site.variants.enumerated() {
      do throws(DNNLError) {
        let descriptor = try make(attributes, dst, !epilogue.folded.isEmpty)
        var entry = try TunedImplementation(variant: variant, of: descriptor)
        guard Implementation.quality(entry.implementation) > 0,
          !found.contains(where: entry.isSame)
        else { continue }
        let isWinograd = entry.algorithm == ConvolutionAlgorithm.winograd.rawValue
        if isWinograd {
          guard !options.isExact, let error = settings.tunings.rounding(of: key) else { continue }
          entry.error = error
        }
        if let own = found.first {
          let ratio =
            isWinograd
            ? CostModel.winograd
            : CostModel.ratio(of: entry.implementation, entry.source, entry.result, to: own)
          guard let ratio, let time = own.time else { continue }
          entry.time = ratio * time
        } else {
          entry.time = CostModel.convolution(
            work, implementation: entry.implementation, source: entry.source,
            result: entry.result)
        }
        found.append(entry)
      } catch {
        guard error.isRefusal else { throw error }
      }
    }
    return found
  }

  /// The time of a place in a pass where no form of it is guessed, ns.
  func time(of site: FusionSite, weights: Int) -> Double {
    CostModel.direct(
      convolutionWork(site.anchor) ?? productWork(site.anchor, weights: weights))
  }

  /// Whether Winograd's algorithm, where oneDNN has it, is expected to be the fastest.
  func expectsWinograd(_ site: FusionSite) -> Bool {
    guard !options.isExact, site.type == .f32,
      case .convolution(let convolution) = flow.program.instructions[site.anchor].operation
    else { return false }
    return convolution.kernel == [3, 3] && convolution.stride == [1, 1] && convolution.groups == 1
  }

  /// A convolution as the cost model sees it; `nil` for another operation.
  private func convolutionWork(_ index: Int) -> CostModel.Work? {
    let instruction = flow.program.instructions[index]
    guard case .convolution = instruction.operation,
      let slot = instruction.weights.first(where: { $0.role == .weights })
    else { return nil }
    let result = flow.dims(instruction.output)
    let positions = result.reduce(1, *) / max(result[1], 1)
    return CostModel.Work(
      macs: Double(slot.elementCount) * Double(positions),
      values: Double(flow.dims(flow.input(of: index)).reduce(1, *) + result.reduce(1, *)),
      weights: Double(slot.elementCount), threads: options.threads)
  }

  /// Another product: each row of the source meets all weights, of a recurrent layer at every step.
  private func productWork(_ index: Int, weights: Int) -> CostModel.Work {
    let source = flow.dims(flow.input(of: index))
    let rows = source.dropLast().reduce(1, *)
    var reads = 1
    if case .recurrent = flow.program.instructions[index].operation { reads = source[0] }
    return CostModel.Work(
      macs: Double(weights) * Double(rows), values: Double(source.reduce(1, *)),
      weights: Double(weights) * Double(reads), threads: options.threads)
  }
}
