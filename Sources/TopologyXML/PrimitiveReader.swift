import Topology
import XMLTree

/// Makes a layer kind of an element.
enum PrimitiveReader {
  /// The kind of an element with its attributes; `nil` once the reason was reported.
  static func kind(
    of element: XMLElement, at place: Place, evaluator: inout AttributeEvaluator
  ) -> (any LayerKind)? {
    var values: [String: String] = [:]
    var isComplete = true
    for attribute in element.attributes where attribute.name != "with" {
      if let text = evaluator.text(attribute, at: place) {
        values[attribute.name] = text
      } else {
        isComplete = false
      }
    }
    guard let type = LayerKinds.byElement[element.name] else {
      evaluator.report(element.position, "<\(element.name)> is unknown", at: place)
      return nil
    }
    guard isComplete else { return nil }
    do throws(AttributeError) {
      return try type.init(Attributes(element: element.name, values))
    } catch {
      let attribute = error.attribute.flatMap { element.attribute($0) }
      let message =
        error.attribute.map { "attribute '\($0)' of <\(element.name)>: \(error.message)" }
        ?? "<\(element.name)>: \(error.message)"
      evaluator.report(attribute?.position ?? element.position, message, at: place)
      return nil
    }
  }
}
