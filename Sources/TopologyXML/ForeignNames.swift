import XMLTree

/// What PyTorch, Keras and ONNX call the elements, attributes and words of the topology language.
///
/// Only names that spelling does not lead to; keys are lower case without `-` and `_`.
enum ForeignNames {
  typealias Meaning = SchemaSynonyms.Meaning

  /// The table that hints are taken from.
  static let synonyms = SchemaSynonyms(
    elements: elements, attributes: attributes, values: values)

  private static let elements: [String: Meaning] = {
    var table: [String: Meaning] = [:]
    func add(_ names: String, _ meaning: Meaning) {
      for name in names.split(separator: " ") { table[String(name)] = meaning }
    }
    /// Names of the element `name`, perhaps with attributes that make it the same.
    func element(_ name: String, _ attributes: String = "", is names: String) {
      let text = attributes.isEmpty ? "<\(name)>" : "<\(name) \(attributes)>"
      add(names, Meaning(name, "it is \(text) here"))
    }
    for (kind, names) in activations {
      add(names, Meaning("activation", "it is <activation kind=\"\(kind)\"> here"))
    }
    element("fc", is: "linear dense gemm fullyconnected innerproduct affine projection mlp")
    element(
      "conv", is: "conv1d conv2d conv3d convolution convolution1d convolution2d convolution3d")
    element(
      "conv", "groups=\"depthwise\"",
      is: "depthwiseconv depthwiseconv1d depthwiseconv2d dwconv depthwise depthwiseconvolution")
    add(
      "separableconv separableconv1d separableconv2d",
      Meaning("conv", "it is two here: <conv groups=\"depthwise\"> and <conv kernel=\"1\">"))
    element(
      "deconv",
      is: "convtranspose convtranspose1d convtranspose2d convtranspose3d conv1dtranspose "
        + "conv2dtranspose conv3dtranspose transposedconv transposeconv deconvolution deconv2d "
        + "upconv")
    element(
      "pool", "kind=\"max\"",
      is: "maxpool maxpool1d maxpool2d maxpool3d maxpooling "
        + "maxpooling1d maxpooling2d maxpooling3d pooling")
    element(
      "pool", "kind=\"avg\"",
      is: "avgpool avgpool1d avgpool2d avgpool3d averagepool "
        + "averagepooling averagepooling1d averagepooling2d averagepooling3d meanpool")
    element(
      "global-pool", "kind=\"avg\"",
      is: "globalavgpool globalaveragepool globalaveragepooling1d globalaveragepooling2d gap "
        + "globalaveragepooling3d adaptiveavgpool1d adaptiveavgpool2d adaptiveavgpool3d")
    element(
      "global-pool", "kind=\"max\"",
      is: "globalmaxpool globalmaxpooling1d globalmaxpooling2d globalmaxpooling3d "
        + "adaptivemaxpool1d adaptivemaxpool2d adaptivemaxpool3d")
    element(
      "batch-norm",
      is: "batchnorm1d batchnorm2d batchnorm3d batchnormalization bn norm normalization")
    element("layer-norm", is: "layernormalization ln")
    element("group-norm", is: "groupnormalization gn")
    element(
      "instance-norm",
      is: "instancenorm1d instancenorm2d instancenorm3d "
        + "instancenormalization")
    element("rms-norm", is: "rmsnormalization simplifiedlayernormalization")
    element("lrn", is: "localresponsenorm localresponsenormalization")
    element("attention", is: "multiheadattention mha selfattention multiheadselfattention")
    element("matmul", is: "mm bmm batchmatmul matrixmultiply dot einsum")
    element("concat", is: "concatenate cat")
    element("add", is: "sum plus residual skip eltwise addition shortcut")
    element("sub", is: "subtract minus")
    element("mul", is: "multiply times product")
    element("div", is: "divide")
    element("max", is: "maximum")
    element("min", is: "minimum")
    element("log-softmax", is: "logsoftmax")
    element(
      "resample",
      is: "upsample upsampling upsampling1d upsampling2d upsampling3d resize "
        + "interpolate upsamplingnearest2d upsamplingbilinear2d")
    element("reshape", is: "view")
    element("transpose", is: "permute")
    element("slice", is: "stridedslice crop cropping2d narrow")
    element("split", is: "chunk")
    element("pad", is: "zeropad2d zeropadding2d constantpad2d reflectionpad2d padding")
    element("embedding", is: "lookup embeddingbag lookuptable")
    element("lstm", is: "lstmcell bilstm")
    element("gru", is: "grucell bigru")
    element("rnn", is: "simplernn rnncell elmanrnn vanillarnn")
    element("reduce", "kind=\"mean\"", is: "mean reducemean")
    element("reduce", "kind=\"sum\"", is: "reducesum")
    element("reduce", "kind=\"max\"", is: "reducemax")
    element("reduce", "kind=\"l2\"", is: "reducel2")
    element("inlay", "kind=\"argmax\"", is: "argmax")
    element("inlay", "kind=\"mfcc\"", is: "mfcc")
    element("quantize", is: "quantizelinear fakequantize")
    element("dequantize", is: "dequantizelinear")
    element("block", is: "module sequential function")
    element("use", is: "call include")
    element("param", is: "variable")
    element("constant", is: "parameter weight initializer buffer learned const")
    element("where", is: "select ifelse")
    element("expand", is: "broadcastto broadcast")
    element("depth-to-space", is: "pixelshuffle")
    element("space-to-depth", is: "pixelunshuffle reorg")
    element("cumsum", is: "cumulativesum scan")
    element("prelu", is: "parametricrelu")
    element("repeat", is: "for loop foreach")
    element("marker", is: "segment section")
    add("identity noop", Meaning(nil, "nothing stands for it here: leave it out"))
    add(
      "output outputs result",
      Meaning(nil, "layers that no other reads are the outputs: leave it out"))
    add(
      "bidirectional",
      Meaning(nil, "it is direction=\"bidirectional\" of <lstm>, <gru> and <rnn> here"))
    return table
  }()

