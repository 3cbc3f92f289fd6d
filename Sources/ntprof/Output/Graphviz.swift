import Files
import Machine
import Reports
import Session

/// Graphviz's `dot`, run as a child process.
enum Graphviz {
  /// Seconds it may take; the graphs of a page are small, so more means that something is wrong.
  private static let patience = 20.0

  /// The drawings of graphs.
  static func layOut(_ dot: String) -> GraphLayout {
    guard let program = SearchPath.program("dot") else { return .notInstalled }
    do throws(SystemCallError) {
      let (input, output, error) = (
        try MemoryFile("graph", holding: Array(dot.utf8)), try MemoryFile("drawing"),
        try MemoryFile("complaints")
      )
      // A fixed locale and no plug-ins of the user's: the same graph gives the same drawing.
      let child = try ChildProcess(
        program, arguments: ["-Tsvg"],
        environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": home],
        descriptors: [
          (0, input.descriptor), (1, output.descriptor), (2, error.descriptor),
        ])
      return outcome(of: child, output: output, error: error)
    } catch {
      return .failed("\(error)")
    }
  }

  private static func outcome(
    of child: ChildProcess, output: MemoryFile, error: MemoryFile
  ) -> GraphLayout {
    let begin = Clock.now()
    while child.poll() == nil {
      if Double(Clock.now() - begin) * 1e-9 > patience {
        child.kill()
        return .failed("Graphviz took longer than \(Int(patience)) s")
      }
      Pause.milliseconds(2)
    }
    if child.ending == .exited(0) {
      return .svg(String(decoding: output.contents(), as: UTF8.self))
    }
    let complaint = String(decoding: error.contents(), as: UTF8.self)
      .split(whereSeparator: \.isNewline).first.map { ": \($0)" }
    return .failed("dot ended with \(child.ending?.description ?? "no status")\(complaint ?? "")")
  }

  private static var home: String { Environment.variable("HOME") ?? "/" }
}
