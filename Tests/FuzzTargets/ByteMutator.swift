/// Changes documents of bytes the way damage and malice do: single bits, numbers of every width, lengths that
/// claim more or less than there is, and pieces that are moved, doubled or cut off.
///
/// What is a message of protobuf is mostly changed as one, so that its lengths fit again (``WireTree``); a
/// document that begins with the length of a text, as safetensors do, has that text changed as one.
public struct ByteMutator {
  private var random: Bits

  /// What sizes and counts are in files of whoever wants a reader to fail.
  static let numbers: [UInt64] = [
    0, 1, 2, 7, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 100_000_001, 0x7fff_ffff,
    0x8000_0000, 0xffff_ffff, 1 << 40, (1 << 40) + 1, 1 << 53, 1 << 62, 0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000, 0xffff_ffff_ffff_ffff,
  ]

  /// Begins with a seed: the same one gives the same changes.
  public init(seed: UInt64) { random = Bits(state: seed) }

  /// A changed copy, one to four changes away.
  public mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
    var result = bytes
    for _ in 0...random.below(4) { result = change(result) }
    return result
  }

  private mutating func change(_ bytes: [UInt8]) -> [UInt8] {
    guard !bytes.isEmpty else { return [UInt8(truncatingIfNeeded: random.next())] }
    if random.below(3) > 0 {
      if let changed = changeText(bytes) { return changed }
      if let fields = WireTree.parse(bytes[...]) {
        return WireTree.encode(WireTree.changed(fields, &random))
      }
    }
    var copy = bytes
    let place = random.below(bytes.count)
    let length = min(1 + random.below(16), bytes.count - place)
    switch random.below(9) {
    case 0: copy[place] ^= 1 << UInt8(random.below(8))
    case 1: copy[place] = UInt8(truncatingIfNeeded: random.next())
    case 2, 3: overwrite(&copy, at: random.below(3) == 0 ? 0 : place)
    case 4:
      // A number of protobuf: all bytes up to the first without its highest bit.
      var end = place
      while end < bytes.count - 1, bytes[end] >= 0x80 { end += 1 }
      copy.replaceSubrange(place...end, with: WireTree.varint(random.pick(Self.numbers)))
    case 5: copy.removeSubrange(place..<place + length)
    case 6: copy.insert(contentsOf: bytes[place..<place + length], at: random.below(bytes.count))
    case 7: copy.removeSubrange(place...)
    default:
      let other = random.below(bytes.count)
      copy.replaceSubrange(
        place..<place + length, with: bytes[other..<min(other + length, bytes.count)])
    }
    return copy
  }

  /// Writes a number of 1, 2, 4 or 8 bytes, little-endian.
  private mutating func overwrite(_ bytes: inout [UInt8], at place: Int) {
    let number = random.pick(Self.numbers)
    for offset in 0..<1 << random.below(4) where place + offset < bytes.count {
      bytes[place + offset] = UInt8(truncatingIfNeeded: number >> (8 * UInt64(offset)))
    }
  }

  /// A document of a text's length in 8 bytes, the text, and others; nil where it is none.
  private mutating func changeText(_ bytes: [UInt8]) -> [UInt8]? {
    guard bytes.count > 9, bytes[8] == UInt8(ascii: "{") else { return nil }
    let length = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(bytes.count - 8) else { return nil }
    let end = 8 + Int(length)
    var mutator = TextMutator(seed: random.next())
    let text = mutator.mutate(Array(bytes[8..<end]))
    let claim = random.below(8) == 0 ? length : UInt64(text.count)
    let head = (0..<8).map { UInt8(truncatingIfNeeded: claim >> (8 * UInt64($0))) }
    return head + text + bytes[end...]
  }
}