  /// Activations by the names that elements have elsewhere.
  private static let activations: [(String, String)] = [
    ("relu", "relu rectifier rectifiedlinear"), ("relu6", "relu6"), ("clipped-relu", "clippedrelu"),
    ("leaky-relu", "leakyrelu lrelu"), ("elu", "elu"), ("sigmoid", "sigmoid logistic"),
    ("hard-sigmoid", "hardsigmoid"), ("tanh", "tanh"), ("swish", "silu swish"),
    ("hard-swish", "hardswish hswish"), ("gelu", "gelu"), ("gelu-tanh", "fastgelu quickgelu"),
    ("mish", "mish"), ("soft-plus", "softplus"), ("exp", "exp"), ("log", "log"), ("abs", "abs"),
    ("sqrt", "sqrt"), ("square", "square"), ("clip", "clip clamp hardtanh"), ("pow", "pow power"),
  ]

  private static let attributes: [String: [Meaning]] = {
    var table: [String: [Meaning]] = [:]
    /// Names of the attribute `name` of whatever element has one.
    func attribute(_ name: String, is names: String) {
      add(Meaning(name, "it is '\(name)' here"), names)
    }
    func add(_ meaning: Meaning, _ names: String) {
      for key in names.split(separator: " ") { table[String(key), default: []].append(meaning) }
    }
    let outputs =
      "outchannels outfeatures outputchannels numoutput numoutputs outputs outputsize outsize "
      + "nodes neurons numfilters nfilters features width dimout"
    attribute("filters", is: outputs + " channels units")
    attribute("units", is: outputs + " channels filters hidden hiddensize size")
    attribute(
      "hidden", is: "hiddensize units numunits hiddenunits hiddendim size " + outputs)
    attribute("kernel", is: "kernelsize kernelshape ksize poolsize window size filtersize k")
    attribute("stride", is: "strides subsample")
    attribute("padding", is: "pad pads autopad paddingmode")
    attribute("dilation", is: "dilations dilationrate rate")
    attribute("groups", is: "group numgroups ngroups depthmultiplier")
    attribute("bias", is: "usebias hasbias withbias")
    attribute("output-padding", is: "outputpadding")
    attribute("heads", is: "numheads nheads nhead headcount")
    attribute("causal", is: "iscausal unidirectional mask usecausalmask")
    attribute("rows", is: "numembeddings vocabsize vocabularysize vocab inputdim")
    attribute("dim", is: "embeddingdim embeddim embeddingsize outputdim units hidden")
    attribute("layers", is: "numlayers nlayers depth")
    attribute("epsilon", is: "eps epsilonvalue varianceepsilon")
    attribute("alpha", is: "negativeslope slope leak")
    attribute("max", is: "maxvalue max val ceil")
    attribute("axis", is: "dim dimension axes")
    attribute("axes", is: "dim dims axis dimension")
    attribute("ceil", is: "ceilmode")
    attribute("scale", is: "scalefactor scales size factor yscale")
    attribute("zero-point", is: "zeropoint offset")
    attribute("kind", is: "mode type function op interpolation activation act")
    attribute("mode", is: "kind type paddingmode")
    attribute("perm", is: "dims order axes permutation")
    attribute("keepdims", is: "keepdim")
    attribute("parts", is: "numoutputs num chunks sections outputs")
    attribute("rate", is: "p prob probability ratio")
    attribute("pads", is: "padding pad paddings")
    attribute("starts", is: "start begin begins")
    attribute("ends", is: "end stop stops")
    attribute("steps", is: "step stride strides")
    attribute("shape", is: "size dims dimensions newshape targetshape outputshape inputshape")
    attribute("layout", is: "dataformat format order")
    attribute("inputs", is: "input from bottom bottoms src source in")
    attribute("with", is: "input inputs other operand from")
    attribute("count", is: "times n number num")
    attribute("index", is: "var variable counter i")
    attribute("value", is: "default val")
    attribute("default", is: "value val")
    attribute("block", is: "name ref module type")
    attribute("prefix", is: "name as id label")
    attribute("action", is: "type kind")
    attribute("name", is: "id label")
    add(Meaning("direction", "it is direction=\"bidirectional\" here"), "bidirectional bidir")
    add(Meaning("direction", "it is direction=\"backward\" here"), "reverse gobackwards")
    add(
      Meaning(nil, "the input's shape says it: leave it out"),
      "inchannels infeatures inputchannels inputsize numinputs insize numchannels numfeatures "
        + "normalizedshape dimin embeddim kdim vdim")
    add(
      Meaning(nil, "it has no part in inference: leave it out"),
      "momentum affine trackrunningstats training trainable trainingmode kernelinitializer "
        + "biasinitializer kernelregularizer weightdecay dropout inplace")
    add(
      Meaning(nil, "it is a primitive of its own: <activation kind=\"…\"/> behind this one"),
      "activation act activationfunction nonlinearity")
    add(
      Meaning(
        nil, "what a layer computes is an element inside: <layer name=\"…\"><conv …/></layer>"),
      "type kind op optype layertype function")
    add(Meaning(nil, "<layer> has the name, its primitives have none"), "name id label")
    return table
  }()

