/// `ctc-greedy`: the likeliest class of every step, repeats collapsed, blanks dropped.
///
/// T x N x C probabilities, or anything that grows with them, give N x T labels padded with −1;
/// the last class is the blank. This is best path decoding: Graves, Fernández, Gomez and
/// Schmidhuber, "Connectionist Temporal Classification", ICML 2006, section 3.2.
struct CTCGreedy: InlayKind, HostKernel {
  static let name = "ctc-greedy"
  var name: String { CTCGreedy.name }

  init(_ attributes: Attributes) throws(AttributeError) {}

  func outputType(_ input: TensorType) throws(ShapeError) -> TensorType {
    try ctcOutputType(input)
  }

  func operation(on input: TensorType) -> Operation { .host(self) }

  func run(
    inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    let (steps, batch, classes) = (types[0].dims[0], types[0].dims[1], types[0].dims[2])
    for sample in 0..<batch {
      var written = sample * steps
      var last = classes - 1
      for step in 0..<steps {
        let row = (step * batch + sample) * classes
        let label = largestIndex(in: inputs[0], from: row, count: classes)
        if label != last, label != classes - 1 {
          output[written] = Float(label)
          written += 1
        }
        last = label
      }
      for index in written..<(sample + 1) * steps { output[index] = -1 }
    }
  }
}

/// T x N x C with at least one class besides the blank gives N x T labels.
func ctcOutputType(_ input: TensorType) throws(ShapeError) -> TensorType {
  guard input.layout == .tnc else { throw ShapeError("wants tnc, not \(input)") }
  guard input.dims[2] >= 2 else { throw ShapeError("wants a class besides the blank") }
  return try TensorType(dims: [input.dims[1], input.dims[0]], .nc)
}
