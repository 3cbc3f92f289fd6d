import Topology
import XMLTree

extension Expander {
  /// Reads a `<param>`; an override takes the place of its value.
  mutating func readParameter(_ element: XMLElement) {
    guard let name = element.attribute("name"), let value = element.attribute("value") else {
      return
    }
    if let fault = ParameterScope.fault(inName: name.value) {
      return evaluator.report(name.position, fault, at: place)
    }
    guard globals[name.value] == nil else {
      return evaluator.report(name.position, "duplicate param '\(name.value)'", at: place)
    }
    if let override = options.parameters[name.value] {
      globals[name.value] = .value(Bound(override))
    } else {
      globals[name.value] =
        evaluator.value(value, at: place).map(ParameterScope.Binding.value) ?? .failed
    }
  }

  /// Reads an `<input>`.
  mutating func readInput(_ element: XMLElement) {
    guard let attribute = element.attribute("name"), let name = fullName(attribute, at: place)
    else {
      names.isIncomplete = true
      return
    }
    guard claim(name, by: attribute) else { return }
    inputCount += 1
    let result = addInput(element, name) ? Reference.value(name) : .failed(name)
    names.settle(name, result)
    lastInput = result
  }

  /// Reads a `<constant>`.
  mutating func readConstant(_ element: XMLElement) {
    guard let attribute = element.attribute("name"), let name = fullName(attribute, at: place)
    else {
      names.isIncomplete = true
      return
    }
    guard claim(name, by: attribute) else { return }
    names.settle(name, addConstant(element, name) ? .value(name) : .failed(name))
  }

  private mutating func addConstant(_ element: XMLElement, _ name: String) -> Bool {
    var values: [String: String] = [:]
    var fractions: [String: String] = [:]
    let own: Set<String> = ["name", "shape", "layout", "if"]
    for attribute in element.attributes where !own.contains(attribute.name) {
      guard let texts = evaluator.texts(attribute, at: place) else { return false }
      values[attribute.name] = texts.whole
      fractions[attribute.name] = texts.exact
    }
    guard let type = type(of: element, batch: nil) else { return false }
    do throws(AttributeError) {
      let attributes = Attributes(element: "constant", values, fractions: fractions)
      let isLearned = try attributes.bool("learned", default: false)
      let pattern = try ConstantSchema(attributes).pattern
      let constant: GraphConstant
      do throws(ShapeError) {
        constant = try GraphConstant(
          name: name, type: type, pattern: pattern, isLearned: isLearned,
          location: evaluator.log.location(element.position))
      } catch {
        throw AttributeError("shape", error.description)
      }
      do throws(GraphError) {
        try builder.addConstant(constant)
      } catch {
        throw AttributeError("name", error.message)
      }
      return true
    } catch {
      let attribute = error.attribute.flatMap { element.attribute($0) }
      let subject = error.attribute.map { "attribute '\($0)' of <constant>" } ?? "<constant>"
      evaluator.report(
        attribute?.position ?? element.position, "\(subject): \(error.message)", at: place)
    }
    return false
  }

  private mutating func addInput(_ element: XMLElement, _ name: String) -> Bool {
    guard let type = type(of: element, batch: options.batch) else { return false }
    do throws(GraphError) {
      try builder.addInput(
        name: name, type: type, location: evaluator.log.location(element.position))
      return true
    } catch {
      evaluator.report(element.position, error.message, at: place)
      return false
    }
  }

  /// Claims a full name of the document's one space of names, or reports who has it.
  mutating func claim(_ name: String, by attribute: XMLAttribute, hint: String? = nil) -> Bool {
    guard let earlier = names.claim(name, at: attribute.position) else { return true }
    evaluator.report(
      attribute.position, "duplicate name '\(name)': line \(earlier.line) has it", hint: hint,
      at: place)
    return false
  }

  /// The type that an input or a constant declares; `nil` once the reason was reported.
  private mutating func type(of element: XMLElement, batch: Int?) -> TensorType? {
    guard let shape = element.attribute("shape"), let text = evaluator.text(shape, at: place)
    else { return nil }
    do throws(AttributeError) {
      let attributes = Attributes(element: element.name, ["shape": text])
      var dims = try attributes.dims("shape") ?? []
      guard let layout = layout(of: element, rank: dims.count) else { return nil }
      // The layout must fit before its batch dimension can be replaced.
      if let batch, layout.rank.map({ $0 == dims.count }) ?? true {
        dims[layout.batchAxis] = batch
      }
      do throws(ShapeError) {
        return try TensorType(dims: dims, layout)
      } catch {
        throw AttributeError("shape", error.description)
      }
    } catch {
      evaluator.report(
        shape.position, "attribute 'shape' of <\(element.name)>: \(error.message)", at: place)
      return nil
    }
  }

  private mutating func layout(of element: XMLElement, rank: Int) -> Layout? {
    if let attribute = element.attribute("layout") {
      guard let text = evaluator.text(attribute, at: place) else { return nil }
      if let layout = Layout(rawValue: text) { return layout }
      let choices = Layout.allCases.map(\.rawValue).joined(separator: ", ")
      evaluator.report(
        attribute.position,
        "attribute 'layout' of <\(element.name)>: '\(text)' is none of \(choices)", at: place)
      return nil
    }
    switch rank {
    case 2: return .nc
    case 3: return .tnc
    case 4: return .nchw
    case 5: return .ncdhw
    default: return .other
    }
  }
}
