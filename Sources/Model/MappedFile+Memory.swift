public import Files

extension MappedFile {
  /// All of it, as memory of tensors.
  public var memory: TensorMemory { TensorMemory(bytes, owner: self) }
}
