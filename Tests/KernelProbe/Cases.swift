import TestSupport
import Topology

/// One operation on operands that lie in a certain way.
struct Case {
  let name: String
  let program: Program
}

/// The table: what oneDNN might run as reference loops, by operation, shape and memory format.
enum Cases {
  static func all() throws -> [Case] {
    try broadcasts() + joinedBroadcasts() + twoSided() + operations() + windows() + products()
      + concatenations()
  }

  /// How an image comes to its reader: as it entered the network, or brought to a format.
  private static let formats: [Int: [String?]] = [
    2: [nil], 3: [nil, "acb", "aBc8b", "aBc16b"],
    4: [nil, "acdb", "aBcd8b", "aBcd16b"], 5: [nil, "acdeb", "aBcde8b", "aBcde16b"],
  ]

  /// A graph of inputs, the first one brought to a format, and a layer that reads all of them.
  private static func graph(
    _ inputs: [[Int]], _ format: String?, _ element: String, _ attributes: [String: String] = [:]
  ) throws -> Case {
    var builder = GraphBuilder(name: element)
    var names: [String] = []
    for (index, dims) in inputs.enumerated() {
      let layout: Layout =
        dims.count == 3 ? .ncw : dims.count > 5 ? .other : .spatial(dims.count - 2)
      try builder.addInput(name: "in\(index)", type: TensorType(dims: dims, layout))
      names.append("in\(index)")
    }
    if let format {
      try builder.addLayer(
        name: "format", inputs: [names[0]],
        primitives: [.init("inlay", ["kind": "reorder", "to": format])])
      names[0] = "format"
    }
    try builder.addLayer(
      name: "layer", inputs: names, primitives: [.init(element, attributes)])
    let words = attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return Case(
      name: "\(element) \(words.joined(separator: " ")) \(inputs) \(format ?? "plain")",
      program: try builder.build().program())
  }

  /// Every pattern of repetition of an image, its channels a multiple of the block and not.
  private static func broadcasts() throws -> [Case] {
    var cases: [Case] = []
    for channels in [16, 20] {
      let whole = [2, channels, 3, 5]
      for pattern in 0..<16 {
        let second = whole.indices.map { pattern >> $0 & 1 == 1 ? whole[$0] : 1 }
        for (index, format) in (formats[4] ?? []).enumerated() {
          let element = ["mul", "sub", "add", "div", "max", "min"][(pattern + index) % 6]
          cases.append(try graph([whole, second], format, element))
        }
      }
    }
    for pattern in 0..<8 {
      let whole = [3, 24, 9]
      let second = whole.indices.map { pattern >> $0 & 1 == 1 ? whole[$0] : 1 }
      for format in formats[3] ?? [] { cases.append(try graph([whole, second], format, "mul")) }
    }
    return cases
  }

  /// Patterns of sequences and of the networks in which they were seen.
  private static func joinedBroadcasts() throws -> [Case] {
    let patterns: [([Int], [Int])] = [
      ([1, 6, 3, 7, 7], [1, 6, 1, 7, 7]), ([6, 1, 48], [6, 1, 1]), ([1, 6, 8, 8], [1, 6, 8, 1]),
      ([4, 3, 2, 5], [4, 1, 2, 1]), ([4, 3, 2, 5], [1, 3, 1, 5]), ([6, 33], [6, 1]),
      ([6, 33], [1, 33]), ([2, 3, 4, 2, 3, 5], [2, 1, 4, 1, 3, 1]),
      ([2, 3, 4, 2, 3, 5], [1, 3, 1, 2, 1, 5]), ([1, 1, 5], [1, 1, 1]),
    ]
    return try patterns.flatMap { whole, second in
      try ["add", "div"].map { try graph([whole, second], nil, $0) }
    }
  }

  /// Operands of which each is repeated along a dimension of the other.
  private static func twoSided() throws -> [Case] {
    let patterns: [([Int], [Int])] = [
      ([4, 1], [1, 9]), ([2, 1, 5, 1], [1, 3, 1, 16]), ([1, 3, 4], [2, 1, 4]),
    ]
    return try patterns.map { first, second in
      let types = try [first, second].map { try TensorType(dims: $0, .other) }
      var builder = ProgramBuilder(inputs: types)
      let whole = try TensorType(dims: zip(first, second).map(max), .other)
      let result = builder.emit(.binary(.sub), [0, 1], type: whole)
      return Case(
        name: "sub \(first) \(second) both", program: builder.program(outputs: [result]))
    }
  }

