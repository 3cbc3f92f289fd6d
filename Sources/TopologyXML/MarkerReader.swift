import Topology
import XMLTree

/// Reads markers and keeps account of which segments are open.
///
/// It checks the balance itself, so that one missing marker does not hide the others and a layer
/// with an error still counts as being there.
struct MarkerReader {
  private struct Segment {
    let position: XMLPosition
    let firstLayer: Int
    var isOpen = true
  }

  private var segments: [String: Segment] = [:]
  private var order: [String] = []

  /// Reads one marker after `layerCount` layers.
  mutating func read(
    _ element: XMLElement, at place: Place, layerCount: Int,
    evaluator: inout AttributeEvaluator, builder: inout GraphBuilder
  ) {
    guard let attribute = element.attribute("name"),
      let text = evaluator.text(attribute, at: place)
    else { return }
    if let fault = GraphBuilder.fault(inName: text) {
      return evaluator.report(attribute.position, fault, at: place)
    }
    let name = (place.block.map { $0.prefix + "/" } ?? "") + text
    let location = evaluator.log.location(element.position)
    do throws(GraphError) {
      if element["action"] == "start" {
        if let fault = start(name, element, layerCount) {
          return evaluator.report(attribute.position, fault, at: place)
        }
        try builder.startSegment(
          name: name, counters: element["counters"], events: MarkerReader.events(element),
          location: location)
      } else {
        if let fault = stop(name, layerCount) {
          return evaluator.report(element.position, fault, at: place)
        }
        // Layers with errors are not in the builder, to which the segment may seem empty.
        if evaluator.log.isEmpty { try builder.stopSegment(name: name, location: location) }
      }
    } catch {
      evaluator.report(element.position, error.message, at: place)
    }
  }

  /// Reports every segment that was not stopped.
  func finish(evaluator: inout AttributeEvaluator) {
    for name in order {
      guard let segment = segments[name], segment.isOpen else { continue }
      evaluator.log.report(segment.position, "marker '\(name)' starts but never stops")
    }
  }

  private mutating func start(_ name: String, _ element: XMLElement, _ layer: Int) -> String? {
    if let earlier = segments[name] {
      return "duplicate marker '\(name)': it starts at line \(earlier.position.line) already"
    }
    segments[name] = Segment(position: element.position, firstLayer: layer)
    order.append(name)
    return nil
  }

  private mutating func stop(_ name: String, _ layerCount: Int) -> String? {
    guard let segment = segments[name] else {
      return "marker '\(name)' stops but was not started"
    }
    guard segment.isOpen else { return "marker '\(name)' was stopped already" }
    segments[name]?.isOpen = false
    return segment.firstLayer < layerCount ? nil : "marker '\(name)' encloses no layer"
  }

  private static func events(_ element: XMLElement) -> [String] {
    (element["events"] ?? "").split { $0 == "," || $0.isWhitespace }.map(String.init)
  }
}
