import Files
import Glibc
import Testing

/// What a limit refuses is said with the limit.
@Suite struct ShortageTests {
  @Test(
    "each shortage names what bounds it",
    arguments: [
      (EMFILE, "ulimit -n"), (ENFILE, "fs.file-max"), (EAGAIN, "pids.max"), (EAGAIN, "ulimit -u"),
      (ENOMEM, "ulimit -v"), (ENOMEM, "memory.max"),
    ])
  func remedies(_ number: Int32, _ limit: String) {
    let remedy = SystemCallError("call", errno: number).shortageRemedy
    #expect(remedy?.contains(limit) == true, "\(remedy ?? "none")")
  }

  @Test("what no limit refused has none", arguments: [ENOENT, EACCES, EINVAL, ENOSYS])
  func others(_ number: Int32) {
    #expect(SystemCallError("call", errno: number).shortageRemedy == nil)
  }
}
