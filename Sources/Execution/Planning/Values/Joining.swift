import DNNL
import Measuring
import Topology

/// Joining values without moving them: the buffers that they were made in become parts of one.
///
/// That takes memory in which the joined axis is the outermost one with more than one place, as
/// channels are for one image in plain order or in blocks; and buffers that hold nothing else.
enum Joining {
  /// Whether tensors can become parts of one buffer, joined along an axis.
  static func isPossible(_ sources: [Tensor], axis: Int, in table: ValueTable) -> Bool {
    guard Set(sources.map(\.buffer)).count == sources.count else { return false }
    let format = sources[0].descriptor.format
    return sources.allSatisfy { source in
      let buffer = table.buffers[source.buffer]
      let isWhole =
        source.offset == 0 && buffer.home == nil && !buffer.isPinned
        && buffer.size == source.descriptor.size && source.logicalBytes == source.descriptor.size
      return isWhole && source.descriptor.format == format && source.format == sources[0].format
        && isOutermost(axis, of: source.descriptor.dims, in: format)
    }
  }

  /// Whether neighbours that are joined along an axis lie one behind the other, in a format of
  /// oneDNN's letters such as `abcd`, or `aBcd16b` with one blocked axis.
  static func isOutermost(_ axis: Int, of dims: [Int], in format: String) -> Bool {
    guard let letter = "abcdefghijkl".dropFirst(axis).first else { return false }
    let upper = Character(letter.uppercased())
    for (place, character) in format.enumerated() {
      if character == letter { return !format.contains(where: \.isUppercase) }
      if character == upper {
        let rest = format.dropFirst(place + 1)
        guard !rest.contains(where: \.isUppercase), rest.last == letter,
          let block = Int(rest.dropLast().drop { !$0.isNumber })
        else { return false }
        return dims[axis] % block == 0
      }
      guard let other = Character(character.lowercased()).asciiValue, other >= 97,
        Int(other) - 97 < dims.count, dims[Int(other) - 97] == 1
      else { return false }
    }
    return false
  }
}
