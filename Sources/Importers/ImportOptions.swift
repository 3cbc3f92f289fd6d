/// What a caller tells about a model that its file leaves open.
public struct ImportOptions: Sendable {
  /// The batch size of every input; `nil` leaves them as they are written.
  public var batch: Int?
  /// Extents of inputs, by name; they override those of the file.
  public var shapes: [String: [Int]] = [:]
  /// Numbers that inputs are fixed to, by name: they are constants then.
  public var values: [String: Double] = [:]
  /// Values of inputs that are taken where an operator needs a constant, as weights or axes are; an input
  /// that none needs so stays one.
  public var offered: [String: ConstantTensor] = [:]

  /// Leaves everything as the file has it.
  public init() {}
}
