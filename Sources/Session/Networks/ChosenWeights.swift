import Importers
package import Model
package import Profiling
import Topology

/// What `--weights` asks for.
package enum WeightsChoice: Hashable {
  /// The model's own where it has them, else random ones.
  case standard
  /// Random numbers of the seed.
  case random
  /// The model's own.
  case model
  /// Those of a safetensors file.
  case file(String)

  /// Reads the option's value.
  package init(_ text: String?) {
    switch text {
    case nil: self = .standard
    case "random": self = .random
    case "model": self = .model
    case .some(let path): self = .file(path)
    }
  }
}

/// Weights that a topology runs with: found, and checked against its constants.
package struct ChosenWeights {
  /// Gives them; `nil` for random ones, which a plan makes of its seed.
  package let provider: ModelWeights?
  /// What the record says of them.
  package let info: WeightsInfo

  private var source: (any TensorSource)?
  /// What they are like, for which all numbers are read; `nil` for random ones.
  package var health: WeightHealth? { source.map { WeightHealth($0) } }

  /// Finds what is asked for.
  ///
  /// - Parameters:
  ///   - choice: What `--weights` says.
  ///   - topology: The network, and its own weights.
  ///   - looksForNaN: Whether all numbers are read.
  /// - Throws: `Failure` that says everything that does not fit, all at once.
  package init(
    _ choice: WeightsChoice, for topology: LoadedTopology, looksForNaN: Bool
  ) throws(Failure) {
    let source: any TensorSource
    var isOwn = false
    switch choice {
    case .random:
      self = .random
      return
    case .standard where topology.ownWeights == nil:
      self = .random
      return
    case .standard, .model:
      guard let own = topology.ownWeights else {
        throw Failure(
          .data, "--weights model: \(topology.source) has no weights of its own",
          remedy: "name a safetensors file, or leave --weights out for random ones")
      }
      source = own
      isOwn = true
    case .file(let path):
      do throws(SafetensorsError) { source = try SafetensorsFile(path) } catch {
        throw Failure(error)
      }
    }
    let provider: ModelWeights
    do throws(WeightsError) {
      provider = try ModelWeights(
        topology.graph, source: source,
        missing: isOwn && topology.imported?.unknownWeights.isEmpty == false
          ? .seeded(1) : .refused, looksForNaN: looksForNaN)
    } catch {
      throw Failure(error, of: topology.graph.name)
    }
    var isFile = false
    if case .file = choice { isFile = true }
    self.init(
      provider: provider,
      info: WeightsInfo(
        kind: isFile ? .file : .model, source: source.name, constants: provider.found))
    self.source = source
  }

  private init(provider: ModelWeights?, info: WeightsInfo) {
    self.provider = provider
    self.info = info
  }

  private static let random = ChosenWeights(provider: nil, info: WeightsInfo(kind: .random))
}

extension Failure {
  /// The most problems of one file that are listed.
  private static let listed = 100

  /// The failure that a file of weights becomes which cannot be read.
  package init(_ error: SafetensorsError) {
    switch error {
    case .unreadable(let cause):
      self.init(.noInput, "--weights: \(cause)", remedy: "name a safetensors file")
    case .invalid: self.init(.data, "--weights: \(error)")
    }
  }

  /// The failure that weights become which do not fit a network.
  package init(_ error: WeightsError, of network: String) {
    var lines = error.problems.prefix(Self.listed).map { "\n  \($0)" }
    if error.problems.count > Self.listed {
      lines.append("\n  and \(error.problems.count - Self.listed) more")
    }
    self.init(
      .data, "\(error.source): these weights do not fit '\(network)':\(lines.joined())",
      remedy: "keys are LAYER.weight, LAYER.INDEX.weight…, as docs/weights.md lists them")
  }
}
