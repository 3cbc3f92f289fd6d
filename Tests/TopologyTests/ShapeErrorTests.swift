import TestSupport
import Testing
import Topology

/// What layer kinds refuse, and what they say.
@Suite struct ShapeErrorTests {
  @Test(arguments: [
    (
      "conv", ["filters": "8", "kernel": "5"], "1x3x4x4 nchw", "a window of 5 does not fit 4 cells"
    ),
    (
      "conv", ["filters": "8", "kernel": "3", "dilation": "2"], "1x3x4x4 nchw",
      "a window of 5 does not fit 4 cells"
    ),
    ("conv", ["filters": "8", "kernel": "3x3"], "1x3x4 ncw", "kernel 3x3 has 2 dimensions"),
    ("conv", ["filters": "8", "kernel": "3"], "4x1x3 tnc", "wants ncw, nchw or ncdhw"),
    (
      "conv", ["filters": "8", "kernel": "3", "padding": "1,1"], "1x3x4x4 nchw",
      "padding lists 2 counts; nchw wants 4"
    ),
    (
      "conv", ["filters": "8", "kernel": "3", "groups": "2"], "1x3x4x4 nchw",
      "2 groups divide not both 3 input channels and 8 filters"
    ),
    (
      "conv", ["filters": "8", "kernel": "3", "groups": "depthwise"], "1x3x4x4 nchw",
      "3 groups divide not both"
    ),
    (
      "conv", ["filters": "2147483647", "kernel": "2147483647", "padding": "2147483647"],
      "1x3x4x4 nchw", "more than 2^40 elements"
    ),
    ("pool", ["kernel": "2", "padding": "2"], "1x3x4x4 nchw", "padding 2 must be smaller"),
    ("pool", ["kernel": "2"], "2x3 nc", "wants ncw, nchw or ncdhw"),
    ("global-pool", [:], "2x3 nc", "wants ncw, nchw or ncdhw"),
    ("fc", ["units": "8"], "5", "wants at least 2 dimensions"),
    ("fc", ["units": "2147483647"], "1x1048576 nc", "more than 2^40 elements"),
    ("lstm", ["hidden": "8"], "1x3x4 ncw", "wants tnc, not 1x3x4 ncw"),
    ("batch-norm", [:], "5", "wants at least 2 dimensions"),
    ("softmax", ["axis": "2"], "2x3 nc", "axis 2 is outside -2…1"),
    ("flatten", [:], "4x2x3 tnc", "use reshape"),
    ("flatten", ["axis": "3"], "2x3 nc", "axis 3 is outside"),
    ("reshape", ["shape": "0x7"], "2x3 nc", "6 elements of 2x3 nc do not fill 0x7"),
    ("reshape", ["shape": "4x-1"], "2x3 nc", "do not fill"),
    ("reshape", ["shape": "2x3x0"], "2x3 nc", "has no dimension 2"),
    ("inlay", ["kind": "mfcc"], "1x511 nc", "511 samples are fewer than a window of 512"),
    ("inlay", ["kind": "mfcc"], "1x3x16000 ncw", "wants N x samples"),
    ("inlay", ["kind": "ctc-greedy"], "2x3 nc", "wants tnc"),
    ("inlay", ["kind": "ctc-beam-search"], "4x2x1 tnc", "wants a class besides the blank"),
    ("inlay", ["kind": "argmax"], "5", "wants at least 2 dimensions"),
  ])
  func oneOperand(
    element: String, attributes: [String: String], input: String, message: String
  ) throws {
    let error = try #require(throws: GraphError.self) {
      try Graph.single(element, attributes, on: [tensorType(input)])
    }
    #expect(error.description.contains(message), "\(error)")
    #expect(error.layer == "layer")
  }

  @Test(arguments: [
    ("add", "2x3 nc", "2x4 nc", "2x3 nc and 2x4 nc do not broadcast"),
    ("less", "4x2x3 tnc", "3x3 nc", "do not broadcast"),
    ("concat", "2x3x4x4 nchw", "2x3x4x5 nchw", "differ outside axis 1"),
    ("concat", "2x3 nc", "2x3x4 ncw", "differ outside axis 1"),
    ("fc", "2x3 nc", "2x3 nc", "takes 1 operand(s), not 2"),
  ])
  func twoOperands(element: String, first: String, second: String, message: String) throws {
    let error = try #require(throws: GraphError.self) {
      try Graph.single(
        element, element == "fc" ? ["units": "1"] : [:],
        on: [tensorType(first), tensorType(second)])
    }
    #expect(error.description.contains(message), "\(error)")
  }

  @Test(arguments: [
    ("conv", ["kernel": "3"], "filters"),
    ("conv", ["filters": "8"], "kernel"),
    ("conv", ["filters": "0", "kernel": "3"], "filters"),
    ("conv", ["filters": "8", "kernel": "3x"], "kernel"),
    ("conv", ["filters": "8", "kernel": "3", "stride": "0"], "stride"),
    ("conv", ["filters": "8", "kernel": "3", "padding": "full"], "padding"),
    ("conv", ["filters": "8", "kernel": "3", "padding": "1,2,3"], "padding"),
    ("conv", ["filters": "8", "kernel": "3", "padding": "-1"], "padding"),
    ("conv", ["filters": "8", "kernel": "3", "groups": "some"], "groups"),
    ("conv", ["filters": "8", "kernel": "3", "bias": "no"], "bias"),
    ("pool", ["kernel": "3", "kind": "sum"], "kind"),
    ("lstm", ["hidden": "8", "direction": "up"], "direction"),
    ("lstm", ["hidden": "8", "layers": "0"], "layers"),
    ("rnn", ["hidden": "8", "activation": "gelu"], "activation"),
    ("batch-norm", ["epsilon": "-1"], "epsilon"),
    ("batch-norm", ["epsilon": "nan"], "epsilon"),
    ("activation", [:], "kind"),
    ("activation", ["kind": "prelu"], "kind"),
    ("activation", ["kind": "clipped-relu"], "max"),
    ("activation", ["kind": "relu", "max": "6"], "max"),
    ("activation", ["kind": "clip", "alpha": "2", "beta": "1"], "alpha"),
    ("reshape", ["shape": "-1x-1"], "shape"),
    ("reshape", ["shape": "2x3", "layout": "nhwc"], "layout"),
    ("dropout", ["rate": "2"], "rate"),
    ("inlay", [:], "kind"),
    ("inlay", ["kind": "fft"], "kind"),
    ("inlay", ["kind": "reorder"], "to"),
    ("inlay", ["kind": "reorder", "to": "n h"], "to"),
    ("inlay", ["kind": "copy", "width": "8"], "width"),
    ("inlay", ["kind": "mfcc", "rate": "10"], "window"),
  ])
  func attribute(element: String, attributes: [String: String], name: String) throws {
    let error = try #require(throws: AttributeError.self) {
      try GraphBuilder.PrimitiveSpec(element, attributes)
    }
    #expect(error.attribute == name)
  }
}
