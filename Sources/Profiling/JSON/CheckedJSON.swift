internal import FoundationEssentials

/// The one way from JSON to values, for all that others may have written.
///
/// Numbers are looked at before anything is made of them: whoever gets a value may convert, add and
/// index by what is in it as far as ``NumberRange`` goes.
package enum CheckedJSON {
  /// How the names of members become those of properties.
  package enum Names: Hashable, Sendable {
    /// As they are written.
    case asWritten
    /// `output_shape` is `outputShape`.
    case snakeCase
  }

  /// Reads a value.
  ///
  /// - Throws: ``NumberRange/Fault`` of the first number that is out of range, else what Foundation's
  ///   decoder throws.
  package static func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: some Collection<UInt8>, names: Names = .asWritten
  ) throws -> Value {
    let bytes = Array(bytes)
    if let fault = NumberRange.fault(in: bytes) { throw fault }
    return try decodeWords(type, from: bytes, names: names)
  }

  /// Reads a value that holds texts alone, whatever numbers stand beside it.
  ///
  /// - Throws: What Foundation's decoder throws.
  static func decodeWords<Value: Decodable>(
    _ type: Value.Type, from bytes: [UInt8], names: Names = .asWritten
  ) throws -> Value {
    let decoder = JSONDecoder()
    if names == .snakeCase { decoder.keyDecodingStrategy = .convertFromSnakeCase }
    return try decoder.decode(type, from: Data(bytes))
  }
}
