import Files

/// Files that hold the weights of a model beside it; none outside the model's folder is opened.
struct ExternalFiles {
  private let folder: String
  private var files: [String: ModelFile] = [:]

  /// The files beside a model.
  init(beside path: String) {
    if let slash = path.lastIndex(of: "/") {
      folder = slash == path.startIndex ? "/" : String(path[..<slash])
    } else {
      folder = "."
    }
  }

  /// A part of a file: what a tensor's entries `location`, `offset` and `length` say.
  ///
  /// - Throws: ``ImportError`` when the file is not in the folder or below, by its name or through
  ///   symbolic links, or has not as many bytes there as are `wanted`.
  mutating func part(
    _ location: String, offset: String?, length: String?, wanted: Int,
    _ fault: (String) -> ImportError
  ) throws(ImportError) -> FileBytes {
    let file = try file(location, fault)
    guard let start = Int(offset ?? "0"), start >= 0 else {
      throw fault("'\(offset ?? "")' is no offset in '\(location)'")
    }
    if let length {
      guard Int(length) == wanted else {
        throw fault("wants \(wanted) bytes, but its entry in '\(location)' has \(length)")
      }
    }
    guard start <= file.count, wanted <= file.count - start else {
      throw fault(
        "bytes \(start) to \(start.addingReportingOverflow(wanted).partialValue) lie beyond the end "
          + "of '\(location)', which has \(file.count)")
    }
    return FileBytes(file, start..<start + wanted)
  }

  private mutating func file(
    _ location: String, _ fault: (String) -> ImportError
  ) throws(ImportError) -> ModelFile {
    if let file = files[location] { return file }
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    guard !location.hasPrefix("/"), !parts.contains(".."), !location.isEmpty,
      !location.contains("\0")
    else {
      throw fault("its data lie in '\(location)', which is not within the model's folder")
    }
    let path = folder + "/" + location
    if let target = FilePlace(path).resolved, let home = FilePlace(folder).resolved {
      guard target.hasPrefix(home == "/" ? home : home + "/") else {
        throw fault("its data lie in '\(location)', a link that leaves the model's folder")
      }
    }
    let file: ModelFile
    do throws(ImportError) { file = try ModelFile(path) } catch {
      throw fault("its data lie in '\(path)': \(error.message)")
    }
    files[location] = file
    return file
  }
}
