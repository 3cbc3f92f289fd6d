import Files
import Machine
import Reports
import Session

/// Chart.js and Graphviz as Debian installs them.
struct InstalledAssets: PageAssets {
  /// Those of this machine; the library is read once.
  static let shared = InstalledAssets()

  /// The source of Chart.js, of `libjs-chart.js`.
  let chartLibrary: String?

  private init() {
    let places = [
      "/usr/share/javascript/chart.js/chart.min.js", "/usr/share/nodejs/chart.js/dist/chart.min.js",
    ]
    var found: String?
    // Each file is read once: a lazy search would read the one that it finds again.
    for place in places where found == nil { found = Self.library(place) }
    chartLibrary = found
  }

  /// Lays out graphs with `dot`, of `graphviz`.
  func layOut(_ dot: String) -> GraphLayout { Graphviz.layOut(dot) }

  /// A file that is Chart.js and small enough for a page; else nil.
  private static func library(_ path: String) -> String? {
    guard let file = try? MemoryFile(copying: path) else { return nil }
    let bytes = file.contents()
    guard bytes.count < 2_000_000 else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    return text.contains("Chart.js v3") || text.contains("Chart.js v4") ? text : nil
  }
}
