import Execution
import Foundation
import Importers
import Model
import TestSupport
import Testing
import Topology

/// OpenVINO's intermediate representation becomes a network that computes the same.
@Suite struct IRTests {
  /// A model made by hand: layers, edges and the bytes of its constants.
  struct HandMade {
    var layers = ""
    var edges = ""
    var weights: [UInt8] = []
    var version = "11"
    var text: String {
      "<?xml version=\"1.0\"?><net name=\"n\" version=\"\(version)\"><layers>\(layers)</layers>"
        + "<edges>\(edges)</edges></net>"
    }

    private static func ports(_ side: String, _ first: Int, _ ranks: [Int]) -> String {
      if ranks.isEmpty { return "" }
      let list = ranks.enumerated().map { place, rank in
        "<port id=\"\(first + place)\">"
          + String(repeating: "<dim>1</dim>", count: rank) + "</port>"
      }
      return "<\(side)>\(list.joined())</\(side)>"
    }

    /// A layer that reads port `from[i].1` of layer `from[i].0`.
    mutating func add(
      _ id: Int, _ type: String, _ data: String = "", from: [(Int, Int)] = [], ranks: [Int] = [],
      outputs: Int = 1, opset: String = "opset8"
    ) {
      let inputs = from.indices.map { $0 < ranks.count ? ranks[$0] : 2 }
      layers +=
        "<layer id=\"\(id)\" name=\"l\(id)\" type=\"\(type)\" version=\"\(opset)\"><data \(data)/>"
        + Self.ports("input", 0, inputs)
        + Self.ports("output", from.count, Array(repeating: 2, count: outputs)) + "</layer>"
      for (place, source) in from.enumerated() {
        edges +=
          "<edge from-layer=\"\(source.0)\" from-port=\"\(source.1)\" to-layer=\"\(id)\" to-port=\"\(place)\"/>"
      }
    }

    /// A constant of f32.
    mutating func constant(_ id: Int, _ shape: String, _ values: [Float]) {
      let bytes = values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
      add(
        id, "Const",
        "element_type=\"f32\" shape=\"\(shape)\" offset=\"\(weights.count)\" size=\"\(bytes.count)\""
      )
      weights += bytes
    }

