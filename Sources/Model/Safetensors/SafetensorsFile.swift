public import Files

/// A safetensors file: tensors under their names, mapped, each read when it is asked for.
///
/// The format is Hugging Face's: the length of a JSON header in 8 bytes, little-endian; the header,
/// which gives each tensor its dtype, shape and byte range; then the data, all of whose bytes belong to
/// one tensor each. Everything that the header says is checked before anything is read.
public struct SafetensorsFile: TensorSource {
  /// The longest header; that of the format's own readers.
  public static let headerLimit = 100_000_000

  /// The file as the user named it.
  public let name: String
  /// The tensors, in the order of the header.
  public let keys: [String]
  /// Text about them.
  public let metadata: [String: String]
  private let tensors: [String: KeyedTensor]

  /// Maps a file and reads its header.
  ///
  /// - Throws: ``SafetensorsError`` with what is wrong.
  public init(_ path: String) throws(SafetensorsError) {
    let file: MappedFile
    do throws(FileError) { file = try MappedFile(path) } catch {
      throw .unreadable(error)
    }
    try self.init(TensorMemory(file), name: path)
  }

  /// Reads the header of a file that lies in memory.
  ///
  /// - Throws: ``SafetensorsError`` with what is wrong.
  public init(_ memory: TensorMemory, name: String) throws(SafetensorsError) {
    self.name = name
    do throws(SafetensorsFault) {
      guard memory.count >= 8 else {
        throw SafetensorsFault(
          "\(memory.count) bytes are no safetensors file, whose header's length"
            + " takes 8")
      }
      let length = UInt64(littleEndian: memory.withBytes { $0.number(UInt64.self, at: 0) })
      guard length <= UInt64(SafetensorsFile.headerLimit) else {
        throw SafetensorsFault(
          "a header of \(length) bytes is longer than \(SafetensorsFile.headerLimit);"
            + " is it a safetensors file?")
      }
      let begin = 8 + Int(length)
      guard begin <= memory.count else {
        throw SafetensorsFault(
          "its header ends at byte \(begin), the file at \(memory.count): it is cut off")
      }
      let header = try SafetensorsHeader(
        memory.part(8..<begin).withBytes { $0.copied() }, dataBytes: memory.count - begin)
      keys = header.items.map(\.name)
      metadata = header.metadata
      var tensors: [String: KeyedTensor] = [:]
      for item in header.items {
        tensors[item.name] = KeyedTensor(
          memory.part(begin + item.range.lowerBound..<begin + item.range.upperBound),
          item.elementType, dims: item.dims)
      }
      self.tensors = tensors
    } catch {
      throw .invalid(file: name, error.message)
    }
  }

  /// A tensor; `nil` where there is none of that name.
  public func tensor(_ key: String) -> KeyedTensor? { tensors[key] }
}

/// Why a safetensors file cannot be used.
public enum SafetensorsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// It cannot be opened or mapped.
  case unreadable(FileError)
  /// It is not what it should be.
  case invalid(file: String, String)

  /// File and reason.
  public var description: String {
    switch self {
    case .unreadable(let error): error.description
    case .invalid(let file, let message): "\(file): \(message)"
    }
  }
}
