package import Importers

/// An array for an input; without a name for the next one in the model's order.
package struct OfferedInput {
  /// The input.
  package let name: String?
  /// The file that it was read from.
  package let path: String
  /// Its numbers.
  package let array: ConstantTensor

  /// An array that was read from a path.
  package init(name: String?, path: String, array: ConstantTensor) {
    self.name = name
    self.path = path
    self.array = array
  }
}
