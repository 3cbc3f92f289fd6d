import Counters
import Execution
import FoundationEssentials
import Machine
import Measuring
package import Profiling
import Topology
package import TopologyXML

/// A brick, and what it finds in the caches: what is measured by itself.
package struct PlacedBrick {
  package let brick: Brick
  /// `warm`, `cold`, or ``MeasurementSettings/coldWeights``.
  package let cache: String
}

/// Networks taken apart: nothing is measured yet.
package struct BrickPlan {
  package let networks: [LoadedTopology]
  package let decomposition: BrickDecomposition
  /// What is measured, in the order of the document's rows.
  package private(set) var bricks: [PlacedBrick] = []
  private let uses: [[BrickUse]]
  /// Which of ``bricks`` each use is.
  private let places: [[Int]]
  /// The layers of each network for which nothing runs.
  private let idle: [Set<Int>]

  /// Takes networks apart as plans with these settings fuse them.
  ///
  /// - Parameters:
  ///   - networks: What is taken apart.
  ///   - granularity: The most groups of fused layers in a brick.
  ///   - settings: How bricks run.
  ///   - lastCacheBytes: What the last cache of the machine holds that they run on; nil for this one.
  /// - Throws: ``Failure`` of a network that cannot be planned, or not be taken apart, and after Ctrl-C.
  package init(
    _ networks: [LoadedTopology], granularity: Int, _ settings: BrickSettings,
    lastCacheBytes: Int? = nil
  ) throws(Failure) {
    let capacity = lastCacheBytes ?? CacheLevel.lastLevelBytes
    var decomposition = BrickDecomposition(granularity: granularity)
    var uses: [[BrickUse]] = []
    var caches: [String] = []
    var idle: [Set<Int>] = []
    for network in networks {
      // Of one that is too large to run, its parts may not be.
      let program = try network.program()
      let survey: PlanSurvey
      do throws(ExecutionError) {
        survey = try Plan.survey(of: program, options: settings.planOptions)
      } catch {
        throw network.failure(error)
      }
      do throws(GraphError) {
        uses.append(try decomposition.add(network.graph, fusedInto: survey.fusedInto))
        idle.append(survey.idle)
        caches.append(
          settings.cache(weightBytes: survey.weightBytes, lastCacheBytes: capacity))
      } catch {
        throw Failure(error, in: network.source)
      }
      if Interrupt.isRequested { throw Failure(.interrupted, "interrupted") }
    }
    self.networks = networks
    self.decomposition = decomposition
    self.uses = uses
    self.idle = idle
    var known: [String: Int] = [:]
    var bricks: [PlacedBrick] = []
    places = zip(uses, caches).map { uses, cache in
      uses.map { use in
        let brick = decomposition.bricks[use.brick]
        // What has no weights finds none in either state.
        let isSame =
          cache == MeasurementSettings.coldWeights && brick.graph.cost.parameters == 0
        let placed = PlacedBrick(brick: brick, cache: isSame ? "warm" : cache)
        let key = "\(use.brick) \(placed.cache)"
        if let place = known[key] { return place }
        known[key] = bricks.count
        bricks.append(placed)
        return bricks.count - 1
      }
    }
    self.bricks = bricks
  }

  /// The document, of which nothing is measured yet.
  package func document(_ settings: BrickSettings) -> Bricks {
    var machine = CounterSources.machineInfo()
    machine.onednn = OneDNN.info
    var counts = [Int](repeating: 0, count: bricks.count)
    var homes = counts
    for own in places {
      for place in own { counts[place] += 1 }
      for place in Set(own) { homes[place] += 1 }
    }
    let rows = bricks.enumerated().map { index, placed in
      Self.row(placed, uses: counts[index], networks: homes[index])
    }
    return Bricks(
      created: Date.now.formatted(.iso8601), tool: .ntprof,
      command: CommandWords.current, machine: machine,
      options: settings.options(granularity: decomposition.granularity), bricks: rows,
      networks: networks.indices.map { index in
        let network = networks[index]
        return BrickNetwork(
          topology: network.info, layers: network.graph.layers.count,
          parts: zip(uses[index], places[index]).map { use, place in
            BrickNetwork.Part(
              brick: rows[place].id, layers: use.layers.map { network.graph.layers[$0].name },
              inputs: use.inputs, readsInput: use.readsInput, givesOutput: use.givesOutput,
              isIdle: idle[index].isSuperset(of: use.layers) ? true : nil,
              cache: rows[place].cache)
          })
      })
  }

  /// The name of a brick: the beginning of its digest.
  package static func id(_ brick: Brick) -> String {
    String(SHA256.hexDigest(of: Array(brick.text.utf8)).prefix(16))
  }

  private static func row(_ placed: PlacedBrick, uses: Int, networks: Int) -> BrickRow {
    let graph = placed.brick.graph
    return BrickRow(
      id: id(placed.brick), kinds: graph.layers.map(\.kind),
      inputShapes: graph.inputs.map { Dims($0.type.shape.dims) },
      outputShapes: graph.outputs.compactMap { graph.type(of: $0).map { Dims($0.shape.dims) } },
      parameters: graph.cost.parameters, macs: graph.cost.macs, flops: graph.cost.flops,
      uses: uses, networks: networks,
      cache: placed.cache == MeasurementSettings.coldWeights ? placed.cache : nil)
  }

  /// The layers of a brick whose own work may be a reorder.
  package static func movers(_ brick: Brick) -> Set<Int> {
    (try? brick.graph.program()).map { Plan.movers(of: $0) } ?? []
  }
}

extension BrickPlan {
  /// Writes every brick as a topology that tells nothing of the networks: neither their names, nor which
  /// brick is whose, nor how many there are of one.
  ///
  /// - Returns: The paths, in the order of their digests.
  package func writeSuite(_ path: String) throws(Failure) -> [String] {
    let folder: OutputFolder
    do throws(Failure) { folder = try OutputFolder(creating: path) } catch {
      throw Failure(
        error.exit, error.message.replacing("--output ", with: "--suite "),
        remedy: "name a folder that can be written with --suite")
    }
    var paths: [String] = []
    let named = decomposition.bricks.map { (id: Self.id($0), brick: $0) }
    for (id, brick) in named.sorted(by: { $0.id < $1.id }) {
      let text: String
      do throws(GraphError) {
        text = try brick.text(
          named: "brick-\(id)",
          comment: ["brick-\(id): a part of networks that are not told, to be measured by itself."])
      } catch {
        throw Failure(.software, "brick \(id): \(error.message)")
      }
      paths.append(try folder.write(Array(text.utf8), as: "brick-\(id).xml"))
    }
    return paths
  }
}
