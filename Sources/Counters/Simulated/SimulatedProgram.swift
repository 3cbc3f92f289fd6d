internal import FoundationEssentials
internal import Profiling

/// What the simulated process runs: written by it, read by the one that started it.
public struct SimulatedProgram: Codable, Hashable, Sendable {
  /// A step of its pass.
  public struct Step: Codable, Hashable, Sendable {
    /// Index of the layer it runs for.
    public var layer: Int
    /// oneDNN's primitive kind.
    public var kind: String
    /// oneDNN's implementation name.
    public var implementation: String

    /// Describes a step.
    public init(layer: Int, kind: String, implementation: String) {
      self.layer = layer
      self.kind = kind
      self.implementation = implementation
    }
  }

  /// SHA-256 of the topology it read, in hex.
  public var topology: String
  /// The instruction set its oneDNN uses.
  public var isa: String
  /// All steps of a pass, in order.
  public var steps: [Step]

  /// Describes a program.
  public init(topology: String, isa: String, steps: [Step]) {
    self.topology = topology
    self.isa = isa
    self.steps = steps
  }

  /// How many steps a layer has.
  func steps(of layer: Int) -> Int { steps.count { $0.layer == layer } }
}

/// What the simulated process has written so far: its program on the first line, then a line for
/// each layer that was counted with empty caches, and one for each that is finished.
struct SimulationReport {
  private(set) var program: SimulatedProgram?
  /// Layers that were counted with empty caches.
  private(set) var begun: [Int] = []
  private(set) var finished: [Int] = []

  init(_ bytes: [UInt8]) {
    let ends = bytes.last == UInt8(ascii: "\n")
    var lines = bytes.split(separator: UInt8(ascii: "\n"))
    if !ends { _ = lines.popLast() }
    guard let first = lines.first else { return }
    program = try? CheckedJSON.decode(SimulatedProgram.self, from: first)
    for line in lines.dropFirst().map({ String(decoding: $0, as: UTF8.self) }) {
      if line.hasPrefix(Self.cold), let layer = Int(line.dropFirst(Self.cold.count)) {
        begun.append(layer)
      } else if let layer = Int(line) {
        finished.append(layer)
      }
    }
  }

  /// The first line.
  static func encode(_ program: SimulatedProgram) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    guard let data = try? encoder.encode(program) else { return [] }
    return Array(data) + [UInt8(ascii: "\n")]
  }

  private static let cold = "cold "

  /// A line for a layer that was counted with empty caches.
  static func encode(begun layer: Int) -> [UInt8] { Array("\(cold)\(layer)\n".utf8) }

  /// A line for a finished layer.
  static func encode(finished layer: Int) -> [UInt8] { Array("\(layer)\n".utf8) }
}
