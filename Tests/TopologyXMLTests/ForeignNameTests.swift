import Testing
import Topology
import TopologyXML

/// Names of PyTorch, Keras and ONNX: the hint says what they are called here.
@Suite struct ForeignNameTests {
  private func hint(_ layer: String) -> String {
    diagnostics(topology("<layer name=\"a\">\(layer)</layer>")).first ?? ""
  }

  @Test(
    "elements",
    arguments: [
      ("<relu/>", "<relu> in <layer> (it is <activation kind=\"relu\"> here; allowed here: "),
      ("<ReLU/>", "it is <activation kind=\"relu\"> here"),
      ("<silu/>", "it is <activation kind=\"swish\"> here"),
      ("<LeakyReLU/>", "it is <activation kind=\"leaky-relu\"> here"),
      ("<linear/>", "it is <fc> here"), ("<dense/>", "it is <fc> here"),
      ("<Gemm/>", "it is <fc> here"), ("<maxpool/>", "it is <pool kind=\"max\"> here"),
      ("<MaxPool2d/>", "it is <pool kind=\"max\"> here"),
      ("<AveragePooling2D/>", "it is <pool kind=\"avg\"> here"),
      ("<GlobalAveragePool/>", "it is <global-pool kind=\"avg\"> here"),
      ("<AdaptiveAvgPool2d/>", "it is <global-pool kind=\"avg\"> here"),
      ("<Conv2d/>", "it is <conv> here"), ("<ConvTranspose2d/>", "it is <deconv> here"),
      ("<DepthwiseConv2D/>", "it is <conv groups=\"depthwise\"> here"),
      ("<BatchNorm2d/>", "it is <batch-norm> here"), ("<batch_norm/>", "did you mean <batch-norm>"),
      ("<LayerNormalization/>", "it is <layer-norm> here"),
      ("<MultiheadAttention/>", "it is <attention> here"), ("<cat/>", "it is <concat> here"),
      ("<Upsample/>", "it is <resample> here"), ("<GRUCell/>", "it is <gru> here"),
      ("<LogSoftmax/>", "did you mean <log-softmax>"), ("<Softmax/>", "did you mean <softmax>"),
      ("<identity/>", "leave it out"),
    ])
  func element(xml: String, words: String) {
    #expect(hint(xml).contains(words), "\(hint(xml))")
  }

  @Test("elements outside a layer: the hint says where what they mean stands")
  func places() {
    let found = diagnostics(topology("<relu/>"))
    #expect(
      found.first?.contains(
        "unknown element <relu> in <topology> (it is <activation kind=\"relu\"> here, which stands "
          + "in <layer>; allowed here: ") == true, "\(found)")
    let slip = diagnostics(topology("<softmx/>"))
    #expect(
      slip.first?.contains("(did you mean <softmax>, which stands in <layer>? allowed") == true,
      "\(slip)")
  }

  @Test(
    "attributes",
    arguments: [
      ("<conv out_channels=\"8\" kernel=\"3\"/>", "it is 'filters' here; allowed here: "),
      ("<conv filters=\"8\" kernel_size=\"3\"/>", "it is 'kernel' here"),
      ("<conv filters=\"8\" kernel=\"3\" pad=\"1\"/>", "it is 'padding' here"),
      ("<conv filters=\"8\" kernel=\"3\" strides=\"2\"/>", "'stride'"),
      ("<conv filters=\"8\" kernel=\"3\" in_channels=\"3\"/>", "the input's shape says it"),
      ("<conv filters=\"8\" kernel=\"3\" activation=\"relu\"/>", "<activation kind=\"…\"/> behind"),
      ("<conv filters=\"8\" kernel=\"3\" name=\"c\"/>", "<layer> has the name"),
      ("<fc out_features=\"8\"/>", "it is 'units' here"),
      ("<fc units=\"8\" use_bias=\"false\"/>", "it is 'bias' here"),
      ("<lstm hidden_size=\"8\"/>", "it is 'hidden' here"),
      ("<lstm hidden=\"8\" num_layers=\"2\"/>", "it is 'layers' here"),
      ("<lstm hidden=\"8\" bidirectional=\"true\"/>", "direction=\"bidirectional\""),
      ("<attention num_heads=\"8\"/>", "it is 'heads' here"),
      ("<embedding num_embeddings=\"8\" dim=\"4\"/>", "it is 'rows' here"),
      ("<batch-norm eps=\"1\"/>", "it is 'epsilon' here"),
      ("<batch-norm momentum=\"1\"/>", "no part in inference"),
      ("<activation kind=\"leaky-relu\" negative_slope=\"0.1\"/>", "it is 'alpha' here"),
      ("<concat dim=\"1\"/>", "it is 'axis' here"),
      ("<resample scale_factor=\"2\"/>", "it is 'scale' here"),
    ])
  func attribute(xml: String, words: String) {
    #expect(hint(xml).contains(words), "\(hint(xml))")
    // What an unknown attribute stands for is not said to be missing as well.
    let found = diagnostics(topology("<layer name=\"a\">\(xml)</layer>"))
    #expect(found.count == 1, "\(found)")
  }

  @Test("attributes of a layer")
  func layer() {
    let found = diagnostics(topology("<layer name=\"a\" type=\"conv\"><softmax/></layer>"))
    #expect(
      found.first?.contains("what a layer computes is an element inside") == true, "\(found)")
  }

  @Test(
    "words",
    arguments: [
      ("<activation kind=\"silu\"/>", "did you mean 'swish'?"),
      ("<activation kind=\"LeakyReLU\"/>", "did you mean 'leaky-relu'?"),
      ("<activation kind=\"hardtanh\"/>", "did you mean 'clip'?"),
      ("<pool kernel=\"2\" kind=\"average\"/>", "did you mean 'avg'?"),
      ("<resample scale=\"2\" kind=\"bilinear\"/>", "did you mean 'linear'?"),
      ("<lstm hidden=\"2\" direction=\"both\"/>", "did you mean 'bidirectional'?"),
    ])
  func value(xml: String, words: String) {
    #expect(hint(xml).contains(words), "\(hint(xml))")
  }

  @Test("words that an expression gives")
  func evaluated() {
    let found = diagnostics(
      topology(
        "<block name=\"b\"><arg name=\"k\"/><layer name=\"l\"><activation kind=\"${k}\"/></layer></block>"
          + "\n<use block=\"b\" prefix=\"u\" k=\"silu\"/>"))
    #expect(found.count == 1 && found[0].contains("did you mean 'swish'?"), "\(found)")
  }
}
