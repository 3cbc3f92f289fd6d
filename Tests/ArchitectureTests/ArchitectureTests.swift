import Foundation
import Testing

/// The arrows of `docs/architecture.md` go one way; this holds the sources to them.
@Suite("Architecture")
struct ArchitectureTests {
  /// What each module may import of this package.
  static let allowed: [String: Set<String>] = [
    "XMLTree": ["CLibXML2"],
    "DNNL": ["CDNNL"],
    "PAPI": ["CPAPI"],
    "HTTP": ["CCurl"],
    "Files": ["CMachine"],
    "Machine": ["CMachine", "Files"],
    "Topology": [],
    "Profiling": [],
    "Model": ["Topology", "Files"],
    "TopologyXML": ["Topology", "XMLTree", "Files"],
    "Counters": ["Profiling", "PAPI", "Machine", "CCallgrind", "Files"],
    "Measuring": ["Topology", "Profiling", "Machine"],
    "Execution": ["Topology", "Profiling", "Measuring", "DNNL", "Machine"],
    "ONNX": [],
    "Exporters": ["Topology", "TopologyXML", "Model", "ONNX"],
    "Importers": [
      "Topology", "TopologyXML", "Model", "ONNX", "Profiling", "XMLTree", "Exporters",
      "Files",
    ],
    "Engines": ["Topology", "Profiling", "Machine", "Exporters", "Files"],
    "Reports": ["Profiling"],
    "Session": [
      "Topology", "TopologyXML", "Model", "Profiling", "Execution", "Measuring", "Counters",
      "Reports", "Machine", "Exporters", "Importers", "Engines", "Files", "HTTP",
    ],
    "ntprof": [
      "Session", "Topology", "TopologyXML", "Model", "Profiling", "Execution", "Measuring",
      "Counters", "Reports", "Machine", "Exporters", "Importers", "Engines", "CBuild",
      "Files",
    ],
  ]

