import Foundation
import TestSupport

/// Files that others produced, in the folder beside the repository; tests of them are skipped where it is
/// absent.
enum SharedData {
  static let folder = RepositoryFiles.root.deletingLastPathComponent().appending(
    path: "shared/data")

  static let isThere = FileManager.default.fileExists(atPath: folder.path(percentEncoded: false))

  static func path(_ name: String) -> String {
    folder.appending(path: name).path(percentEncoded: false)
  }

  static func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: folder.appending(path: name)), as: UTF8.self)
  }
}