  /// Operations of one operand along every axis.
  private static func operations() throws -> [Case] {
    var cases: [Case] = []
    for channels in [16, 20] {
      for format in formats[4] ?? [] {
        let image = [2, channels, 3, 5]
        for axis in 0..<4 {
          let element = (axis + channels / 4) % 2 == 0 ? "softmax" : "log-softmax"
          cases.append(try graph([image], format, element, ["axis": "\(axis)"]))
        }
        for (place, kind) in ["sum", "mean", "max", "min", "prod", "l1", "l2"].enumerated() {
          let axes = ["1", "0,2", "2,3"][(place + channels / 4) % 3]
          cases.append(try graph([image], format, "reduce", ["kind": kind, "axes": axes]))
        }
        for (size, beta) in [("5", "0.75"), ("3", "0.75"), ("7", "0.6")] {
          cases.append(
            try graph([image], format, "lrn", ["size": size, "beta": beta, "alpha": "0.5"]))
        }
        for kind in ["exp", "sigmoid", "hard-swish", "gelu"] {
          cases.append(try graph([image], format, "activation", ["kind": kind]))
        }
        cases.append(try graph([image], format, "prelu"))
        cases.append(try graph([image], format, "batch-norm"))
        cases.append(try graph([image], format, "group-norm", ["groups": "4"]))
        cases.append(try graph([image], format, "resample", ["scale": "2"]))
        cases.append(
          try graph([image], format, "resample", ["scale": "2", "kind": "linear"]))
      }
    }
    for format in formats[3] ?? [] {
      let sequence = [2, 24, 13]
      cases.append(try graph([sequence], format, "prelu"))
      cases.append(try graph([sequence], format, "batch-norm"))
      cases.append(try graph([sequence], format, "softmax", ["axis": "1"]))
      cases.append(try graph([sequence], format, "lrn", ["size": "5"]))
      cases.append(try graph([sequence], format, "pool", ["kernel": "3", "stride": "2"]))
    }
    for format in formats[5] ?? [] {
      cases.append(try graph([[1, 8, 3, 4, 5]], format, "batch-norm"))
      cases.append(try graph([[1, 8, 3, 4, 5]], format, "softmax", ["axis": "2"]))
    }
    cases.append(try graph([[6, 40]], nil, "softmax", ["axis": "0"]))
    cases.append(try graph([[6, 40]], nil, "batch-norm"))
    cases.append(try graph([[6, 40]], nil, "layer-norm"))
    return cases
  }

  /// Convolutions and pools of one, two and three dimensions.
  private static func windows() throws -> [Case] {
    var cases: [Case] = []
    for format in formats[4] ?? [] {
      for kind in ["max", "avg"] {
        cases.append(
          try graph([[2, 20, 9, 8]], format, "pool", ["kind": kind, "kernel": "3", "stride": "2"]))
        cases.append(try graph([[2, 20, 9, 8]], format, "global-pool", ["kind": kind]))
      }
    }
    for format in formats[3] ?? [] {
      for (kernel, padding) in [("3", "1"), ("31", "15"), ("5", "valid")] {
        cases.append(
          try graph(
            [[1, 16, 40]], format, "conv",
            ["filters": "16", "kernel": kernel, "padding": padding, "groups": "depthwise"]))
      }
    }
    cases.append(
      try graph(
        [[2, 8, 21]], nil, "conv",
        ["filters": "8", "kernel": "3", "padding": "4", "dilation": "4", "groups": "depthwise"]))
    cases.append(
      try graph(
        [[2, 8, 21]], nil, "conv",
        ["filters": "8", "kernel": "4", "stride": "2", "groups": "depthwise", "bias": "false"]))
    for groups in ["1", "4"] {
      cases.append(
        try graph(
          [[1, 20, 6, 6]], nil, "conv", ["filters": "20", "kernel": "3", "groups": groups]))
      cases.append(
        try graph(
          [[1, 20, 6, 6]], nil, "deconv",
          ["filters": "20", "kernel": "2", "stride": "2", "groups": groups]))
    }
    return cases
  }

  /// Products of matrices of which either is repeated.
  private static func products() throws -> [Case] {
    let batches: [([Int], [Int])] = [
      ([2, 3], [2, 3]), ([2, 3], [1, 3]), ([2, 3], [2, 1]), ([2, 1], [1, 3]), ([1, 1], [2, 3]),
    ]
    return try batches.map { first, second in
      try graph([first + [5, 8], second + [8, 6]], nil, "matmul")
    } + [graph([[2, 3, 4, 5, 8], [2, 3, 1, 8, 6]], nil, "matmul")]
  }

  /// Values joined that lie in different ways.
  private static func concatenations() throws -> [Case] {
    var cases: [Case] = []
    for format in formats[4] ?? [] {
      for axis in ["1", "2"] {
        let other = axis == "1" ? [2, 12, 3, 5] : [2, 20, 2, 5]
        cases.append(try graph([[2, 20, 3, 5], other], format, "concat", ["axis": axis]))
      }
    }
    return cases
  }
}
