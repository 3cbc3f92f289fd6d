import Foundation
import Testing

/// What `Package.swift` declares is what the sources import.
@Suite("Dependencies")
struct DependencyTests {
  /// A target, as the package describes it.
  struct Target {
    var name: String
    var kind: String
    var folder: String
    var dependencies: Set<String>

    /// The name of its module.
    var module: String { DependencyTests.module(name) }
  }

  static func module(_ name: String) -> String { name.replacing("-", with: "_") }

  /// The text within the bracket that was opened before `start`.
  static func bracketed(_ text: String, from start: String.Index) -> Substring {
    var depth = 1
    var place = start
    while place < text.endIndex {
      if "([".contains(text[place]) { depth += 1 }
      if ")]".contains(text[place]) { depth -= 1 }
      if depth == 0 { break }
      place = text.index(after: place)
    }
    return text[start..<place]
  }

  /// The targets of the package that have Swift in them.
  static func targets() throws -> [Target] {
    let text = try String(
      contentsOf: ArchitectureTests.root.appending(path: "Package.swift"), encoding: .utf8)
    return text.matches(of: /\.(target|executableTarget|testTarget)\(/).compactMap { match in
      let body = String(bracketed(text, from: match.range.upperBound))
      guard let name = body.firstMatch(of: /name: "([^"]+)"/)?.1, name != "CBuild" else {
        return nil
      }
      var dependencies: Set<String> = []
      if let list = body.firstMatch(of: /dependencies: \[/) {
        let items = bracketed(body, from: list.range.upperBound)
          .replacing(/package: "[^"]+"/, with: "")
        dependencies = Set(items.matches(of: /"([^"]+)"/).map { String($0.1) })
      }
      let kind = String(match.1)
      let usual = (kind == "testTarget" ? "Tests/" : "Sources/") + name
      let folder = body.firstMatch(of: /path: "([^"]+)"/).map { String($0.1) } ?? usual
      return Target(
        name: String(name), kind: kind, folder: folder, dependencies: dependencies)
    }
  }

  @Test("what a target declares it imports, and what it imports it declares")
  func declared() throws {
    let targets = try Self.targets()
    #expect(targets.count > 40)
    // Products of other packages; what only a toolchain brings is no dependency.
    let known = targets.reduce(into: Set(targets.map(\.module))) { found, target in
      found.formUnion(target.dependencies.map(Self.module))
    }
    let programs = Set(targets.filter { $0.kind == "executableTarget" }.map(\.name))
    for target in targets {
      let imported = try ArchitectureTests.swiftFiles(below: target.folder)
        .reduce(into: Set<String>()) { found, file in
          found.formUnion(try ArchitectureTests.imports(of: file))
        }
        .intersection(known).subtracting([target.module])
      let declared = Set(target.dependencies.map(Self.module))
      #expect(imported.subtracting(declared).isEmpty, "\(target.name) declares them not")
      // A program is depended on to be run, too.
      let unused = target.dependencies.subtracting(programs)
        .filter { !imported.contains(Self.module($0)) }
      #expect(unused.isEmpty, "\(target.name) declares and does not import them")
    }
  }

  @Test("the C library is seen by the system layer alone")
  func system() throws {
    let layer = ["/Sources/Files/", "/Sources/Machine/"]
    for file in ArchitectureTests.swiftFiles(below: "Sources")
    where !layer.contains(where: file.path().contains) && !file.path().hasSuffix(".pb.swift") {
      for name in try ArchitectureTests.imports(of: file) {
        #expect(
          !["Glibc", "Foundation"].contains(name), "\(file.lastPathComponent) imports \(name)")
      }
    }
  }

  @Test("JSON is decoded in one place, which looks at its numbers first")
  func json() throws {
    var places: [String] = []
    for file in ArchitectureTests.swiftFiles(below: "Sources") {
      let text = try String(contentsOf: file, encoding: .utf8)
      if text.contains(/JSONDecoder\(|JSONSerialization/) { places.append(file.lastPathComponent) }
    }
    #expect(places == ["CheckedJSON.swift"], "ask CheckedJSON")
  }

  @Test("files are read and written in one place")
  func files() throws {
    for file in ArchitectureTests.swiftFiles(below: "Sources")
    where !file.path().contains("/Sources/Files/") {
      let text = try String(contentsOf: file, encoding: .utf8)
      #expect(
        !text.contains(/contentsOf(File)?: ?(URL|path)|FileHandle|contents\(atPath/),
        "\(file.lastPathComponent): ask FileReader")
      #expect(
        !text.contains(/createFile\(|atomically:|\b(rename|link|fsync)\(/),
        "\(file.lastPathComponent): ask TemporaryFile")
      #expect(
        !text.contains(/contentsOfDirectory|fileExists\(/),
        "\(file.lastPathComponent): ask FilePlace")
    }
  }
}
