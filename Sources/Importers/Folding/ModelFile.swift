import Files
import Model

/// A regular file that is mapped, not read: pages come in when somebody looks at them.
public final class ModelFile: Sendable {
  /// The path as it was given.
  public let path: String
  private let mapped: MappedFile

  /// Maps a file.
  ///
  /// - Throws: ``ImportError`` when there is no such regular file or it cannot be mapped.
  public init(_ path: String) throws(ImportError) {
    self.path = path
    do throws(FileError) { mapped = try MappedFile(path) } catch {
      let kind: ImportError.Kind =
        switch error.reason {
        case .missing, .notRegular: .missing
        case .tooLarge, .refused: .unreadable
        }
      throw ImportError(kind, file: path, error.words)
    }
  }

  /// Copies bytes into memory that stands for a file.
  ///
  /// - Throws: ``ImportError`` when there is no memory for them.
  package init(holding bytes: [UInt8], path: String) throws(ImportError) {
    self.path = path
    do throws(SystemCallError) { mapped = try MappedFile(holding: bytes) } catch {
      throw ImportError(.unreadable, file: path, error.reason)
    }
  }

  /// The number of bytes.
  public var count: Int { mapped.count }

  /// Calls `body` with the bytes, which are mapped until it returns at least.
  ///
  /// - Throws: What `body` throws.
  public func withBytes<Result, Problem: Error>(
    _ body: (RawSpan) throws(Problem) -> Result
  ) throws(Problem) -> Result {
    try mapped.withBytes(body)
  }

  /// All of it, as memory of tensors.
  var memory: TensorMemory { TensorMemory(mapped) }
}

/// A part of a mapped file, which it keeps mapped.
public struct FileBytes: Sendable {
  /// The file.
  public let file: ModelFile
  /// Where the part lies in it.
  public let range: Range<Int>

  /// A part of a file.
  ///
  /// - Precondition: The range lies in the file.
  public init(_ file: ModelFile, _ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= file.count, "a range of the file")
    self.file = file
    self.range = range
  }

  /// The part, as memory of a tensor.
  var memory: TensorMemory { file.memory.part(range) }
}
