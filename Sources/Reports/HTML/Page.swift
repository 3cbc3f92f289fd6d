/// A whole document: one file, no request to anywhere.
enum Page {
  /// The policy makes the browser enforce what the page promises.
  private static let policy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"

  /// Puts content into a document.
  static func document(title: String, eyebrow: String, lead: [String], content: String) -> String {
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
      </head>
      <body>
      <header>
      <p class="eyebrow">\(Markup.escape(eyebrow))</p>
      <h1>\(name)</h1>
      \(lines)</header>
      <main>
      \(content)</main>
      <script>
      \(Script.text)</script>
      </body>
      </html>

      """
  }
}
