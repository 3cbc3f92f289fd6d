import Files

/// Reads the whole file of a topology, with what its reader says of one that it cannot read.
public enum FileLoader {
  /// The file's bytes.
  ///
  /// - Throws: ``TopologyReadError`` when there is no such regular file, it is larger than `limit`
  ///   bytes, or reading fails.
  public static func load(_ path: String, limit: Int) throws(TopologyReadError) -> [UInt8] {
    do throws(FileError) { return try FileReader.read(path, limit: limit) } catch {
      switch error.reason {
      case .missing: throw .noSuchFile(path: path)
      case .notRegular(let kind): throw .notRegularFile(path: path, kind: kind)
      case .tooLarge(let bytes, let limit):
        throw .tooLarge(path: path, bytes: bytes, limit: limit)
      case .refused(let error): throw .unreadable(path: path, errno: error.errno)
      }
    }
  }
}
