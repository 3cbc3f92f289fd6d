/// A check that every element is closed where it should be.
enum WellFormedness {
  private static let void: Set<String> = ["meta", "br", "input", "link", "img", "hr"]

  /// The first problem; nil when there is none.
  static func problem(in html: String) -> String? {
    guard html.hasPrefix("<!DOCTYPE html>\n") else { return "no doctype" }
    var open: [String] = []
    var rest = html.dropFirst("<!DOCTYPE html>".count)
    while let start = rest.firstIndex(of: "<") {
      rest = rest[start...].dropFirst()
      guard let end = rest.firstIndex(of: ">") else { return "an open tag" }
      let tag = rest[..<end]
      rest = rest[end...].dropFirst()
      if tag.hasPrefix("/") {
        guard open.popLast() == String(tag.dropFirst()) else { return "unexpected <\(tag)>" }
        continue
      }
      guard let name = tag.split(whereSeparator: { $0 == " " || $0 == "/" }).first.map(String.init)
      else { return "an empty tag" }
      guard tag.filter({ $0 == "\"" }).count.isMultiple(of: 2) else { return "quotes in <\(tag)>" }
      if tag.hasSuffix("/") || void.contains(name) { continue }
      open.append(name)
      if name == "script" || name == "style" {
        guard let close = rest.range(of: "</\(name)>") else { return "no </\(name)>" }
        rest = rest[close.lowerBound...]
      }
    }
    return open.isEmpty ? nil : "never closed: \(open)"
  }
}

extension Substring {
  fileprivate func range(of text: String) -> Range<Index>? { ranges(of: text).first }
}
