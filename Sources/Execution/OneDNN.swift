import DNNL
public import Profiling

/// The oneDNN library as the command sees it.
public enum OneDNN {
  /// The library as a record describes it.
  ///
  /// Reading it fixes the instruction set.
  public static var info: MachineInfo.OneDNN {
    MachineInfo.OneDNN(
      version: Library.version, isa: Library.isa, runtime: Library.runtime.lowercased())
  }

  /// The instruction set that primitives use.
  ///
  /// Reading it fixes it.
  static let instructionSet = InstructionSet(Library.isa)

  /// Has oneDNN write nothing to standard output, whatever the environment says.
  public static func silence() { Library.silence() }

  /// The library's version; asking for it fixes nothing.
  public static var version: String { Library.version }
}
