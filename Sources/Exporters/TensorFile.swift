import FoundationEssentials
import ONNX
public import Topology

/// A tensor in a file of its own, as the data sets beside ONNX's test models have it.
public enum TensorFile {
  /// The bytes of an f32 tensor.
  ///
  /// - Throws: ``GraphError`` when it exceeds ``ONNXExport/byteLimit``.
  public static func encode(name: String, type: TensorType, _ elements: [Float])
    throws(GraphError) -> [UInt8]
  {
    precondition(elements.count == type.elementCount, "a tensor has the wrong size")
    guard 4 * elements.count < ONNXExport.byteLimit - 1024 else {
      throw GraphError("'\(name)', \(type), is larger than a file of ONNX may be")
    }
    var tensor = ONNXTensor()
    tensor.name = name
    tensor.dims = type.dims.map(Int64.init)
    tensor.dataType = Int32(ONNXTensor.DataType.float.rawValue)
    tensor.rawData = elements.withUnsafeBytes { Data($0) }
    return try encoded(tensor)
  }
}
