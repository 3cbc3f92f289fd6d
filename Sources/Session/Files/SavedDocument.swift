package import Profiling
import Reports
import TopologyXML

/// Any document of ours in a file.
package enum SavedDocument {
  case record(RunRecord)
  case diff(Diff)
  case comparison(Comparison)
  case sweep(Sweep)
  case advice(Advice)
  case hardware(HardwareComparison)
  case bricks(Bricks)
  case prediction(Prediction)

  /// Reads a document; what is none of ours is reported as a record that is none.
  package static func load(_ path: String) throws(Failure) -> SavedDocument {
    try decode(try SavedRecord.bytes(path), from: path)
  }

  /// Reads the bytes of a file, which `path` names in messages.
  package static func decode(_ bytes: [UInt8], from path: String) throws(Failure) -> SavedDocument {
    let schema = RecordCoding.schema(of: bytes)
    do throws(RecordError) {
      // A version that is not known is its reader's to refuse, which names the one it reads.
      switch kind(schema ?? "") {
      case kind(Diff.schemaName): return .diff(try RecordCoding.decodeDiff(bytes))
      case kind(Comparison.schemaName): return .comparison(try RecordCoding.decodeComparison(bytes))
      case kind(Sweep.schemaName): return .sweep(try RecordCoding.decodeSweep(bytes))
      case kind(Advice.schemaName): return .advice(try RecordCoding.decodeAdvice(bytes))
      case kind(HardwareComparison.schemaName):
        return .hardware(try RecordCoding.decodeHardware(bytes))
      case kind(Bricks.schemaName): return .bricks(try RecordCoding.decodeBricks(bytes))
      case kind(Prediction.schemaName):
        return .prediction(try RecordCoding.decodePrediction(bytes))
      case kind(MeasuredPart.schemaName):
        let part = try RecordCoding.decodePart(bytes)
        guard let record = part.record else {
          throw .invalidField(path: "record", reason: part.fault?.message ?? "a brick, no run")
        }
        return .record(record)
      default: return .record(try RecordCoding.decode(bytes))
      }
    } catch {
      throw Failure(.data, "\(path): \(error)")
    }
  }

  /// A schema's name without its version.
  private static func kind(_ schema: String) -> Substring { schema.prefix { $0 != "/" } }
}
