/// How a layer of the candidate relates to one of the baseline.
public enum LayerChange: String, Codable, Hashable, Sendable, CaseIterable {
  /// Same name, kind, shapes and parameter count.
  case same
  /// Another name for the same work.
  case renamed
  /// Another name, and the same kind, elements read and made, and multiply-adds: what differs is what is
  /// computed along with them; or only the kind, where the costs of one are not known.
  case similar
  /// Same name and kind, other shapes or another parameter count.
  case resized
  /// Same name, another kind: an LSTM became a GRU.
  case replaced
  /// Only the candidate has it.
  case added
  /// Only the baseline has it.
  case removed
}

/// Which layer of a baseline corresponds to which of a candidate.
///
/// Order is kept, and among the alignments that keep it one with the largest total weight is
/// taken: 8 for the same layer, 5 for a renamed, 4 for a resized, 3 for a similar, 2 for a replaced one,
/// 1 where only the kind is known. So the
/// layers of a network that was widened pair by name, and those of an imported one whose numbered
/// names have shifted pair by structure.
public struct LayerAlignment: Hashable, Sendable {
  /// A row: at least one index is present.
  public struct Pair: Hashable, Sendable {
    /// Index into the baseline's layers.
    public let baseline: Int?
    /// Index into the candidate's layers.
    public let candidate: Int?
    /// Their relation.
    public let change: LayerChange
  }

  /// Rows in order; removed layers stand before the added ones that take their place.
  public let pairs: [Pair]

  /// Aligns two lists of layers.
  ///
  /// - Complexity: O(n) when they are equal, O(n·m) on what is left between equal ends, and about
  ///   O(n log n) when that is above ``AlignmentSearch/cellLimit`` cells.
  public init(baseline: [LayerRecord], candidate: [LayerRecord]) {
    var interner = SignatureInterner()
    let left = baseline.map { interner.signature(of: $0) }
    let right = candidate.map { interner.signature(of: $0) }
    var search = AlignmentSearch(left: left, right: right)
    search.run()
    pairs = LayerAlignment.rows(search.matches, left: left, right: right)
  }

  /// Fills the gaps between matches with removed and added layers.
  private static func rows(
    _ matches: [AlignmentSearch.Match], left: [LayerSignature], right: [LayerSignature]
  ) -> [Pair] {
    var rows: [Pair] = []
    rows.reserveCapacity(Swift.max(left.count, right.count))
    var (i, j) = (0, 0)
    func fill(to match: AlignmentSearch.Match) {
      while i < match.left {
        rows.append(Pair(baseline: i, candidate: nil, change: .removed))
        i += 1
      }
      while j < match.right {
        rows.append(Pair(baseline: nil, candidate: j, change: .added))
        j += 1
      }
    }
    for match in matches {
      fill(to: match)
      let change = left[i].relation(to: right[j]) ?? .replaced
      rows.append(Pair(baseline: i, candidate: j, change: change))
      i += 1
      j += 1
    }
    fill(to: AlignmentSearch.Match(left: left.count, right: right.count))
    return rows
  }
}

/// What a layer is compared by, as small numbers.
struct LayerSignature: Hashable, Sendable {
  /// Its name.
  var name: Int32
  /// Its kind.
  var kind: Int32
  /// Kind, shapes and parameter count together.
  var structure: Int32
  /// Kind, first input, output and multiply-adds together; negative where there are none of the latter,
  /// so that nothing is similar to it.
  var product: Int32 = -1
  /// Whether nothing but name and kind are known.
  var isVague = false

  /// How two layers relate; nil when they have nothing in common that counts.
  func relation(to other: LayerSignature) -> LayerChange? {
    if structure == other.structure { return name == other.name ? .same : .renamed }
    let isSimilar = kind == other.kind && (isVague || other.isVague)
    if isSimilar { return name == other.name ? .same : .similar }
    if name == other.name { return kind == other.kind ? .resized : .replaced }
    return product >= 0 && product == other.product ? .similar : nil
  }

  /// The weight of pairing two layers; 0 when they must not pair.
  func weight(with other: LayerSignature) -> Int32 {
    switch relation(to: other) {
    case .same: 8
    case .renamed: 5
    case .resized: 4
    case .similar: isVague || other.isVague ? 1 : 3
    case .replaced: 2
    default: 0
    }
  }
}

/// Numbers equal texts alike.
struct SignatureInterner {
  private struct Structure: Hashable {
    var kind: String
    var inputs: [Dims]
    var output: Dims
    var parameters: Int
  }

  /// By elements, not by dims: other programs write 1x2048x1x1 as 1x2048.
  private struct Product: Hashable {
    var kind: String
    var input: Int
    var output: Int
    var macs: Int
  }

  private var products: [Product: Int32] = [:]
  private var texts: [String: Int32] = [:]
  private var structures: [Structure: Int32] = [:]

  mutating func signature(of layer: LayerRecord) -> LayerSignature {
    let structure = Structure(
      kind: layer.kind, inputs: layer.inputShapes, output: layer.outputShape,
      parameters: layer.parameters)
    let number = structures[structure] ?? Int32(structures.count)
    structures[structure] = number
    var signature = LayerSignature(
      name: intern(layer.name), kind: intern(layer.kind), structure: number)
    signature.isVague = layer.costsUnknown == true
    if layer.macs > 0 {
      let product = Product(
        kind: layer.kind, input: layer.inputShapes.first?.elementCount ?? 1,
        output: layer.outputShape.elementCount, macs: layer.macs)
      let number = products[product] ?? Int32(products.count)
      products[product] = number
      signature.product = number
    }
    return signature
  }

  private mutating func intern(_ text: String) -> Int32 {
    let number = texts[text] ?? Int32(texts.count)
    texts[text] = number
    return number
  }
}
