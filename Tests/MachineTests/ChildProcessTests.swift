import Machine
import Testing

/// Waiting for a process, for a time.
@Suite struct ChildProcessTests {
  private func shell(_ script: String) throws -> ChildProcess {
    try ChildProcess(
      "/bin/sh", arguments: ["-c", script], environment: ["PATH": "/usr/bin:/bin"], descriptors: [])
  }

  @Test func waitsForTheEnd() throws {
    let child = try shell("exit 3")
    #expect(child.wait(seconds: 600) == .exited(3))
    // What has ended is not waited for again.
    #expect(child.wait(seconds: 600) == .exited(3) && child.poll() == .exited(3))
    #expect(try shell("kill -9 $$").wait(seconds: 600) == .killed(9))
  }

  @Test func waitsNoLongerThanAsked() throws {
    // Ends only when it is ended; in place of the shell, which would leave it behind.
    let child = try shell("exec tail -f /dev/null")
    #expect(child.wait(seconds: 0) == nil && child.wait(seconds: 0.05) == nil)
    child.kill()
    #expect(child.ending == .killed(9))
  }
}
