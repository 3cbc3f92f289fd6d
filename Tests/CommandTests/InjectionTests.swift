import Foundation
import Testing

/// Calls of C functions that fail, one by one; `make faults` tries all.
@Suite("Injected faults", .serialized) struct InjectionTests {
  /// What injects them is machine code of x86-64 that clang compiles.
  private static var isPossible: Bool {
    #if arch(x86_64)
      let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      return ["python3", "clang", "nm"].allSatisfy { tool in
        folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)") }
      }
    #else
      return false
    #endif
  }

  @Test("what was found and mended stays so", .enabled(if: isPossible))
  func found() async throws {
    let result = try await Tool.shell(
      "Tests/Faults/inject.py \"$(command -v ntprof)\" --cases Tests/Faults/found.txt")
    #expect(result.status == 0, "\(result.output)\(result.error)")
    #expect(result.output.contains(" cases, 0 broke a rule"), "\(result.output)")
  }
}
