/// `ctc-beam-search`: the likeliest label sequence, all its alignments summed.
///
/// T x N x C probabilities (after a softmax) give N x T labels padded with −1; the last class is
/// the blank. The method is the prefix beam search of Hannun, Maas, Jurafsky and Ng,
/// "First-Pass Large Vocabulary Continuous Speech Recognition using Bi-Directional Recurrent
/// DNNs", 2014, arXiv:1408.2873, Algorithm 1, without a language model. `width` prefixes survive
/// each step (100 by default); with all of them kept the search is exact.
struct CTCBeamSearch: InlayKind {
  static let name = "ctc-beam-search"
  static let attributes: [any AttributeKey] = [width]

  private static let width = Attribute<Int>(
    "width", default: 100, in: 1...100_000,
    doc: "`ctc-beam-search`: prefixes that survive each step, up to 100,000.")

  private let width: Int

  init(_ attributes: Attributes) throws(AttributeError) {
    width = try attributes[Self.width]
  }

  func outputType(_ input: TensorType) throws(ShapeError) -> TensorType {
    try ctcOutputType(input)
  }

  func operation(on input: TensorType) -> Operation {
    .host(PrefixBeamSearch(width: width))
  }
}
