import Topology
import XMLTree

/// Makes a layer kind of an element.
enum PrimitiveReader {
  /// Attributes that the expander reads itself.
  private static let own: Set<String> = ["with", "if"]

  /// The kind of an element and its attributes; `nil` once the reason was reported.
  static func kind(
    of element: XMLElement, at place: Place, kinds: LayerKinds,
    evaluator: inout AttributeEvaluator
  ) -> (kind: any LayerKind, attributes: Attributes)? {
    var values: [String: String] = [:]
    var fractions: [String: String] = [:]
    var faults: [String: String] = [:]
    var isComplete = true
    for attribute in element.attributes where !PrimitiveReader.own.contains(attribute.name) {
      if let texts = evaluator.texts(attribute, at: place) {
        values[attribute.name] = texts.whole
        if texts.exact != texts.whole { fractions[attribute.name] = texts.exact }
        faults[attribute.name] = texts.fault
      } else {
        isComplete = false
      }
    }
    guard let type = kinds[element.name] else {
      evaluator.report(element.position, "<\(element.name)> is unknown", at: place)
      return nil
    }
    guard isComplete else { return nil }
    do throws(AttributeError) {
      let attributes = Attributes(
        element: element.name, values, fractions: fractions, integerFaults: faults)
      return (try type.init(attributes), attributes)
    } catch {
      let attribute = error.attribute.flatMap { element.attribute($0) }
      let message =
        error.attribute.map { "attribute '\($0)' of <\(element.name)>: \(error.message)" }
        ?? "<\(element.name)>: \(error.message)"
      let near = error.word.flatMap {
        ForeignNames.synonyms.suggestion(for: $0, among: error.choices)
      }
      evaluator.report(
        attribute?.position ?? element.position, message,
        hint: near.map { "did you mean '\($0)'?" }, at: place)
      return nil
    }
  }
}
