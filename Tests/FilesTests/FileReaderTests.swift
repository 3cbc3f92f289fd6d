import Files
import Foundation
import Testing

/// Whole files are read, of bounded size, and nothing else is waited for.
@Suite struct FileReaderTests {
  /// Runs `body` with the path of a folder of its own.
  static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = try FilePlace.makePrivateFolder("/tmp/ntprof-files-")
    defer { try? FileManager.default.removeItem(atPath: folder.path) }
    return try body(folder.path)
  }

  private func reason(_ path: String, limit: Int = .max) -> FileError.Reason? {
    do throws(FileError) {
      _ = try FileReader.read(path, limit: limit)
      return nil
    } catch {
      return error.reason
    }
  }

  @Test("a file is read to its end, also where it says that it is empty")
  func whole() throws {
    try Self.withFolder { folder in
      for count in [0, 1, 4095, 4096, 4097, 100_000] {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try TemporaryFile(in: folder, holding: bytes).appear(as: "\(folder)/f")
        #expect(try FileReader.read("\(folder)/f", limit: count) == bytes)
        if count > 0 {
          #expect(
            reason("\(folder)/f", limit: count - 1) == .tooLarge(bytes: count, limit: count - 1))
        }
      }
    }
    #expect(FileReader.text("/proc/self/status")?.contains("VmRSS") == true)
    // Longer than its limit, and than it says.
    guard case .tooLarge(let bytes, 10)? = reason("/proc/self/status", limit: 10) else {
      Issue.record("a limit is not held")
      return
    }
    #expect(bytes > 10)
  }

  @Test("what is no regular file is said to be what it is")
  func others() throws {
    #expect(reason("/no/such") == .missing && reason("") == .missing)
    #expect(reason("/proc/self/status/x") == .missing)
    #expect(reason("/tmp") == .notRegular(kind: "a directory"))
    #expect(reason("/dev/null") == .notRegular(kind: "a device"))
    try Self.withFolder { folder in
      #expect(mkfifo("\(folder)/fifo", 0o600) == 0)
      #expect(reason("\(folder)/fifo") == .notRegular(kind: "a FIFO"))
    }
    let long = String(repeating: "x", count: 5000)
    #expect(FileError(long, reason(long) ?? .missing).words == "File name too long")
  }

  @Test("a mapped file has the bytes of the file, and an empty one none")
  func mapped() throws {
    try Self.withFolder { folder in
      for count in [0, 5, 10_000] {
        let bytes = [UInt8](repeating: 7, count: count)
        try TemporaryFile(in: folder, holding: bytes).appear(as: "\(folder)/f")
        for mapped in [try MappedFile("\(folder)/f"), try MappedFile(holding: bytes)] {
          #expect(mapped.count == count)
          let found = mapped.withBytes { $0.copied() }
          #expect(found == bytes)
        }
      }
      #expect(throws: FileError.self) { try MappedFile(folder) }
    }
  }

  @Test("a file in memory is read from its beginning, as often as one likes")
  func memory() throws {
    let file = try MemoryFile("test", holding: Array("abc".utf8))
    #expect(file.descriptor >= 64)
    try file.rewind()
    #expect(file.contents() == Array("abc".utf8) && file.contents(from: 2) == Array("c".utf8))
    #expect(file.contents(from: 3).isEmpty)
  }
}
