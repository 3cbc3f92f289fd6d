import Model
import Topology

extension Translation {
  /// The value of an operand; `nil` where it is left out.
  func value(_ node: OperatorNode, _ index: Int) throws(TranslationFault) -> ModelValue? {
    guard index < node.inputs.count, !node.inputs[index].isEmpty else { return nil }
    guard let value = values[node.inputs[index]] else {
      throw .invalid("reads '\(node.inputs[index])', which nothing makes")
    }
    return value
  }

  /// Whether an operand is there.
  func has(_ node: OperatorNode, _ index: Int) -> Bool {
    index < node.inputs.count && !node.inputs[index].isEmpty
  }

  /// An operand that flows; a constant becomes one of the network.
  mutating func flow(_ node: OperatorNode, _ index: Int) throws(TranslationFault) -> Flow {
    switch try value(node, index) {
    case .flow(let flow)?: return flow
    case .constant(let tensor)?: return try flow(of: tensor, named: node.inputs[index])
    case .unknown?: throw .invalid("reads a value that is not known")
    case nil: throw .invalid("lacks operand \(index)")
    }
  }

  /// A constant of the network to be.
  mutating func flow(of tensor: ConstantTensor, named name: String) throws(TranslationFault)
    -> Flow
  {
    let dims = tensor.dims
    guard tensor.count > 0 else { throw .unsupported("a tensor without elements") }
    let known = tensor.layout.flatMap { $0.rank ?? dims.count == dims.count ? $0 : nil }
    let type = try type(dims, known ?? .natural(dims.count))
    let title = tensor.origin ?? (name.isEmpty ? "constant" : name)
    let key = title + ":" + NumberText.dims(dims)
    if let place = constantPlaces[key] {
      return Flow(.constant(place), constants[place].type, tensor.elementType, dims: dims)
    }
    constantPlaces[key] = constants.count
    constants.append(NamedConstant(name: title, tensor: tensor, type: type))
    return Flow(.constant(constants.count - 1), type, tensor.elementType, dims: dims)
  }

  /// An operand that must be a constant; `nil` where it is left out.
  ///
  /// An input of the network whose value was offered is taken as one.
  mutating func constant(_ node: OperatorNode, _ index: Int) throws(TranslationFault)
    -> ConstantTensor?
  {
    switch try value(node, index) {
    case nil: return nil
    case .constant(let tensor)?:
      guard !tensor.isAbsent else {
        throw .unsupported("the value of '\(node.inputs[index])' is not given")
      }
      return tensor
    case .flow(let flow)?:
      let name = node.inputs[index]
      if case .input(let input) = flow.operand, inputs[input].name == name {
        if let offered = options.offered[name] {
          adopt(input, offered)
          return offered
        }
        throw .unsupported(
          "the value of the input '\(name)' decides about shapes: give it by --value \(name)=N")
      }
      throw .unsupported("operand '\(name)' is not constant")
    case .unknown?: throw .invalid("reads a value that is not known")
    }
  }

  /// An operand that holds weights; `nil` where it is left out.
  ///
  /// An input of the network that stands there is no input but weights of which nobody told the values.
  mutating func weight(_ node: OperatorNode, _ index: Int) throws(TranslationFault)
    -> ConstantTensor?
  {
    if case .flow(let flow)? = try value(node, index), case .input(let input) = flow.operand,
      inputs[input].name == node.inputs[index], options.offered[node.inputs[index]] == nil
    {
      let tensor = ConstantTensor(
        dims: flow.dims, elementType: flow.elementType, .absent, origin: inputs[input].name)
      adopt(input, tensor)
      return tensor
    }
    if case .constant(let tensor)? = try value(node, index) { return tensor }
    return try constant(node, index)
  }

  /// An operand that is a weight if it is constant, or an input that was offered; `nil` where it flows.
  mutating func weightIfConstant(_ node: OperatorNode, _ index: Int) throws(TranslationFault)
    -> ConstantTensor?
  {
    switch try value(node, index) {
    case .constant?: return try weight(node, index)
    case .flow(let flow)?:
      guard case .input(let input) = flow.operand, options.offered[inputs[input].name] != nil,
        inputs[input].name == node.inputs[index]
      else { return nil }
      return try constant(node, index)
    default: return nil
    }
  }

  private mutating func adopt(_ input: Int, _ tensor: ConstantTensor) {
    inputs[input].isParameter = true
    values[inputs[input].name] = .constant(tensor)
  }

  /// A list of integers: an attribute in older versions, an operand in newer ones.
  mutating func list(_ node: OperatorNode, _ name: String, _ index: Int)
    throws(TranslationFault) -> [Int]?
  {
    if let attribute = node.ints(name) { return attribute }
    guard let tensor = try constant(node, index) else { return nil }
    guard tensor.count <= 4096 else { throw .invalid("\(tensor.count) numbers as its \(name)") }
    return tensor.integers().map(Int.init)
  }

  /// A number: an attribute in older versions, an operand in newer ones.
  mutating func number(_ node: OperatorNode, _ name: String, _ index: Int)
    throws(TranslationFault) -> Double?
  {
    if let attribute = node.float(name) { return attribute }
    guard let tensor = try constant(node, index) else { return nil }
    guard tensor.count == 1 else { throw .unsupported("\(tensor.count) numbers as its \(name)") }
    return tensor.reals()[0]
  }

  /// The type of a value of these dims.
  func type(_ dims: [Int], _ layout: Layout) throws(TranslationFault) -> TensorType {
    guard !dims.contains(0) else { throw .unsupported("a tensor without elements") }
    do throws(ShapeError) {
      return try TensorType(dims: dims.isEmpty ? [1] : dims, layout)
    } catch {
      throw .invalid(error.description)
    }
  }
}
