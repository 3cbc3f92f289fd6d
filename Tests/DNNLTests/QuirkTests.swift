import DNNL
import Foundation
import TestSupport
import Testing

/// The table of what oneDNN does otherwise.
@Suite struct QuirkTests {
  @Test func versionsAreReadAndOrdered() throws {
    #expect(LibraryVersion("2.6.3") == LibraryVersion(2, 6, 3))
    #expect(LibraryVersion("3.10.0")?.description == "3.10.0")
    for text in ["", "2.6", "2.6.3.1", "2..3", "unknown"] { #expect(LibraryVersion(text) == nil) }
    #expect(LibraryVersion(2, 6, 3) < LibraryVersion(2, 7))
    #expect(LibraryVersion(2, 10) < LibraryVersion(3, 0))
    #expect(try #require(LibraryVersion(Library.version)) >= LibraryVersion(2, 6))
  }

  @Test(arguments: Quirk.allCases) func holdsWhereItWasSeenAndNotWhereItIsMended(_ quirk: Quirk) {
    #expect(quirk.holds(for: quirk.seen))
    #expect(quirk.holds(for: LibraryVersion(2, 6)))
    if let mended = quirk.mended {
      #expect(quirk.seen < mended)
      #expect(!quirk.holds(for: mended))
      #expect(quirk.holds == (LibraryVersion(Library.version).map { $0 < mended } ?? true))
    } else {
      #expect(quirk.holds && quirk.holds(for: LibraryVersion(9, 0)))
    }
  }

  /// A table that nobody asks would be a comment.
  @Test(arguments: Quirk.allCases) func isAskedForWhereItIsWorkedAround(_ quirk: Quirk) throws {
    var asked = false
    let root = RepositoryFiles.root.appending(path: "Sources").path
    let files = try #require(FileManager.default.subpaths(atPath: root))
    for file in files where file.hasSuffix(".swift") && !file.hasPrefix("DNNL/") {
      let text = try String(decoding: RepositoryFiles.bytes(of: "Sources/\(file)"), as: UTF8.self)
      if text.contains("Quirk.\(quirk).holds") { asked = true }
    }
    #expect(asked, "nothing asks for \(quirk)")
  }
}