  static let ours = Set(allowed.keys)
    .union(["CBuild", "CDNNL", "CPAPI", "CLibXML2", "CCallgrind", "CCurl", "CMachine"])

  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static func swiftFiles(below folder: String) -> [URL] {
    let base = root.appending(path: folder)
    guard let walk = FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil)
    else { return [] }
    return walk.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
  }

  static func imports(of file: URL) throws -> [String] {
    try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard let at = words.firstIndex(of: "import"), at <= 2, !line.hasPrefix("//"),
        words.count > at + 1
      else { return nil }
      return words[at + 1].split(separator: ".").first.map(String.init)
    }
  }

  @Test("modules import only what lies below them", arguments: allowed.keys.sorted())
  func arrows(module: String) throws {
    let files = Self.swiftFiles(below: "Sources/\(module)")
    #expect(!files.isEmpty, "module \(module) has no sources")
    for file in files {
      for name in try Self.imports(of: file) where Self.ours.contains(name) && name != module {
        #expect(
          Self.allowed[module, default: []].contains(name),
          "\(file.lastPathComponent) of \(module) imports \(name)")
      }
    }
  }

  @Test("every module of Sources is known to this test")
  func complete() throws {
    let folders = try FileManager.default.contentsOfDirectory(
      atPath: Self.root.appending(path: "Sources").path(percentEncoded: false))
    #expect(Set(folders) == Self.ours)
  }

  @Test(
    "C modules hold a module map and headers, nothing else",
    arguments: ["CDNNL", "CPAPI", "CLibXML2", "CCallgrind", "CCurl", "CMachine"])
  func headersOnly(module: String) throws {
    let files = try FileManager.default.contentsOfDirectory(
      atPath: Self.root.appending(path: "Sources/\(module)").path(percentEncoded: false))
    #expect(files.contains("shim.h"))
    let others = files.filter { !$0.hasSuffix(".h") }
    #expect(others == ["module.modulemap"])
    // What differs by architecture is CMachine's alone.
    if module != "CMachine" { #expect(files.count == 2) }
  }

  @Test("every architecture has all that another one has, by the same names")
  func architectures() throws {
    func functions(_ header: String) throws -> Set<String> {
      let text = try String(
        contentsOf: Self.root.appending(path: "Sources/CMachine/\(header)"), encoding: .utf8)
      let names = text.matches(
        of: /(?:static [^\n(]*|enum \{ )\b((?:cmachine|CMACHINE)_\w+)(?:\(| =)/)
      return Set(names.map { String($0.1) })
        // Which vectors a loop uses is its own matter.
        .filter { $0.firstMatch(of: /_(sse|avx|avx2|avx512|asimd)$/) == nil }
    }
    let x86 = try functions("x86_64.h")
    #expect(x86.count > 9)
    #expect(try functions("aarch64.h") == x86)
  }

  @Test("oneDNN is seen by its engine alone, and measuring knows no library")
  func walls() throws {
    for file in Self.swiftFiles(below: "Sources")
    where !file.path().contains("/Sources/Execution/") && !file.path().contains("/Sources/DNNL/") {
      for name in try Self.imports(of: file) {
        #expect(!["DNNL", "CDNNL"].contains(name), "\(file.lastPathComponent) imports \(name)")
      }
    }
    // The engine itself is asked through its protocol, but for its searches.
    for file in Self.swiftFiles(below: "Sources/ntprof") + Self.swiftFiles(below: "Sources/Session")
    {
      let text = try String(contentsOf: file, encoding: .utf8)
      #expect(
        !text.contains(/[^.\w]Plan\(/), "\(file.lastPathComponent): ask OneDNNEngine for plans")
    }
    #expect(Self.allowed["Measuring"] == ["Topology", "Profiling", "Machine"])
  }

  @Test("the session takes values and gives values: it neither parses arguments nor prints")
  func sessionIsALibrary() throws {
    for file in Self.swiftFiles(below: "Sources/Session") {
      let name = file.lastPathComponent
      #expect(try !Self.imports(of: file).contains("ArgumentParser"), "\(name) parses arguments")
      let text = try String(contentsOf: file, encoding: .utf8)
      #expect(!text.contains(/(?m)^\s*(Swift\.)?print\(|\bConsole\./), "\(name) prints")
    }
  }

  @Test("plans depend on nothing that changes from run to run: simulated counts would, too")
  func plansAreRepeatable() throws {
    for file in Self.swiftFiles(below: "Sources/Execution") {
      let text = try String(contentsOf: file, encoding: .utf8)
      #expect(!text.contains("Host.read()"), "\(file.lastPathComponent): ask CacheLevel instead")
    }
  }

  @Test("the planner is a walk, and what planning knows is written by its owner alone")
  func planningHasOwners() throws {
    var classes = 0
    for file in Self.swiftFiles(below: "Sources/Execution") {
      let name = file.lastPathComponent
      let text = try String(contentsOf: file, encoding: .utf8)
      #expect(!text.contains("extension Planner"), "\(name) extends the planner")
      guard file.path().contains("/Planning/") || file.path().contains("/Lowering/") else {
        continue
      }
      for body in text.matches(of: /(?ms)^(?:private )?final class \w+.*?^}/) {
        classes += 1
        for line in body.output.split(separator: "\n") {
          #expect(!line.contains(/^  (?:lazy )?var [^{]*$/), "\(name): anybody may write \(line)")
        }
      }
    }
    #expect(classes >= 8)
  }

  @Test("files stay small enough for one idea")
  func size() throws {
    for file in Self.swiftFiles(below: "Sources") where !file.path().hasSuffix(".pb.swift") {
      let lines = try String(contentsOf: file, encoding: .utf8).split(
        separator: "\n", omittingEmptySubsequences: false
      ).count
      #expect(lines <= 450, "\(file.lastPathComponent) has \(lines) lines")
    }
  }
}
