import Execution
import Measuring
import TestSupport
import Testing
import Topology

/// Random graphs of everything that fuses, joins or moves, so that no case rests on imagination.
@Suite struct RandomGraphTests {
  /// A generator whose graphs are the same everywhere (xorshift).
  struct Generator {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state >> 33) % bound
    }

    mutating func pick<Element>(_ choices: [Element]) -> Element { choices[below(choices.count)] }
  }

  /// The seeds beyond the first ones once found a fault of oneDNN 2.6 that plans now avoid.
  @Test(arguments: Array(1...40) + [53, 135, 149, 176, 227, 242, 311, 436, 498, 508])
  func agreesWithNaiveLoops(seed: Int) throws {
    var generator = Generator(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)
    let program = try RandomGraphTests.images(&generator)
    try expectAgreement(program, threads: [1 + seed % 2])
  }

  @Test(arguments: 1...20)
  func sequencesAgreeWithNaiveLoops(seed: Int) throws {
    var generator = Generator(state: UInt64(seed) &* 0xD6E8_FEB8_6659_FD93)
    let program = try RandomGraphTests.sequences(&generator)
    try expectAgreement(program, threads: [1 + seed % 2])
  }

  @Test(arguments: 1...30)
  func namesakesAgreeWithNaiveLoops(seed: Int) throws {
    var generator = Generator(state: UInt64(seed) &* 0xA24B_AED4_963E_E407)
    let program = try RandomGraphTests.namesakes(&generator)
    try expectAgreement(program, threads: [1 + seed % 2])
  }

  /// Elements that keep the shape of an image, among convolutions.
  static func namesakes(_ generator: inout Generator) throws -> Program {
    var net = try Net([generator.pick([1, 2]), 8, 6, generator.pick([4, 6])], .nchw)
    var names = ["data"]
    for index in 0..<(5 + generator.below(8)) {
      let name = "l\(index)"
      let source = generator.below(3) > 0 ? names[names.count - 1] : generator.pick(names)
      let other = generator.pick(names)
      let primitives: [GraphBuilder.PrimitiveSpec]
      switch generator.below(12) {
      case 0, 1:
        primitives = [
          try .init("conv", ["filters": "8", "kernel": "3", "padding": "1"]),
          try .init(generator.pick(["instance-norm", "prelu", "batch-norm"])),
        ]
      case 2: primitives = [try .init("prelu", ["shared": generator.pick(["true", "false"])])]
      case 3:
        primitives = [
          try .init("roll", ["shifts": "\(generator.below(9) - 4),1", "axes": "-1,1"])
        ]
      case 4:
        primitives = [
          try .init("cumsum", ["axis": "\(1 + generator.below(3))"]), try .init("instance-norm"),
        ]
      case 5: primitives = [try .init("rms-norm", ["axis": "\(1 + generator.below(3))"])]
      case 6:
        // The larger one of two, so that no rounding decides.
        try net.layer(name + "m", from: [source, other], .init("greater"))
        try net.layer(name, from: [name + "m", source, other], .init("where"))
        names.append(name)
        continue
      case 7:
        primitives = [
          try .init("space-to-depth", ["block": "2"]),
          try .init("conv", ["filters": "32", "kernel": "1"]),
          try .init("depth-to-space", ["block": "2", "mode": generator.pick(["dcr", "crd"])]),
        ]
      case 8:
        try net.layer(
          name + "r", from: [source], .init("reduce", ["kind": "mean", "axes": "2"]))
        try net.layer(
          name + "s", from: [other], .init("reduce", ["kind": "max", "axes": "1,3"]))
        try net.layer(
          name, from: [name + "r", name + "s"], .init(generator.pick(["add", "sub", "max"])))
        names.append(name)
        continue
      case 9:
        primitives = [
          try .init(
            "top-k", ["k": "8", "axis": "1", "largest": generator.pick(["true", "false"])])
        ]
      case 10:
        primitives = [try .init("activation", ["kind": generator.pick(kinds)])]
      default:
        primitives = [
          try .init(generator.pick(["add", "mul", "sub", "min"]), with: [other]),
          try .init("prelu"),
        ]
      }
      try net.builder.addLayer(name: name, inputs: [source], primitives: primitives)
      names.append(name)
    }
    return try net.program()
  }

  /// Layers on images of one size: any two with the same channels can be added.
  static func images(_ generator: inout Generator) throws -> Program {
    let size = generator.pick([5, 8])
    var net = try Net([generator.pick([1, 2, 3]), generator.pick([3, 8, 16]), size, size], .nchw)
    var names = ["data"]
    for index in 0..<(6 + generator.below(8)) {
      let name = "l\(index)"
      let source = generator.below(3) > 0 ? names[names.count - 1] : generator.pick(names)
      let type = try #require(net.builder.type(of: source))
      let peers = names.filter { net.builder.type(of: $0) == type }
      var primitives: [GraphBuilder.PrimitiveSpec] = []
      let filters = String(generator.pick([8, 16, 20]))
      switch generator.below(8) {
      case 0, 1, 2:
        primitives.append(
          try .init(
            "conv",
            [
              "filters": filters, "kernel": generator.pick(["1", "3"]), "padding": "same",
              "bias": generator.pick(["true", "false"]),
            ]))
      case 3: primitives.append(try .init("batch-norm"))
      case 4: primitives.append(try .init("activation", ["kind": generator.pick(kinds)]))
      case 5:
        let element = generator.pick(["add", "mul", "sub", "max"])
        primitives.append(try .init(element, with: [generator.pick(peers)]))
      case 6: primitives.append(try .init("concat", with: [generator.pick(names)]))
      default:
        primitives.append(
          try .init("pool", ["kernel": "3", "stride": "1", "padding": "1", "kind": "avg"]))
      }
      for _ in 0..<generator.below(3) {
        switch generator.below(4) {
        case 0: primitives.append(try .init("batch-norm"))
        case 1: primitives.append(try .init("activation", ["kind": generator.pick(kinds)]))
        case 2: primitives.append(try .init("dropout"))
        default:
          // Fits only where the layer has kept its channels.
          guard ["batch-norm", "activation", "add", "mul"].contains(primitives[0].element) else {
            continue
          }
          primitives.append(try .init("add", with: [generator.pick(peers)]))
        }
      }
      try net.builder.addLayer(name: name, inputs: [source], primitives: primitives)
      names.append(name)
    }
    return try net.program()
  }

  /// Layers on sequences, where products join the leading dimensions.
  static func sequences(_ generator: inout Generator) throws -> Program {
    var net = try Net([generator.pick([1, 4]), generator.pick([1, 2, 5]), 12], .tnc)
    var names = ["data"]
    for index in 0..<(4 + generator.below(5)) {
      let name = "l\(index)"
      let source = generator.below(4) > 0 ? names[names.count - 1] : generator.pick(names)
      let type = try #require(net.builder.type(of: source))
      let peers = names.filter { net.builder.type(of: $0) == type }
      var primitives: [GraphBuilder.PrimitiveSpec] = []
      switch generator.below(5) {
      case 0, 1:
        primitives.append(try .init("fc", ["units": "12"]))
        if generator.below(2) == 0 { primitives.append(try .init("batch-norm")) }
        if type.dims[2] == 12 {
          primitives.append(try .init("add", with: [generator.pick(peers)]))
        }
        primitives.append(try .init("activation", ["kind": generator.pick(kinds)]))
      case 2:
        primitives.append(
          try .init(
            generator.pick(["lstm", "gru"]),
            ["hidden": "6", "direction": generator.pick(["bidirectional", "forward"])]))
      case 3: primitives.append(try .init("softmax"))
      default: primitives.append(try .init("mul", with: [generator.pick(peers)]))
      }
      try net.builder.addLayer(name: name, inputs: [source], primitives: primitives)
      names.append(name)
    }
    return try net.program()
  }

  private static let kinds = ["relu", "tanh", "sigmoid", "relu6", "linear", "hard-sigmoid"]
}
