import DNNL
import Measuring
import Topology

extension Planner {
  /// Joins values without moving them, where that is possible: the buffers that they were made in
  /// become parts of one.
  ///
  /// That takes memory in which the joined axis is the outermost one with more than one place, as
  /// channels are for one image in plain order or in blocks; and buffers that hold nothing else.
  func joinInPlace(axis: Int, _ index: Int, _ sources: [Tensor]) throws(DNNLError) -> Bool {
    guard options.fusion, !options.keepAllValues, Set(sources.map(\.buffer)).count == sources.count
    else { return false }
    let format = sources[0].descriptor.format
    for source in sources {
      let buffer = buffers[source.buffer]
      let isWhole =
        source.offset == 0 && buffer.home == nil && !buffer.isPinned
        && buffer.size == source.descriptor.size && source.logicalBytes == source.descriptor.size
      guard isWhole, source.descriptor.format == format, source.format == sources[0].format,
        Planner.isOutermost(axis, of: source.descriptor.dims, in: format)
      else { return false }
    }
    let output = program.instructions[index].output
    guard let tag = MemoryFormat(format, rank: dims(output).count) else { return false }
    let type = sources[0].type
    let whole = newBuffer(
      try MemoryDescriptor(dims(output), type, tag), as: sources[0].format)
    var offset = 0
    for source in sources {
      adopt(source.buffer, into: whole.buffer, at: offset)
      offset += source.descriptor.size
    }
    complete([index], in: whole)
    return true
  }

  /// Makes a buffer a part of another one.
  private func adopt(_ part: Int, into whole: Int, at offset: Int) {
    let own = buffers[part]
    buffers[part].home = (whole, offset)
    buffers[whole].first = min(buffers[whole].first, own.first)
    buffers[whole].last = max(buffers[whole].last, own.last)
    buffers[whole].values.formUnion(own.values)
    for value in own.values {
      tensors[value] = tensors[value]?.map { tensor in
        guard tensor.buffer == part else { return tensor }
        return Tensor(
          buffer: whole, descriptor: tensor.descriptor, scale: tensor.scale,
          zeroPoint: tensor.zeroPoint, offset: tensor.offset + offset)
      }
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