    /// A constant of i64.
    mutating func integers(_ id: Int, _ values: [Int64]) {
      let bytes = values.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) }
      add(
        id, "Const",
        "element_type=\"i64\" shape=\"\(values.count)\" offset=\"\(weights.count)\" size=\"\(bytes.count)\""
      )
      weights += bytes
    }
  }

  private func read(
    _ model: HandMade, options: ImportOptions = ImportOptions(), withWeights: Bool = true
  ) throws -> ImportedModel {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(model.text.utf8).write(to: folder.appending(path: "m.xml"))
    if withWeights { try Data(model.weights).write(to: folder.appending(path: "m.bin")) }
    return try ModelImport.openVINO(
      try ModelFile(folder.appending(path: "m.xml").path(percentEncoded: false)), options: options)
  }

  /// Runs a network on an input.
  private func run(_ imported: ImportedModel, _ input: [Float]) throws -> [Float] {
    let graph = imported.model.graph
    let plan = try Plan(try graph.program(), weights: try imported.weights())
    plan.writeInput(0, input)
    try plan.run()
    return plan.outputs()[0]
  }

  private func expect(_ given: [Float], _ wanted: [Float], within tolerance: Float) {
    let largest = wanted.map(abs).max() ?? 0
    #expect(given.count == wanted.count)
    let error = zip(given, wanted).map { abs($0 - $1) }.max() ?? .infinity
    #expect(error <= tolerance * largest, "off by \(error) of \(largest)")
  }

  @Test(
    .enabled(if: SharedData.isThere, "the folder shared/data is not there"),
    arguments: ["light_squeezenet_seed5", "deepspeech_uni_h256"])
  func modelsComputeWhatOpenVINODoes(name: String) throws {
    let file = try ModelFile(SharedData.path("ir/\(name).xml"))
    #expect(IRReader.recognizes(file))
    let imported = try ModelImport.openVINO(file)
    #expect(imported.model.format == .openvinoIR)
    let reference = try NumPyArchive(SharedData.path("ir/\(name).ref.npz"))
    expect(
      try run(imported, try reference.array("x0")), try reference.array("y0"), within: 1e-4)
  }

  @Test func listsWithBlanksSharedOffsetsAndHalfPrecision() throws {
    var model = HandMade()
    model.add(0, "Parameter", "shape=\"1, 2\" element_type=\"f32\"", opset: "opset1")
    // 1, 2, 3, 4 as f16; both products read the same bytes.
    model.weights = [0x00, 0x3C, 0x00, 0x40, 0x00, 0x42, 0x00, 0x44]
    for id in [1, 2] {
      model.add(id, "Const", "element_type=\"f16\" shape=\"2, 2\" offset=\"0\" size=\"8\"")
      model.add(id + 10, "Convert", "destination_type=\"f32\"", from: [(id, 0)])
    }
    model.add(
      3, "MatMul", "transpose_a=\"false\" transpose_b=\"true\"", from: [(0, 0), (11, 1)],
      ranks: [2, 2])
    model.add(
      4, "MatMul", "transpose_a=\"false\" transpose_b=\"false\"", from: [(3, 2), (12, 1)],
      ranks: [2, 2])
    model.add(5, "Result", from: [(4, 2)], outputs: 0)
    // (1, 2)·Wᵗ = (5, 11); (5, 11)·W = (38, 54).
    expect(try run(try read(model), [1, 2]), [38, 54], within: 1e-6)
  }

  /// A cell of one step and one hidden unit with a first state, as a sequence layer.
  private func cell(
    _ type: String, _ data: String, weights: [Float], states: [Float], recurrent: [Float],
    bias: [Float]
  ) -> HandMade {
    var model = HandMade()
    let gates = weights.count
    model.add(0, "Parameter", "shape=\"1,1,1\" element_type=\"f32\"", opset: "opset1")
    var from = [(0, 0)]
    for (place, state) in states.enumerated() {
      model.constant(1 + place, "1,1,1", [state])
      from.append((1 + place, 0))
    }
    model.integers(5, [1])
    model.constant(6, "1,\(gates),1", weights)
    model.constant(7, "1,\(gates),1", recurrent)
    model.constant(8, "1,\(bias.count)", bias)
    from += [(5, 0), (6, 0), (7, 0), (8, 0)]
    model.add(
      9, type, "hidden_size=\"1\" direction=\"forward\" \(data)", from: from,
      ranks: Array(repeating: 3, count: from.count), outputs: states.count + 1, opset: "opset5")
    model.add(20, "Result", from: [(9, from.count)], outputs: 0)
    return model
  }

  private func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }

  @Test func gatesOfAnLSTM() throws {
    // f, i, c, o.
    let w: [Float] = [0.5, -0.25, 0.75, 0.1]
    let r: [Float] = [0.2, 0.4, -0.6, 0.8]
    let b: [Float] = [0.1, -0.2, 0.3, -0.4]
    let model = cell(
      "LSTMSequence", "activations=\"sigmoid, tanh, tanh\" clip=\"0\"", weights: w,
      states: [0.3, -0.7], recurrent: r, bias: b)
    let x: Float = 2
    let z = (0..<4).map { w[$0] * x + r[$0] * 0.3 + b[$0] }
    let c = sigmoid(z[0]) * -0.7 + sigmoid(z[1]) * tanh(z[2])
    expect(try run(try read(model), [x]), [sigmoid(z[3]) * tanh(c)], within: 1e-5)
  }

  @Test(arguments: [false, true])
  func gatesOfAGRU(isLate: Bool) throws {
    // z, r, h.
    let w: [Float] = [0.5, -0.25, 0.75]
    let r: [Float] = [0.2, 0.4, -0.6]
    let b: [Float] = [0.1, -0.2, 0.3] + (isLate ? [0.9] : [])
    let model = cell(
      "GRUSequence", "linear_before_reset=\"\(isLate)\"", weights: w, states: [0.3], recurrent: r,
      bias: b)
    let (x, h): (Float, Float) = (2, 0.3)
    let z = sigmoid(w[0] * x + r[0] * h + b[0])
    let reset = sigmoid(w[1] * x + r[1] * h + b[1])
    let part = isLate ? reset * (r[2] * h + 0.9) : r[2] * (reset * h)
    let new = tanh(w[2] * x + b[2] + part)
    expect(try run(try read(model), [x]), [z * h + (1 - z) * new], within: 1e-5)
  }

  @Test func groupsPoolsAndSlices() throws {
    var model = HandMade()
    model.add(0, "Parameter", "shape=\"1,2,4,4\" element_type=\"f32\"", opset: "opset1")
    // A channel each: times 2, times 3.
    model.constant(1, "2,1,1,1,1", [2, 3])
    model.add(
      2, "GroupConvolution",
      "strides=\"1, 1\" dilations=\"1,1\" pads_begin=\"0, 0\" pads_end=\"0,0\" auto_pad=\"explicit\"",
      from: [(0, 0), (1, 0)], ranks: [4, 5])
    model.add(
      3, "AvgPool",
      "kernel=\"2,2\" strides=\"2,2\" pads_begin=\"0,0\" pads_end=\"0,0\" exclude-pad=\"true\" rounding_type=\"floor\" auto_pad=\"explicit\"",
      from: [(2, 2)], ranks: [4])
    for (id, values) in [(4, [0, 1, 0, 0]), (5, [0, 2, 0, 0]), (6, [1, 1, 1, 1])] {
      model.integers(id, values.map(Int64.init))
    }
    model.add(
      7, "StridedSlice",
      "begin_mask=\"1,0,1,1\" end_mask=\"1,0,1,1\" new_axis_mask=\"\" shrink_axis_mask=\"0,0,0,0\" ellipsis_mask=\"\"",
      from: [(3, 1), (4, 0), (5, 0), (6, 0)], ranks: [4, 1, 1, 1])
    model.add(8, "Result", from: [(7, 4)], outputs: 0)
    let input = (0..<32).map(Float.init)
    // Means of the second channel's windows, times 3.
    expect(try run(try read(model), input), [18.5, 20.5, 26.5, 28.5].map { $0 * 3 }, within: 1e-6)
  }

  @Test func fakeQuantizeRounds() throws {
    var model = HandMade()
    model.add(0, "Parameter", "shape=\"1,4\" element_type=\"f32\"", opset: "opset1")
    model.constant(1, "", [0])
    model.constant(2, "", [2.55])
    model.add(
      3, "FakeQuantize", "levels=\"256\"", from: [(0, 0), (1, 0), (2, 0), (1, 0), (2, 0)],
      ranks: [2, 0, 0, 0, 0])
    model.add(4, "Result", from: [(3, 5)], outputs: 0)
    let imported = try read(model)
    expect(try run(imported, [0.004, 0.016, 1, 9]), [0, 0.02, 1, 2.55], within: 1e-5)
    // Weights are rounded where they lie, a range a row.
    var weights = HandMade()
    weights.add(0, "Parameter", "shape=\"1,2\" element_type=\"f32\"", opset: "opset1")
    weights.constant(1, "2,2", [0.4, 1, 4, 11])
    weights.constant(2, "2,1", [0, 0])
    weights.constant(3, "2,1", [1, 10])
    weights.add(
      4, "FakeQuantize", "levels=\"3\"", from: [(1, 0), (2, 0), (3, 0), (2, 0), (3, 0)])
    weights.add(5, "MatMul", "transpose_b=\"true\"", from: [(0, 0), (4, 5)], ranks: [2, 2])
    weights.add(6, "Result", from: [(5, 2)], outputs: 0)
    // Rows 0.5, 1 and 5, 10.
    expect(try run(try read(weights), [1, 1]), [1.5, 15], within: 1e-6)
  }

  @Test(arguments: ["opset1", "opset4", "opset11"])
  func interpolateIsAResample(version: String) throws {
    var model = HandMade()
    model.add(0, "Parameter", "shape=\"1,1,2,2\" element_type=\"f32\"", opset: "opset1")
    model.integers(1, [4, 4])
    model.constant(2, "2", [2, 2])
    model.integers(3, [2, 3])
    let mode = "mode=\"nearest\" nearest_mode=\"floor\" "
    let asymmetric = "coordinate_transformation_mode=\"asymmetric\" "
    switch version {
    case "opset1":
      model.add(
        4, "Interpolate", "axes=\"2,3\" mode=\"linear\" align_corners=\"true\"",
        from: [(0, 0), (1, 0)], ranks: [4, 1], opset: version)
    case "opset4":
      model.add(
        4, "Interpolate", mode + asymmetric + "shape_calculation_mode=\"scales\"",
        from: [(0, 0), (1, 0), (2, 0), (3, 0)], ranks: [4, 1, 1, 1], opset: version)
    default:
      model.add(
        4, "Interpolate", mode + asymmetric + "shape_calculation_mode=\"sizes\"",
        from: [(0, 0), (1, 0), (3, 0)], ranks: [4, 1, 1], opset: version)
    }
    model.add(
      5, "Result", from: [(4, version == "opset1" ? 2 : version == "opset4" ? 4 : 3)], outputs: 0)
    if version == "opset1" {
      // Corners on corners is no <resample>: it is said, not computed otherwise.
      let error = #expect(throws: ImportError.self) { _ = try read(model) }
      #expect(error?.message.contains("align_corners") == true)
    } else {
      expect(
        try run(try read(model), [1, 2, 3, 4]), [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4],
        within: 1e-6)
    }
  }

  @Test(arguments: ["inside_sqrt", "outside_sqrt"])
  func meanAndVarianceAreNormalised(mode: String) throws {
    var model = HandMade()
    model.add(0, "Parameter", "shape=\"2,4\" element_type=\"f32\"", opset: "opset1")
    model.integers(1, [1])
    model.add(
      2, "MVN", "normalize_variance=\"true\" eps=\"0.25\" eps_mode=\"\(mode)\"",
      from: [(0, 0), (1, 0)], ranks: [2, 1], opset: "opset6")
    model.add(3, "Result", from: [(2, 2)], outputs: 0)
    // Means 3 and 0, variances 2 and 0.
    let root: Float = mode == "inside_sqrt" ? 1.5 : Float(2).squareRoot() + 0.25
    expect(
      try run(try read(model), [1, 3, 3, 5, 0, 0, 0, 0]),
      [-2, 0, 0, 2, 0, 0, 0, 0].map { $0 / root },
      within: 1e-5)
  }

  @Test func openExtentsAreNamedAndMayBeGiven() throws {
    var model = HandMade()
    model.add(0, "Parameter", "shape=\"?,-1\" element_type=\"f32\"", opset: "opset1")
    model.add(1, "ReLU", from: [(0, 0)])
    model.add(2, "Result", from: [(1, 1)], outputs: 0)
    let error = #expect(throws: ImportError.self) { _ = try read(model) }
    #expect(error?.message.contains("l0=?x?") == true)
    var options = ImportOptions()
    options.shapes["l0"] = [1, 3]
    #expect(try run(try read(model, options: options), [-1, 2, -3]) == [0, 2, 0])
  }

  @Test func whatIsNotSupportedIsListed() throws {
    var model = HandMade()
    model.add(0, "Parameter", "shape=\"1,4\" element_type=\"f32\"", opset: "opset1")
    model.add(1, "NonMaxSuppression", from: [(0, 0)])
    model.add(2, "TopSecret", from: [(1, 1)])
    model.add(3, "Result", from: [(2, 1)], outputs: 0)
    let error = #expect(throws: ImportError.self) { _ = try read(model) }
    #expect(error?.kind == .unsupported)
    #expect(error?.message.contains("NonMaxSuppression") == true)
  }

  // MARK: Bad input

  private static var good: HandMade {
    var model = HandMade()
    model.add(0, "Parameter", "shape=\"1,2\" element_type=\"f32\"", opset: "opset1")
    model.constant(1, "2,2", [1, 2, 3, 4])
    model.add(2, "MatMul", "transpose_b=\"true\"", from: [(0, 0), (1, 0)], ranks: [2, 2])
    model.add(3, "Result", from: [(2, 2)], outputs: 0)
    return model
  }

  @Test(
    arguments: [
      ("offset=\"0\"", "offset=\"8\"", "which has 16 bytes"),
      ("offset=\"0\"", "offset=\"9223372036854775800\"", "which has 16 bytes"),
      ("offset=\"0\"", "offset=\"-4\"", "offset or size"),
      ("size=\"16\"", "size=\"2000000000\"", "takes 16"),
      ("shape=\"2,2\"", "shape=\"2,3\"", "takes 24"),
      ("shape=\"2,2\"", "shape=\"9000000000,9000000000\"", "more elements"),
      ("element_type=\"f32\" shape=\"2,2\"", "element_type=\"u1\" shape=\"2,2\"", "'u1'"),
      ("to-layer=\"2\" to-port=\"1\"", "to-layer=\"2\" to-port=\"7\"", "input port 1"),
      ("from-layer=\"1\"", "from-layer=\"77\"", "begins at no port"),
      ("id=\"1\" name", "id=\"0\" name", "another layer"),
      ("version=\"11\"", "version=\"7\"", "version 7"),
      ("</net>", "", "m.xml"),
      ("type=\"Result\"", "type=\"ReLU\"", "no Result"),
    ] as [(String, String, String)])
  func badFilesAreRefusedWithTheirPlace(old: String, new: String, words: String) throws {
    let model = Self.good
    #expect(model.text.contains(old))
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(model.text.replacing(old, with: new).utf8).write(
      to: folder.appending(path: "m.xml"))
    try Data(model.weights).write(to: folder.appending(path: "m.bin"))
    let path = folder.appending(path: "m.xml").path(percentEncoded: false)
    let error = #expect(throws: ImportError.self) {
      _ = try ModelImport.openVINO(try ModelFile(path))
    }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test func aMissingFileOfWeightsIsNamed() throws {
    let error = #expect(throws: ImportError.self) { _ = try read(Self.good, withWeights: false) }
    #expect(error?.kind == .missing)
    #expect(error?.file.hasSuffix("m.bin") == true)
    _ = try read(Self.good)
  }
}
