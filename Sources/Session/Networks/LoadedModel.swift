import Files
package import Importers
import Model
import Profiling
import SystemPackage

/// A model in another tool's format, read as a network.
package struct LoadedModel {
  package let imported: ImportedModel
  /// SHA-256 of its file, of a large one in parts.
  package let sha256: String

  /// Reads a model; `nil` for a file that is none, which is taken for a topology then.
  package init?(
    _ path: String, _ settings: NetworkSettings, offering inputs: [OfferedInput]
  ) throws(Failure) {
    let format: Model.Format
    switch try FileContent(of: path) {
    case .xml: return nil
    case .foreign(let what, let remedy):
      throw Failure(
        .data, "\(path): is \(what), neither a topology nor a model that ntprof reads",
        remedy: remedy)
    case .onnx: format = .onnx
    case .openVINO: format = .openvinoIR
    }
    if let assignment = settings.assignments.first {
      throw Failure(
        .usage, "--set \(assignment.name): \(path) is a model, which has no params",
        remedy: "use --batch, --shape INPUT=DIMS or --value INPUT=N")
    }
    do throws(ImportError) {
      let file = try ModelFile(path)
      let graph = try format == .onnx ? ONNXReader.read(file) : IRReader.read(file)
      let options = try LoadedModel.options(settings, inputs, graph, path)
      imported = try ModelImport.network(of: graph, file: path, options: options, format: format)
      sha256 = LoadedModel.digest(of: file)
    } catch {
      throw Failure(error)
    }
  }

  /// SHA-256 of a file; of a large one of its size and of a part of each page of 64 KiB, for weights are
  /// mapped and not read.
  private static func digest(of file: ModelFile) -> String {
    let (limit, page, part) = (32 << 20, 64 << 10, 4 << 10)
    return file.withBytes { bytes in
      var digest = SHA256()
      guard bytes.byteCount > limit else {
        digest.update(bytes)
        return digest.hexDigest()
      }
      digest.update(Array("\(bytes.byteCount)".utf8))
      for start in stride(from: 0, to: bytes.byteCount, by: page) {
        digest.update(bytes.extracting(start..<min(start + part, bytes.byteCount)))
      }
      return digest.hexDigest()
    }
  }

  private static func options(
    _ settings: NetworkSettings, _ inputs: [OfferedInput], _ graph: OperatorGraph, _ path: String
  ) throws(ImportError) -> ImportOptions {
    var options = ImportOptions()
    options.batch = settings.batch
    for shape in settings.model.shapes { options.shapes[shape.name] = shape.dims }
    for value in settings.model.values { options.values[value.name] = value.number }
    let names = graph.inputs.map(\.name).filter { graph.constants[$0] == nil }
    for (name, input) in try LoadedModel.assign(inputs, to: names, of: path) {
      options.offered[name] = input.array
    }
    return options
  }

  /// Which input each array is for.
  ///
  /// - Throws: ``ImportError`` for a name that is none of an input, or more arrays than inputs.
  package static func assign(
    _ arrays: [OfferedInput], to names: [String], of path: String
  ) throws(ImportError) -> [String: OfferedInput] {
    var result: [String: OfferedInput] = [:]
    for array in arrays where array.name != nil {
      guard let name = array.name, names.contains(name) else {
        throw ImportError(
          .usage, file: path, "has no input '\(array.name ?? "")'",
          remedy: "its inputs: " + names.joined(separator: ", "))
      }
      result[name] = array
    }
    var open = names.filter { result[$0] == nil }[...]
    for array in arrays where array.name == nil {
      guard let name = open.popFirst() else {
        throw ImportError(
          .usage, file: path, "has \(names.count) inputs; '\(array.path)' is one too many",
          remedy: "its inputs: " + names.joined(separator: ", "))
      }
      result[name] = array
    }
    return result
  }
}

/// What a file holds, by its first bytes.
package enum FileContent {
  case xml
  case onnx
  /// OpenVINO's intermediate representation.
  case openVINO
  /// Something else that is known, and what to do about it.
  case foreign(String, remedy: String)

  /// Looks into a file; one that is not there, or is none, is taken for XML, whose reader says so.
  ///
  /// - Throws: ``Failure`` where it cannot be read: what it is, nobody knows then.
  package init(of path: String) throws(Failure) {
    self = .xml
    do throws(SystemCallError) {
      guard try FilePlace(path).status() == .file else { return }
    } catch {
      if [.noSuchFileOrDirectory, .notDirectory].contains(error.code) { return }
      throw Failure(.inputOutput, "\(path): \(error.reason)")
    }
    let file: ModelFile
    do throws(ImportError) { file = try ModelFile(path) } catch {
      if case .missing = error.kind { return }
      throw Failure(error)
    }
    let head = file.withBytes { $0.extracting(first: 64).copied() }
    let text = head.drop { [0xEF, 0xBB, 0xBF, 0x20, 0x09, 0x0A, 0x0D].contains($0) }
    if text.first == 0x3C, IRReader.recognizes(file) {
      self = .openVINO
      return
    }
    // XML in UTF-8 or the like, in UTF-16, or gzipped, which its reader refuses.
    guard let first = text.first, first != 0x3C, first < 0xFE, !head.starts(with: [0x1F, 0x8B]),
      !head.starts(with: [0x00, 0x3C])
    else { return }
    let exporting = "export it as ONNX: torch.onnx.export(model, input, 'model.onnx')"
    if head.starts(with: Array("PK".utf8)) || head.starts(with: [0x80, 0x02]) {
      self = .foreign("an archive, as PyTorch saves", remedy: exporting)
    } else if head.dropFirst(4).starts(with: Array("TFL3".utf8)) {
      self = .foreign("a TensorFlow Lite model", remedy: "convert it to ONNX, by tf2onnx say")
    } else if head.starts(with: [0x89] + Array("HDF".utf8)) {
      self = .foreign("an HDF5 file, as Keras saves", remedy: "convert it to ONNX, by tf2onnx say")
    } else if ONNXReader.recognizes(file) {
      self = .onnx
    } else if head.contains(where: { $0 < 0x09 })
      || String(decoding: head, as: UTF8.self).dropLast().contains("\u{FFFD}")
    {
      self = .foreign("binary data of no kind that is known", remedy: exporting)
    }
  }
}

extension Failure {
  /// The failure that a model becomes which cannot be read.
  package init(_ error: ImportError) {
    let status: Status =
      switch error.kind {
      case .missing: .noInput
      case .unreadable: .inputOutput
      case .invalid, .unsupported: .data
      case .usage: .usage
      }
    self.init(status, error.description, remedy: error.remedy)
  }
}