  private static let values: [String: [String]] = [
    "silu": ["swish"], "hswish": ["hard-swish"], "logistic": ["sigmoid"], "lrelu": ["leaky-relu"],
    "hardtanh": ["clip"], "clamp": ["clip"], "identity": ["linear"], "none": ["linear"],
    "rectifier": ["relu"], "fastgelu": ["gelu-tanh"], "geluerf": ["gelu"],
    "average": ["avg", "mean"], "mean": ["avg"], "avg": ["mean"], "maximum": ["max"],
    "minimum": ["min"], "add": ["sum"], "product": ["prod"], "bilinear": ["linear"],
    "trilinear": ["linear"], "neighbor": ["nearest"], "nearestneighbor": ["nearest"],
    "bi": ["bidirectional"], "both": ["bidirectional"], "concat": ["bidirectional"],
    "reverse": ["backward"], "right": ["forward"], "left": ["backward"], "begin": ["start"],
    "end": ["stop"], "zeros": ["constant"], "zero": ["constant"], "replicate": ["edge"],
    "symmetric": ["reflect"], "uint8": ["u8"], "int8": ["s8"], "nhwc": ["nchw"], "ntc": ["tnc"],
    "btc": ["tnc"], "ncl": ["ncw"], "nct": ["ncw"], "yes": ["true"], "no": ["false"],
    "on": ["true"], "off": ["false"],
  ]
}
