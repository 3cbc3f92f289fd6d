public import Topology
import XMLTree

/// Reads the XML of the topology language into a graph.
public struct TopologyReader: Sendable {
  /// What a caller may change about a topology.
  public struct Options: Hashable, Sendable {
    /// The batch size of every input; `nil` leaves them as they are written.
    public var batch: Int?
    /// Values that override those of `<param>`s.
    public var parameters: [String: Int]
    /// The largest number of layers that expansion may give.
    public var maximumLayers: Int

    /// Makes options.
    public init(batch: Int? = nil, parameters: [String: Int] = [:], maximumLayers: Int = 100_000) {
      self.batch = batch
      self.parameters = parameters
      self.maximumLayers = maximumLayers
    }
  }

  /// The largest file that is read: 64 MiB.
  public static let maximumBytes = 64 << 20

  /// What the caller changes.
  public var options: Options
  private let schema: TopologySchema

  /// Makes a reader; `schema` is the language with its kinds of layers.
  public init(options: Options = Options(), schema: TopologySchema = .standard) {
    self.options = options
    self.schema = schema
  }

  /// Keeps what the XML parser allocates apart from all other memory, for good; only before the
  /// first document is read.
  ///
  /// The parser seeds its tables from the clock. A process whose addresses matter, because caches
  /// are simulated on them, so gets the same ones in every run. Memory is not given back.
  public static func keepParserMemoryApart() { XMLMemory.keepApart() }

  /// Has the process end, with words on standard error and a status, where the parser gets no memory;
  /// only before anything is read.
  public static func endWithoutMemory(saying words: StaticString, status: Int32) {
    XMLMemory.endProcess(saying: words, status: status)
  }

  /// Reads a topology file.
  ///
  /// - Throws: ``TopologyReadError``; of an invalid file with as many diagnostics as make sense.
  /// - Complexity: O(bytes + layers).
  public func read(file path: String) throws(TopologyReadError) -> TopologyDocument {
    let bytes = try FileLoader.load(path, limit: TopologyReader.maximumBytes)
    return try read(bytes: bytes, file: path)
  }

  /// Reads a topology that `file` names in messages.
  ///
  /// - Throws: ``TopologyReadError``, as ``read(file:)`` does.
  /// - Complexity: O(bytes + layers).
  public func read(bytes: [UInt8], file: String) throws(TopologyReadError) -> TopologyDocument {
    guard bytes.count <= TopologyReader.maximumBytes else {
      throw .tooLarge(path: file, bytes: bytes.count, limit: TopologyReader.maximumBytes)
    }
    let root = try validatedRoot(bytes, file: file)
    try checkOverrides(root)
    var expander = Expander(
      root: root, file: file, options: options, kinds: schema.kinds)
    let (graph, parameters) = try expander.expand()
    return TopologyDocument(graph: graph, parameters: parameters, bytes: bytes)
  }

  /// The document's element, once it is well-formed and follows the schema.
  private func validatedRoot(
    _ bytes: [UInt8], file: String
  ) throws(TopologyReadError) -> XMLElement {
    var log = DiagnosticLog(file: file)
    do throws(XMLDiagnostic) {
      let document = try XMLDocument.parse(bytes)
      for violation in try schema.parsed.get().violations(of: document) {
        log.report(violation)
      }
      if log.isEmpty { return document.root }
    } catch {
      log.report(error)
    }
    throw log.error ?? .invalid([])
  }

  private func checkOverrides(_ root: XMLElement) throws(TopologyReadError) {
    guard !options.parameters.isEmpty else { return }
    let known = root.children.filter { $0.name == "param" }.compactMap { $0["name"] }
    let names = Set(known)
    for name in options.parameters.keys.sorted() where !names.contains(name) {
      throw .unknownParameter(name: name, known: known)
    }
  }
}

/// A topology that was read.
public struct TopologyDocument: Sendable {
  /// The graph it describes.
  public let graph: Graph
  /// The values of its `<param>`s, overrides applied.
  public let parameters: [String: Int]
  /// The file as it was.
  public let bytes: [UInt8]
}
