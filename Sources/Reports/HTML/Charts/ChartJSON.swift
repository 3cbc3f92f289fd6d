internal import Profiling
internal import RealModule

/// Pieces of a Chart.js configuration.
///
/// A text like `--memory` names a colour of the stylesheet, `--memory 55` one with that opacity in
/// hex; the page's script puts the colour in, so that a chart follows light, dark and print.
enum ChartJSON {
  /// An object.
  static func object(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
    .object(members.map { JSONValue.Member(key: $0.key, value: $0.value) })
  }

  /// A text, fit to print.
  static func text(_ text: String) -> JSONValue { .string(DisplayText.clean(text)) }

  /// A number with five significant digits, which no eye tells from more.
  static func number(_ value: Double) -> JSONValue {
    guard value.isFinite, value != 0 else { return .double(value.isFinite ? 0 : .nan) }
    let digits = 5 - Int(rounding: Double.log10(value.magnitude).rounded(.up))
    guard digits < 300, digits > -300 else { return .double(value) }
    // Powers of ten up to 22 are exact, so that few digits come out.
    let scale = Double.pow(10, Double(digits.magnitude))
    return .double(
      digits >= 0 ? (value * scale).rounded() / scale : (value / scale).rounded() * scale)
  }

  /// Numbers.
  static func numbers(_ values: [Double?]) -> JSONValue {
    .array(values.map { $0.map(number) ?? .null })
  }

  /// A point with the text of its tooltip, and where a click leads.
  static func point(
    _ x: Double, _ y: Double, tooltip: String = "", name: String = "", layer: Int? = nil
  ) -> JSONValue {
    var members = [
      JSONValue.Member(key: "x", value: number(x)), JSONValue.Member(key: "y", value: number(y)),
    ]
    if !tooltip.isEmpty {
      let lines = tooltip.split(separator: "\n").map { text(String($0)) }
      members.append(JSONValue.Member(key: "t", value: .array(lines)))
    }
    if !name.isEmpty { members.append(JSONValue.Member(key: "n", value: text(name))) }
    if let layer { members.append(JSONValue.Member(key: "l", value: .number(String(layer)))) }
    return .object(members)
  }

  /// An axis with a title; `extra` holds what else it has.
  static func axis(
    _ type: String, _ title: String, _ extra: KeyValuePairs<String, JSONValue> = [:]
  ) -> JSONValue {
    var members = [
      JSONValue.Member(key: "type", value: .string(type)),
      JSONValue.Member(
        key: "title",
        value: object([
          "display": .bool(!title.isEmpty), "text": text(title), "color": "--quiet".json,
        ])),
    ]
    members += extra.map { JSONValue.Member(key: $0.key, value: $0.value) }
    return .object(members)
  }

  /// A configuration for the page; `options` are merged with what all charts share.
  static func chart(
    _ type: String, datasets: [JSONValue], labels: [String] = [], scales: JSONValue,
    legend: Bool = false, more: KeyValuePairs<String, JSONValue> = [:]
  ) -> JSONValue {
    var members = [
      JSONValue.Member(key: "type", value: .string(type)),
      JSONValue.Member(
        key: "data",
        value: object(["labels": .array(labels.map(text)), "datasets": .array(datasets)])),
      JSONValue.Member(key: "scales", value: scales),
      JSONValue.Member(key: "legend", value: .bool(legend)),
    ]
    members += more.map { JSONValue.Member(key: $0.key, value: $0.value) }
    return .object(members)
  }

  /// The bytes as they may stand in a `script` element.
  static func embedded(_ value: JSONValue) -> String {
    String(decoding: JSONWriter.compact(value), as: UTF8.self).replacing("<", with: "\\u003c")
  }
}

extension String {
  /// The text as JSON, as it is.
  var json: JSONValue { .string(self) }
}
