/// Why some bytes are not a record.
///
/// The command ends with status 65.
public enum RecordError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There are no bytes.
  case empty
  /// The bytes are not JSON.
  case notJSON
  /// The JSON ends in the middle: a copy or a write was cut short.
  case truncated
  /// JSON, but without a `schema` of ours: some other program's.
  case foreign
  /// A schema that this version does not read.
  case unknownSchema(found: String, expected: String)
  /// A field that the schema requires is absent; the path reads `layers[3].output_shape`.
  case missingField(path: String)
  /// A field has a value that the schema does not allow.
  case invalidField(path: String, reason: String)

  /// `EX_DATAERR` of sysexits.h.
  public static let exitStatus: Int32 = 65

  /// What is wrong, in one line.
  public var description: String {
    switch self {
    case .empty: "the file is empty, not a record"
    case .notJSON: "the file is not JSON, so not a record"
    case .truncated: "the record ends in the middle: the file was cut short"
    case .foreign: "the JSON has no 'schema' of ntprof: some other program wrote it"
    case .unknownSchema(let found, let expected):
      "the schema is '\(found)', and this version reads '\(expected)'"
    case .missingField(let path): "the record lacks '\(path)'"
    case .invalidField(let path, let reason):
      path.isEmpty
        ? "the record is not valid: \(reason)"
        : "the record's '\(path)' is not valid: \(reason)"
    }
  }
}
