import Topology

/// Simpler cases than one that fails, those first that take most away.
public struct Shrinker {
  private let drawn: TortureCase
  private var found: [TortureCase] = []
  private var seen: Set<TortureCase> = []

  private init(_ drawn: TortureCase) { self.drawn = drawn }

  /// What a case could be made into by one step, each smaller than it, and valid.
  public static func simpler(than drawn: TortureCase) -> [TortureCase] {
    var shrinker = Shrinker(drawn)
    shrinker.cut()
    shrinker.bypass()
    shrinker.thin()
    shrinker.renumber()
    shrinker.simplifySettings()
    return shrinker.found
  }

  /// How much there is to a case.
  static func size(_ drawn: TortureCase) -> Double {
    let network = drawn.network
    var size = (drawn.batch == nil ? 0.0 : 1) + (drawn.asksEngine ? 5 : 0)
    for setting in drawn.settings {
      size += 1 + Double(setting.threads - 1) + (setting.fusion ? 1 : 0)
      size += setting.tuning == "fast" ? 0 : 2
      size += setting.precision == "f32" ? 0 : 2
      size +=
        (setting.isExact ? 1 : 0) + (setting.keepsAll ? 1 : 0) + (setting.recurrence > 0 ? 1 : 0)
    }
    func numbers(_ text: String) -> Double {
      text.split { !$0.isNumber }.reduce(0) { sum, digits in
        sum + (Double(digits) ?? 0).squareRoot()
      } + (text.contains("-") ? 0.5 : 0)
    }
    func cost(_ attributes: [String: String]) -> Double {
      attributes.values.reduce(0) { $0 + 4 + numbers($1) }
    }
    for tensor in network.inputs + network.constants {
      size += 20 + cost(tensor.attributes) + (tensor.isLearned ? 1 : 0)
      size += tensor.dims.reduce(0) { $0 + 3 + Double($1).squareRoot() }
    }
    for layer in network.layers {
      size += 200 + (layer.weights == nil ? 0 : 10) + 5 * Double(layer.inputs.count)
      for primitive in layer.primitives {
        size += 80 + cost(primitive.attributes) + 10 * Double(primitive.with.count)
      }
    }
    return size + 5 * Double(network.outputs?.count ?? 0)
  }

  private mutating func offer(_ change: (inout TortureCase) -> Void) {
    var copy = drawn
    change(&copy)
    copy.network = copy.network.withoutIdle()
    guard copy != drawn, Self.size(copy) < Self.size(drawn), seen.insert(copy).inserted,
      let graph = try? copy.network.graph(), (try? graph.program()) != nil
    else { return }
    found.append(copy)
  }

  /// Ends before the end, or begins after the beginning: a layer becomes an input.
  private mutating func cut() {
    let layers = drawn.network.layers
    for count in 1..<max(1, layers.count) {
      offer { drawn in
        drawn.network.layers = Array(layers.prefix(count))
        drawn.network.outputs = nil
      }
    }
    guard let graph = try? drawn.network.graph() else { return }
    for count in (1..<max(1, layers.count)).reversed() {
      // All of the first ones at once.
      offer { drawn in
        for place in 0..<count { Self.replaceByInput(graph.layers[place], in: &drawn.network) }
      }
    }
    for layer in graph.layers { offer { Self.replaceByInput(layer, in: &$0.network) } }
    for place in layers.indices {
      offer { drawn in
        drawn.network.layers.remove(at: place)
        drawn.network.outputs = nil
      }
    }
    for constant in drawn.network.constants {
      offer { drawn in
        drawn.network.constants.removeAll { $0.name == constant.name }
        var input = constant
        input.attributes = [:]
        input.isLearned = false
        drawn.network.inputs.append(input)
      }
    }
    offer { $0.network.outputs = nil }
  }

  private static func replaceByInput(_ layer: Layer, in network: inout DrawnNetwork) {
    network.layers.removeAll { $0.name == layer.name }
    network.outputs = nil
    let states = layer.states.map { (layer.name + "." + $0.name, $0.type) }
    for (name, type) in [(layer.name, layer.outputType)] + states {
      let plain = name.replacing(".", with: "-")
      network.inputs.append(.init(name: plain, dims: type.dims, layout: type.layout.rawValue))
      if plain != name { network.rename(name, to: plain) }
    }
  }

  /// Leaves out a layer: who read it reads what it read.
  private mutating func bypass() {
    for layer in drawn.network.layers {
      for input in Set(layer.reads).sorted() {
        offer { drawn in
          drawn.network.layers.removeAll { $0.name == layer.name }
          drawn.network.outputs = nil
          drawn.network.rename(layer.name, to: input)
        }
      }
    }
    // What is read becomes the first input where that fits.
    guard let first = drawn.network.inputs.first else { return }
    for input in drawn.network.inputs.dropFirst() + drawn.network.constants {
      offer { $0.network.rename(input.name, to: first.name) }
    }
  }

