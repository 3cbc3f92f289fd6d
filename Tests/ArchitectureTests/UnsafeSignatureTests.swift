import Foundation
import Testing

/// Memory that crosses modules is borrowed for a call, as a span: a pointer may outlive what it points into.
@Suite("Unsafe signatures")
struct UnsafeSignatureTests {
  /// The files of which other modules see pointers, and why those are no spans.
  static let exceptions: [String: String] = [
    // C's own.
    "Counters/Simulated/Callgrind.swift": "valgrind's requests take a C text",
    "DNNL/Memory.swift": "oneDNN keeps the address of a memory as long as the memory",
    "DNNL/Operations/MatrixProduct.swift": "oneDNN's sgemm takes addresses",
    "HTTP/IncomingAnswer.swift": "libcurl's callbacks hand out addresses",
    "Machine/CTexts.swift": "posix_spawn takes an array of C texts",
    "Machine/HugeMemory.swift": "it is an allocator",
    // Addresses, not what lies there.
    "Machine/CacheFlush.swift":
      "cache lines are flushed by address, those of many owners in one call",
    // An array of inputs.
    "Topology/HostKernel.swift": "a kernel reads any number of inputs, and no array holds spans",
    // Buffers of the caller that are filled during the call, by several threads a part each.
    "Importers/Folding/ConstantTensor.swift": "its threads fill parts of one buffer",
    "Model/KeyedTensor.swift": "its threads fill parts of one buffer",
    "Model/ModelWeights.swift": "its threads fill parts of one buffer",
    "Topology/Weights/IndexInputs.swift": "its threads fill parts of one buffer",
    "Topology/Weights/SeededWeights.swift": "its threads fill parts of one buffer",
    "Topology/Weights/WeightProvider.swift": "its threads fill parts of one buffer",
    // Rows that are made before a pass and filled at its boundaries.
    "Counters/PAPICounters.swift": "PAPI writes counts to an address",
    "Counters/PerfCounters.swift": "a row of counts is filled within a pass",
    "Counters/ReplayCounters.swift": "a row of counts is filled within a pass",
    "Counters/SoftwareCounters.swift": "a row of counts is filled within a pass",
    "Machine/PerfGroup.swift": "the kernel writes counts to an address",
    "PAPI/EventSet.swift": "PAPI writes counts to an address",
    "Profiling/CounterSource.swift": "a row of counts is filled within a pass",
  ]

  /// The declarations of a text that other modules see, each up to its body; of protocols the requirements.
  static func signatures(_ text: String) -> [String] {
    let lines = text.split(separator: "\n").map { $0.trimmingPrefix(while: \.isWhitespace) }
    var found: [String] = []
    var current = ""
    var isProtocol = false
    for (line, raw) in zip(lines, text.split(separator: "\n")) where !line.hasPrefix("//") {
      if raw.hasPrefix("}") { isProtocol = false }
      if raw.hasPrefix("public protocol") || raw.hasPrefix("package protocol") { isProtocol = true }
      // Words first: regular expressions are slow where tests are not optimised.
      let words = line.prefix { $0 != "{" }.split(separator: " ").prefix(6)
      let begins =
        words.contains { $0 == "public" || $0 == "package" } && !words.contains("import")
        || isProtocol
          && words.contains { word in
            ["func", "var", "subscript"].contains(word) || word.hasPrefix("init(")
          }
      // What goes on: within brackets, or with what a function throws and gives.
      let goesOn =
        !current.isEmpty
        && (isOpen(current)
          || ["async", "throws", "rethrows", "->", "where"].contains(where: line.hasPrefix))
      if goesOn {
        current += " " + line
      } else {
        if !current.isEmpty { found.append(current) }
        current = begins ? String(line) : ""
      }
    }
    if !current.isEmpty { found.append(current) }
    return found.map { String($0.prefix { $0 != "{" }) }
  }

  /// Whether a bracket is open at the end of a text, or a word waits for what follows it.
  private static func isOpen(_ text: String) -> Bool {
    let depth = text.reduce(0) { depth, character in
      "([".contains(character) ? depth + 1 : ")]".contains(character) ? depth - 1 : depth
    }
    return depth > 0 || text.hasSuffix("=") || text.hasSuffix("->") || text.hasSuffix(":")
  }

  /// The signatures of a text in which a pointer stands.
  static func names(_ text: String) -> [String] {
    guard text.contains("Unsafe") else { return [] }
    return signatures(text).filter { $0.contains(/\bUnsafe\w*Pointer\b/) }
  }

  @Test("no pointer crosses modules but where it is said why")
  func pointers() throws {
    var seen: Set<String> = []
    for file in ArchitectureTests.swiftFiles(below: "Sources")
    where !file.path().hasSuffix(".pb.swift") {
      let found = Self.names(try String(contentsOf: file, encoding: .utf8))
      guard let first = found.first else { continue }
      let folders = file.pathComponents
      let place = folders[((folders.lastIndex(of: "Sources") ?? 0) + 1)...].joined(separator: "/")
      seen.insert(place)
      #expect(
        Self.exceptions[place] != nil, "\(place): \(first): take a span, or borrow by a closure")
    }
    let gone = Set(Self.exceptions.keys).subtracting(seen)
    #expect(gone.isEmpty, "they have no pointers any more")
  }

  @Test(
    "a pointer is found wherever it stands in a signature",
    arguments: [
      "public var bytes: UnsafeRawBufferPointer { mapped.bytes }",
      "  nonisolated(unsafe) public let bytes: UnsafeRawBufferPointer",
      "  @inlinable public func at() -> UnsafePointer<Int> {",
      "  package static func fill(\n    _ count: Int = 1,\n    into: UnsafeMutablePointer<Int>\n  ) {",
      "  public func take(_ count: Int)\n    throws(Fault) -> UnsafeMutableRawPointer\n  {",
      "  public typealias Reader =\n    (UnsafeRawPointer) -> Void",
      "public protocol Source {\n  func read(\n    _ into: UnsafeMutablePointer<Int>)\n}",
    ])
  func found(_ text: String) { #expect(Self.names(text).count == 1) }

  @Test(
    "a pointer that other modules do not see is no matter",
    arguments: [
      "  let bytes: UnsafeRawBufferPointer",
      "  public func free() { UnsafeRawPointer(base).free() }",
      "  public init(\n    _ count: Int\n  ) {\n    let base: UnsafeRawPointer = at(count)",
      "  /// A public `UnsafeRawPointer`.\n  public var count: Int",
      "public protocol Source {\n  func read()\n}\nprivate func at() -> UnsafeRawPointer {",
    ])
  func passed(_ text: String) { #expect(Self.names(text).isEmpty) }
}
