/// An inference engine that can run a network.
public enum EngineName: String, Codable, Hashable, Sendable, CaseIterable {
  /// ntprof's own, on oneDNN.
  case onednn
  /// ONNX Runtime, on its MLAS kernels.
  case onnxruntime
  /// OpenVINO.
  case openvino
  /// PyTorch, eager.
  case pytorch

  /// Those that run in a process of their own.
  public static var others: [EngineName] { allCases.filter { $0 != .onednn } }

  /// The name as its makers write it.
  public var title: String {
    switch self {
    case .onednn: "oneDNN"
    case .onnxruntime: "ONNX Runtime"
    case .openvino: "OpenVINO"
    case .pytorch: "PyTorch"
    }
  }

  /// The Python package that holds it; empty for ntprof's own.
  public var package: String {
    switch self {
    case .onednn: ""
    case .onnxruntime: "onnxruntime"
    case .openvino: "openvino"
    case .pytorch: "torch"
    }
  }

  /// What `ntprof engines install` asks for: the versions that this was tested with.
  public var requirements: [String] {
    switch self {
    case .onednn: []
    case .onnxruntime: ["onnxruntime==1.31.1", "numpy==2.4.6"]
    case .openvino: ["openvino==2026.4.1", "numpy==2.4.6"]
    case .pytorch: ["torch==2.13.0", "numpy==2.4.6"]
    }
  }

  /// What an installation takes on disk, for people.
  public var size: String {
    switch self {
    case .onednn: ""
    case .onnxruntime: "78 MB"
    case .openvino: "180 MB"
    case .pytorch: "1 GB, or 5 GB with its CUDA packages"
    }
  }
}
