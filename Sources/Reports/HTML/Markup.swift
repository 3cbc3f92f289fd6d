internal import Profiling

/// Pieces of HTML and SVG.
enum Markup {
  /// Text that is safe between tags and in quoted attributes.
  static func escape(_ text: String) -> String {
    var result = ""
    for scalar in DisplayText.clean(text).unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A number for machines: at most two decimals, ASCII minus.
  static func coordinate(_ value: Double, decimals: Int = 2) -> String {
    guard value.isFinite else { return "0" }
    let text = Figures.fixed(value.magnitude, decimals)
    guard text.utf8.contains(UInt8(ascii: ".")) else { return value < 0 ? "-\(text)" : text }
    var short = text[...]
    while short.hasSuffix("0") { short = short.dropLast() }
    if short.hasSuffix(".") { short = short.dropLast() }
    return value < 0 && short != "0" ? "-\(short)" : String(short)
  }

  /// The CSS class of a bound's colour.
  static func cssClass(_ bound: Bound.Class?) -> String { "b-\((bound ?? .unknown).rawValue)" }

  /// The stylesheet's colour of a bound.
  static func color(_ bound: Bound.Class) -> String { "--\(bound.rawValue)" }

  /// That something is left out, and the command that mends it.
  static func missing(_ what: String, package: String) -> String {
    "<p class=\"missing\">\(escape(what)). Install it with "
      + "<code>apt-get install \(escape(package))</code> and render the record again with "
      + "<code>ntprof report</code>.</p>\n"
  }

  /// Says so where charts were wanted and there is no library; nothing where none was to be had.
  static func missingCharts(_ assets: (any PageAssets)?) -> String {
    guard let assets, assets.chartLibrary == nil else { return "" }
    return missing(
      "Charts are left out, their numbers are in tables: Chart.js is not installed",
      package: "libjs-chart.js")
  }

  /// A list of terms and values; nil values are left out.
  static func facts(_ facts: [(String, String?)]) -> String {
    let items = facts.compactMap { term, value in
      value.map { "<div><dt>\(escape(term))</dt><dd>\(escape($0))</dd></div>" }
    }
    return "<dl class=\"facts\">\(items.joined())</dl>\n"
  }

  /// A card with a figure, its unit set smaller.
  static func card(_ title: String, _ figure: String, _ note: String, tone: String = "") -> String {
    let parts = figure.split(separator: " ", maxSplits: 1).map(String.init)
    let unit = parts.count > 1 ? " <small>\(escape(parts[1]))</small>" : ""
    return """
      <div class="card\(tone.isEmpty ? "" : " \(tone)")"><h3>\(escape(title))</h3>\
      <p class="figure">\(escape(parts.first ?? ""))\(unit)</p>\
      <p class="note">\(escape(note))</p></div>

      """
  }

  /// A section with a heading; empty when its content is.
  static func section(_ heading: String, _ content: String, note: String = "") -> String {
    guard !content.isEmpty else { return "" }
    let remark = note.isEmpty ? "" : "<p class=\"remark\">\(escape(note))</p>\n"
    return "<section>\n<h2>\(escape(heading))</h2>\n\(remark)\(content)</section>\n"
  }

  /// A list of sentences that stands out.
  static func callout(_ heading: String, _ sentences: [String], tone: String = "") -> String {
    guard !sentences.isEmpty else { return "" }
    let items = sentences.map { "<li>\(sentence($0))</li>" }.joined()
    return
      "<section class=\"callout \(tone)\"><h2>\(escape(heading))</h2><ul>\(items)</ul></section>\n"
  }

  /// A sentence whose `code` is set as code.
  static func sentence(_ text: String) -> String {
    let parts = escape(text).split(separator: "`", omittingEmptySubsequences: false)
    guard parts.count.isMultiple(of: 2) == false else { return escape(text) }
    return parts.enumerated().map { place, part in
      place.isMultiple(of: 2) ? String(part) : "<code>\(part)</code>"
    }.joined()
  }
}
