import Foundation
import Topology
import TopologyXML

/// A file of the repository that is made of the layer kinds, whole or in part.
struct GeneratedFile: Sendable, CustomStringConvertible {
  /// Its place from the repository's root.
  let path: String
  /// What it should be, of what it is.
  let text: @Sendable (_ old: String) throws -> String

  var description: String { path }

  static let all = [
    GeneratedFile(path: "topologies/topology.xsd") { _ in
      String(decoding: TopologySchema.standard.bytes, as: UTF8.self)
    },
    GeneratedFile(path: "docs/topology-language.md") { old in
      try GuideTables.page(old, kinds: .standard)
    },
  ]

  /// What it is and what it should be.
  func read(below root: URL) throws -> (old: String, new: String) {
    let old = try String(contentsOf: root.appending(path: path), encoding: .utf8)
    return (old, try text(old))
  }
}
