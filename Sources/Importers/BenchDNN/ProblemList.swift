public import Topology

/// A list of problems of oneDNN's benchdnn: one a line, `*N` behind a name saying how often it occurs.
public enum ProblemList {
  /// Whether a text is a list: the first line that is neither empty, a comment nor an option is a
  /// problem.
  public static func recognises(_ text: some StringProtocol) -> Bool {
    for line in text.split(whereSeparator: \.isNewline) {
      guard let word = word(line) else { continue }
      if word.hasPrefix("--") { continue }
      guard let problem = ProblemText(word) else { return false }
      return !problem.dims.isEmpty || driver(of: problem) != nil
    }
    return false
  }

  /// Reads a list as a topology of layers that have nothing to do with each other, one for each time that a
  /// problem occurs; those on equal shapes share an input.
  ///
  /// `name` is the topology's, `batch` the batch size of all; nil takes the list's, or 2 as benchdnn does.
  /// A list of more than `maximumLayers` is refused, as a topology is.
  ///
  /// - Throws: ``ImportError`` at the first line that is no problem, or one of no element.
  public static func graph(
    _ text: String, file: String, name: String, batch: Int? = nil, maximumLayers: Int = 100_000
  ) throws(ImportError) -> Graph {
    var builder = GraphBuilder(name: name)
    var settings = Settings()
    var inputs: Set<String> = []
    var names: [String: Int] = [:]
    var number = 0
    var layers = 0
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      number += 1
      guard let word = word(line) else { continue }
      if word.hasPrefix("--") {
        settings.read(word)
        continue
      }
      func failure(_ message: String) -> ImportError {
        ImportError(file: file, place: "line \(number)", "'\(word)' \(message)")
      }
      guard let problem = ProblemText(word) else { throw failure("is no problem of benchdnn") }
      guard let driver = settings.driver ?? driver(of: problem) else {
        throw failure("is a problem of no known driver (conv, ip, rnn, pool, matmul, bnorm)")
      }
      var context = LayerProblem.Context()
      context.algorithm = settings.algorithm
      context.parameters = ["direction": settings.direction]
      context.batch = 2
      guard let layer = LayerProblem(primitive: driver, problem.with(batch: batch), context) else {
        throw failure("cannot be a layer: a size is missing or does not fit")
      }
      let (title, count) = occurrences(problem.name, element: layer.element)
      layers += count
      guard layers <= maximumLayers else {
        throw failure("is one of more than \(maximumLayers) layers")
      }
      let again = names[title, default: 0] + 1
      names[title] = again
      let base = again == 1 ? title : "\(title)_\(again)"
      do throws(GraphError) {
        let input = "in-\(layer.inputs[0].layout)-\(layer.inputs[0].shape)"
        for (place, type) in layer.inputs.enumerated() {
          let input = place == 0 ? input : "\(input).\(place)"
          if inputs.insert(input).inserted { try builder.addInput(name: input, type: type) }
        }
        let read = layer.inputs.indices.map { $0 == 0 ? input : "\(input).\($0)" }
        guard let spec = try? layer.spec() else { throw GraphError("has no such element") }
        for copy in 0..<count {
          try builder.addLayer(
            name: count == 1 ? base : "\(base)/\(copy)", inputs: read, primitives: [spec])
        }
      } catch {
        throw failure("cannot be a layer: \(error.message)")
      }
    }
    do throws(GraphError) { return try builder.build() } catch {
      throw ImportError(file: file, "holds no problem")
    }
  }

  /// What a line says, without its comment; nil for none.
  private static func word(_ line: some StringProtocol) -> Substring? {
    var isQuoted = false
    var end = line.endIndex
    for place in line.indices {
      if line[place] == "\"" { isQuoted.toggle() }
      if line[place] == "#", !isQuoted {
        end = place
        break
      }
    }
    var text = Substring(line[..<end])
    while let last = text.last, last.isWhitespace { text.removeLast() }
    text = text.drop { $0.isWhitespace }
    return text.isEmpty ? nil : text
  }

  private static func driver(of problem: ProblemText) -> String? {
    if problem.dims.count >= 2 { return "matmul" }
    if problem["sic"] != nil || problem["slc"] != nil { return "rnn" }
    let hasKernel = ["kd", "kh", "kw"].contains { problem[$0] != nil }
    guard problem["ic"] != nil else { return nil }
    if problem["oc"] != nil { return hasKernel ? "convolution" : "inner_product" }
    return hasKernel ? "pooling" : "batch_normalization"
  }

  /// `resnet_50:res2a_branch1*4` without the list's name, and how often it occurs.
  private static func occurrences(_ name: String?, element: String) -> (String, Int) {
    guard let name, !name.isEmpty else { return (element, 1) }
    let parts = name.split(separator: "*")
    let count = parts.count > 1 ? parts.last.flatMap { Int($0) } ?? 1 : 1
    var title = String(parts.first ?? "")
    if let colon = title.firstIndex(of: ":") { title = String(title[title.index(after: colon)...]) }
    title = title.filter { !$0.isWhitespace && $0 != "," }.replacing("..", with: ".")
    if title.isEmpty || GraphBuilder.fault(inName: title) != nil { title = element }
    return (title, max(1, min(count, 1 << 30)))
  }

  /// What options of a list say.
  private struct Settings {
    var driver: String?
    var algorithm = ""
    var direction = ""

    private static let drivers = [
      "--conv": "convolution", "--deconv": "deconvolution", "--ip": "inner_product",
      "--rnn": "rnn", "--pool": "pooling", "--matmul": "matmul", "--bnorm": "batch_normalization",
    ]

    mutating func read(_ line: Substring) {
      for word in line.split(separator: " ") {
        if let known = Self.drivers[String(word)] { driver = known }
        if word == "--reset" { (algorithm, direction) = ("", "") }
        if word.hasPrefix("--alg=") { algorithm = word.dropFirst(6).lowercased() }
        if word.hasPrefix("--direction=") { direction = word.dropFirst(12).lowercased() }
      }
    }
  }
}

extension ProblemText {
  /// The same with another batch size.
  fileprivate func with(batch: Int?) -> ProblemText {
    guard let batch, !numbers.isEmpty else { return self }
    var copy = self
    copy.numbers["mb"] = batch
    return copy
  }
}
