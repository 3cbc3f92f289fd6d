public import DNNL
public import Profiling

extension Library {
  /// The library as a record describes it.
  ///
  /// Reading it fixes the instruction set; cap it first (``DNNL/Library/capISA(_:)``).
  public static var info: MachineInfo.OneDNN {
    MachineInfo.OneDNN(version: version, isa: isa, runtime: runtime.lowercased())
  }
}
