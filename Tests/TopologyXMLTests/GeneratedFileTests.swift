import TestSupport
import Testing

@testable import schema_writer

/// What is made of the layer kinds and lies in the repository.
@Suite struct GeneratedFileTests {
  @Test("what is made of the layer kinds is what they say now", arguments: GeneratedFile.all)
  func isFresh(file: GeneratedFile) throws {
    let (old, new) = try file.read(below: RepositoryFiles.root)
    #expect(old == new, "\(file.path) is stale: run `make schema`")
  }
}
