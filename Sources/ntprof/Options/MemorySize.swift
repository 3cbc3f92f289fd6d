import ArgumentParser
import Session

/// A size of memory as people write it.
struct MemorySize: Equatable {
  /// Bytes.
  let bytes: Int

  private static let units: [(name: String, scale: Double)] = [
    ("KiB", 0x1p10), ("MiB", 0x1p20), ("GiB", 0x1p30), ("TiB", 0x1p40), ("kB", 1e3), ("KB", 1e3),
    ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("B", 1),
  ]

  /// Reads a number of bytes, or one with a unit: 2GiB, 500 MB.
  ///
  /// - Throws: `ValidationError` that says how to write one.
  static func parse(_ argument: String) throws -> MemorySize {
    let unit = units.first { argument.lowercased().hasSuffix($0.name.lowercased()) }
    let digits = argument.dropLast(unit?.name.count ?? 0).filter { $0 != " " }
    guard let number = Double(digits), number > 0, number * (unit?.scale ?? 1) <= 0x1p53
    else {
      throw ValidationError("write a size above 0, like 2GiB, 500MB or a number of bytes")
    }
    return MemorySize(bytes: Int(number * (unit?.scale ?? 1)))
  }
}
