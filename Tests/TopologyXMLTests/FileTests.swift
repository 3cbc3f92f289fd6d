import Foundation
import Testing
import Topology
import TopologyXML

/// What may be wrong with a path, and the exit statuses it leads to.
@Suite struct FileTests {
  let directory = URL(filePath: NSTemporaryDirectory())
    .appending(path: "ntprof-files-\(UUID().uuidString)")

  init() throws {
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  func path(_ name: String) -> String { directory.appending(path: name).path }

  func error(_ path: String) -> TopologyReadError? {
    do throws(TopologyReadError) {
      _ = try TopologyReader().read(file: path)
      return nil
    } catch {
      return error
    }
  }

  @Test func missingFile() {
    let missing = path("missing.xml")
    #expect(error(missing) == .noSuchFile(path: missing))
    #expect(error(missing)?.exitStatus == 66)
    #expect(error("/dev/null/x") == .noSuchFile(path: "/dev/null/x"))
    #expect(error("").map { "\($0)" } == ": no such file")
  }

  @Test func directoryIsNoRegularFile() {
    #expect(error(directory.path) == .notRegularFile(path: directory.path, kind: "a directory"))
    #expect(error(directory.path)?.exitStatus == 66)
  }

  @Test(.timeLimit(.minutes(5))) func fifoDoesNotBlock() {
    let fifo = path("fifo")
    #expect(mkfifo(fifo, 0o600) == 0)
    #expect(error(fifo) == .notRegularFile(path: fifo, kind: "a FIFO"))
  }

  @Test func deviceIsNoRegularFile() {
    #expect(error("/dev/zero") == .notRegularFile(path: "/dev/zero", kind: "a device"))
  }

  @Test func oversizedFileIsNotRead() throws {
    let big = path("big.xml")
    #expect(FileManager.default.createFile(atPath: big, contents: Data()))
    #expect(truncate(big, 64 << 20) == 0)
    // At the limit it is read: 64 MiB of NUL.
    #expect(error(big)?.exitStatus == 65)
    #expect(error(big) != .tooLarge(path: big, bytes: 64 << 20, limit: 64 << 20))
    #expect(truncate(big, 1 << 40) == 0)
    #expect(error(big) == .tooLarge(path: big, bytes: 1 << 40, limit: 64 << 20))
    #expect(error(big)?.exitStatus == 65)
    #expect(
      error(big).map { "\($0)" } == "\(big): 1099511627776 bytes are more than the 64 MiB allowed"
    )
  }

  @Test func emptyFileIsInvalid() {
    let empty = path("empty.xml")
    #expect(FileManager.default.createFile(atPath: empty, contents: Data()))
    #expect(error(empty).map { "\($0)" } == "\(empty):1:1: error: the document is empty")
    #expect(error(empty)?.exitStatus == 65)
  }

  @Test func filesOfProcHaveNoSizeButContent() {
    #expect(error("/proc/self/status").map { "\($0)" }?.contains("start tag expected") == true)
  }

  @Test func unreadableFileIsAReadFailure() throws {
    #expect(TopologyReadError.unreadable(path: "a", errno: EIO).exitStatus == 74)
    #expect("\(TopologyReadError.unreadable(path: "a", errno: EACCES))" == "a: Permission denied")
    // The length of a path is the system's affair, whoever runs the test.
    let long = String(repeating: "x", count: 300)
    #expect(error(long) == .unreadable(path: long, errno: ENAMETOOLONG))
  }

  @Test func documentKeepsItsBytes() throws {
    let text =
      "<topology name=\"t\" version=\"1\"><param name=\"n\" value=\"3\"/>"
      + "<input name=\"x\" shape=\"1x${n}\"/><layer name=\"a\"><softmax/></layer></topology>"
    try Data(text.utf8).write(to: directory.appending(path: "t.xml"))
    let document = try TopologyReader().read(file: path("t.xml"))
    #expect(document.bytes == Array(text.utf8))
    #expect(document.parameters == ["n": 3])
    #expect(document.graph.layers[0].location?.description == path("t.xml") + ":1:91")
  }
}
