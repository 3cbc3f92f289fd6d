import Counters
import Execution
import FoundationEssentials
import Measuring
package import Profiling
import Topology
package import TopologyXML

/// Networks taken apart: nothing is measured yet.
package struct BrickPlan {
  package let networks: [LoadedTopology]
  package let decomposition: BrickDecomposition
  private let uses: [[BrickUse]]
  /// The layers of each network for which nothing runs.
  private let idle: [Set<Int>]

  /// Takes networks apart as plans with these settings fuse them.
  package init(
    _ networks: [LoadedTopology], granularity: Int, _ settings: BrickSettings
  ) throws(Failure) {
    var decomposition = BrickDecomposition(granularity: granularity)
    var uses: [[BrickUse]] = []
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
      } catch {
        throw Failure(error, in: network.source)
      }
      if Interrupt.isRequested { throw Failure(.interrupted, "interrupted") }
    }
    self.networks = networks
    self.decomposition = decomposition
    self.uses = uses
    self.idle = idle
  }

  /// The document, of which nothing is measured yet.
  package func document(_ settings: BrickSettings) -> Bricks {
    var machine = CounterSources.machineInfo()
    machine.onednn = OneDNN.info
    var counts = [Int](repeating: 0, count: decomposition.bricks.count)
    var homes = counts
    for uses in uses {
      for use in uses { counts[use.brick] += 1 }
      for brick in Set(uses.map(\.brick)) { homes[brick] += 1 }
    }
    let rows = decomposition.bricks.enumerated().map { index, brick in
      Self.row(brick, uses: counts[index], networks: homes[index])
    }
    return Bricks(
      created: Date.now.formatted(.iso8601), tool: .ntprof,
      command: CommandWords.current, machine: machine,
      options: settings.options(granularity: decomposition.granularity), bricks: rows,
      networks: zip(networks, zip(uses, idle)).map { network, places in
        let (uses, idle) = places
        return BrickNetwork(
          topology: network.info, layers: network.graph.layers.count,
          parts: uses.map { use in
            BrickNetwork.Part(
              brick: rows[use.brick].id, layers: use.layers.map { network.graph.layers[$0].name },
              inputs: use.inputs, readsInput: use.readsInput, givesOutput: use.givesOutput,
              isIdle: idle.isSuperset(of: use.layers) ? true : nil)
          })
      })
  }

  /// The name of a brick: the beginning of its digest.
  package static func id(_ brick: Brick) -> String {
    String(SHA256.hexDigest(of: Array(brick.text.utf8)).prefix(16))
  }

  private static func row(_ brick: Brick, uses: Int, networks: Int) -> BrickRow {
    let graph = brick.graph
    return BrickRow(
      id: id(brick), kinds: graph.layers.map(\.kind),
      inputShapes: graph.inputs.map { Dims($0.type.shape.dims) },
      outputShapes: graph.outputs.compactMap { graph.type(of: $0).map { Dims($0.shape.dims) } },
      parameters: graph.cost.parameters, macs: graph.cost.macs, flops: graph.cost.flops,
      uses: uses, networks: networks)
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
