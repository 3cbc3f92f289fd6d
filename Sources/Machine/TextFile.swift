import Glibc

/// Reads the small text files in which the kernel describes the machine.
enum TextFile {
  /// The whole text, or nil when the file cannot be opened or read.
  static func read(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    while true {
      var failed = false
      let chunk = [UInt8](unsafeUninitializedCapacity: 16384) { buffer, count in
        let read = Glibc.read(file, buffer.baseAddress, buffer.count)
        failed = read < 0
        count = max(0, read)
      }
      if failed { return nil }
      if chunk.isEmpty { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk
    }
  }

  /// The text's first line without white space around it, or nil when there is none.
  static func line(_ path: String) -> String? {
    guard let line = read(path)?.split(whereSeparator: \.isNewline).first else { return nil }
    let trimmed = line.trimmingSpace()
    return trimmed.isEmpty ? nil : String(trimmed)
  }
}

extension StringProtocol {
  /// This text without white space at its ends.
  func trimmingSpace() -> SubSequence {
    guard let first = firstIndex(where: { !$0.isWhitespace }),
      let last = lastIndex(where: { !$0.isWhitespace })
    else { return self[endIndex...] }
    return self[first...last]
  }
}
