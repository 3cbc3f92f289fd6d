import ArgumentParser
import Profiling
import Session
import Topology
import TopologyXML

/// `ntprof list`: the networks that come with the program.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the bundled networks with their parameters and MACs.",
    discussion: """
      Each name works wherever a topology's path does; a file of that name comes before it. The \
      networks are the XML files of share/ntprof/topologies beside the program, or of the folder \
      that NTPROF_TOPOLOGIES names. MACs are of the sizes and the batch in the file.

      Examples:
        ntprof list
        ntprof list --format json
      """)

  @Option(help: "table or json.", completion: .list(["table", "json"]))
  var format: String = "table"

  func validate() throws {
    guard ["table", "json"].contains(format) else {
      throw ValidationError("--format '\(format)' is none of table, json")
    }
  }

  func run() throws {
    guard let folder = BundledTopologies.folder, !BundledTopologies.names.isEmpty else {
      throw Failure(
        .noInput, "\(BundledTopologies.folder ?? "share/ntprof/topologies"): no topologies there",
        remedy: "name the folder that holds them with NTPROF_TOPOLOGIES")
    }
    var networks: [Network] = []
    var worst: Int32 = 0
    for name in BundledTopologies.names {
      do throws(Failure) { networks.append(try Network(name)) } catch {
        Console.complain(error)
        worst = max(worst, error.status)
      }
    }
    if format == "json" {
      try Console.write(RecordCoding.encode(Listing(folder: folder, topologies: networks)))
    } else {
      try Console.write(table(networks))
    }
    if worst != 0 { throw ExitCode(worst) }
  }

  private func table(_ networks: [Network]) -> String {
    let rows =
      [("name", "parameters", "MACs", "network")]
      + networks.map {
        ($0.name, Quantity.grouped($0.parameters), Quantity.grouped($0.macs), $0.title)
      }
    let widths = (
      rows.map(\.0.count).max() ?? 0, rows.map(\.1.count).max() ?? 0, rows.map(\.2.count).max() ?? 0
    )
    func spaces(_ width: Int, _ text: String) -> String {
      String(repeating: " ", count: width - text.count)
    }
    return rows.map { name, parameters, macs, title in
      name + spaces(widths.0, name) + "  " + spaces(widths.1, parameters) + parameters + "  "
        + spaces(widths.2, macs) + macs + (title.isEmpty ? "" : "  " + title) + "\n"
    }.joined()
  }

  /// What the JSON holds.
  private struct Listing: Encodable {
    let folder: String
    let topologies: [Network]
  }

  /// One network.
  private struct Network: Encodable {
    let name: String
    let path: String
    let title: String
    let layers: Int
    let parameters: Int
    let macs: Int
    /// Its `<param>`s, as the file has them.
    let params: [String: Int]

    init(_ name: String) throws(Failure) {
      let loaded = try LoadedTopology(NetworkSettings(BundledTopologies.file(of: name)))
      self.name = name
      path = loaded.source
      title = loaded.document.flatMap { BundledTopologies.title($0.bytes) } ?? ""
      layers = loaded.graph.layers.count
      parameters = loaded.graph.cost.parameters
      macs = loaded.graph.cost.macs
      params = loaded.document?.parameters ?? [:]
    }
  }
}
