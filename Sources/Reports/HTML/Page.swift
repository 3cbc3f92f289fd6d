internal import Profiling

/// A whole document: one file, no request to anywhere.
enum Page {
  /// The policy makes the browser enforce what the page promises.
  private static let policy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"

  /// Puts content into a document; `charts` by the id of their canvas are drawn where `library`, the
  /// source of Chart.js, is there.
  static func document(
    title: String, eyebrow: String, lead: [String], content: String,
    charts: [(id: String, chart: JSONValue)] = [], library: String? = nil
  ) -> String {
    let name = Markup.escape(title)
    let lines = lead.map { "<p class=\"lead\">\(Markup.escape($0))</p>\n" }.joined()
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta http-equiv="Content-Security-Policy" content="\(policy)">
      <title>\(name) – ntprof</title>
      <style>
      \(Stylesheet.text)</style>
      <noscript><style>tbody[hidden]{display:table-row-group}</style></noscript>
      </head>
      <body>
      <header>
      <p class="eyebrow">\(Markup.escape(eyebrow))</p>
      <h1>\(name)</h1>
      \(lines)</header>
      <main>
      \(content)</main>
      \(drawing(charts, library: library))      <script>
      \(Script.text)</script>
      </body>
      </html>

      """
  }

  /// The library, what it draws and how; nothing where there is nothing to draw or no library.
  private static func drawing(
    _ charts: [(id: String, chart: JSONValue)], library: String?
  ) -> String {
    guard let library, !charts.isEmpty else { return "" }
    let all = JSONValue.object(charts.map { JSONValue.Member(key: $0.id, value: $0.chart) })
    // A library's own text must not end the element that holds it.
    let source = library.replacing("</script", with: "<\\/script")
    return """
      <script type="application/json" id="charts">\(ChartJSON.embedded(all))</script>
      <script>
      \(source)
      </script>
      <script>
      \(ChartScript.text)</script>

      """
  }
}