  /// Takes primitives, operands and attributes away.
  private mutating func thin() {
    for (place, layer) in drawn.network.layers.enumerated() {
      offer { $0.network.layers[place].weights = nil }
      for index in layer.primitives.indices {
        offer { drawn in
          drawn.network.layers[place].primitives.remove(at: index)
          if index == 0 {
            drawn.network.layers[place].inputs = Array(layer.inputs.prefix(1))
          }
        }
        // A layer ends with it.
        offer { drawn in
          drawn.network.layers[place].primitives = Array(layer.primitives.prefix(index + 1))
        }
        for operand in layer.primitives[index].with.indices {
          offer { $0.network.layers[place].primitives[index].with.remove(at: operand) }
        }
        for name in layer.primitives[index].attributes.keys.sorted() {
          offer { drawn in
            let value = drawn.network.layers[place].primitives[index].attributes
              .removeValue(forKey: name)
            // Of attributes that name an operand both go.
            drawn.network.layers[place].primitives[index].with.removeAll { $0 == value }
          }
        }
      }
      for input in layer.inputs.indices.dropFirst() {
        offer { $0.network.layers[place].inputs.remove(at: input) }
      }
    }
    for place in drawn.network.constants.indices {
      offer { $0.network.constants[place].isLearned = false }
      offer { $0.network.constants[place].attributes = [:] }
    }
  }

  /// Makes numbers smaller: all of one value at once, then one by one.
  private mutating func renumber() {
    func smaller(_ number: Int) -> [Int] {
      var list: [Int] = []
      for other in [1, 2, number / 2, number - 1] where other >= 0 && other < number {
        if !list.contains(other) { list.append(other) }
      }
      return list
    }
    let all = Set(drawn.network.numbers).filter { $0 > 1 }.sorted(by: >)
    for number in all {
      for other in smaller(number) {
        offer { $0.network.replaceNumbers { $0 == number ? other : $0 } }
      }
    }
    for place in 0..<drawn.network.numbers.count {
      for other in smaller(drawn.network.numbers[place]) + [0] {
        offer { drawn in
          var index = 0
          drawn.network.replaceNumbers { number in
            defer { index += 1 }
            return index == place ? other : number
          }
        }
      }
    }
  }

  private mutating func simplifySettings() {
    offer { $0.batch = nil }
    offer { $0.asksEngine = false }
    offer { $0.settings = [] }
    for place in drawn.settings.indices {
      offer { $0.settings[place] = .init() }
      offer { $0.settings[place].tuning = "fast" }
      offer { $0.settings[place].precision = "f32" }
      offer { $0.settings[place].threads = 1 }
      offer { $0.settings[place].fusion = false }
      offer { $0.settings[place].isExact = false }
      offer { $0.settings[place].keepsAll = false }
      offer { $0.settings[place].recurrence = 0 }
      if drawn.settings.count > 1 { offer { $0.settings = [$0.settings[place]] } }
    }
  }
}

extension DrawnNetwork {
  /// Lets everybody who reads one name read another.
  mutating func rename(_ name: String, to other: String) {
    func renamed(_ read: String) -> String {
      if read == name { return other }
      if read.hasPrefix(name + ".") { return other + read.dropFirst(name.count) }
      return read
    }
    for place in layers.indices {
      layers[place].inputs = layers[place].inputs.map(renamed)
      for index in layers[place].primitives.indices {
        layers[place].primitives[index].with = layers[place].primitives[index].with.map(renamed)
        for (key, value) in layers[place].primitives[index].attributes where value == name {
          layers[place].primitives[index].attributes[key] = other
        }
      }
      if layers[place].weights == name { layers[place].weights = nil }
    }
  }

  /// All whole numbers: extents and those within attributes.
  var numbers: [Int] {
    var copy = self
    var list: [Int] = []
    copy.replaceNumbers { number in
      list.append(number)
      return number
    }
    return list
  }

  /// Gives whole numbers other values, always in the same order.
  mutating func replaceNumbers(_ change: (Int) -> Int) {
    func changed(_ attributes: [String: String], names: Set<String>) -> [String: String] {
      var result = attributes
      for key in attributes.keys.sorted() {
        guard let text = attributes[key], !names.contains(text),
          !text.contains("."), !text.contains("e-")
        else { continue }
        result[key] = Self.replacing(text, change)
      }
      return result
    }
    for place in inputs.indices { inputs[place].dims = inputs[place].dims.map(change) }
    for place in constants.indices {
      constants[place].dims = constants[place].dims.map(change)
      constants[place].attributes = changed(constants[place].attributes, names: [])
    }
    for place in layers.indices {
      for index in layers[place].primitives.indices {
        let primitive = layers[place].primitives[index]
        layers[place].primitives[index].attributes = changed(
          primitive.attributes, names: Set(primitive.with))
      }
    }
  }

  private static func replacing(_ text: String, _ change: (Int) -> Int) -> String {
    var result = ""
    var digits = ""
    func flush() {
      // Digits behind a letter are part of a name, such as that of a function or a format.
      if let last = result.last, last.isLetter, last != "x" {
        result += digits
      } else if let number = Int(digits) {
        result += String(change(number))
      }
      digits = ""
    }
    for character in text {
      if character.isNumber {
        digits.append(character)
        continue
      }
      if !digits.isEmpty { flush() }
      result.append(character)
    }
    if !digits.isEmpty { flush() }
    return result
  }
}
