import FoundationEssentials
import Profiling
import Reports

/// Sends a record or a diff where the output options say.
struct Delivery {
  let options: OutputOptions
  private let publishing: PublishOptions?
  /// Where files go; nil when none will be written.
  let folder: OutputFolder?

  /// Checks the folder now, so that a long run cannot end with nowhere to put its result.
  init(
    _ options: OutputOptions, publishing: PublishOptions? = nil, recordIsSaved: Bool = false
  ) throws(Failure) {
    self.options = options
    self.publishing = publishing
    let wantsFile =
      !(options.noSave || recordIsSaved) || options.format.isEmpty
      || publishing?.endpoint != nil
      || options.format.contains { ReportFormats.format(named: $0)?.isText == false }
    folder = wantsFile ? try OutputFolder(creating: options.output) : nil
  }

  /// Removes the folder again if it was made for a run that left nothing in it.
  func withdraw() { folder?.removeIfEmpty() }

  private var place: ReportOptions {
    ReportOptions(
      width: Console.width, color: Console.hasColor, assets: InstalledAssets.shared,
      verbose: options.verbose)
  }

  /// The formats asked for, by default the table and the page, and what is published.
  private var formats: [any ReportFormat] {
    var names = options.format.isEmpty ? ["table", "html"] : options.format
    for name in publishing?.formats ?? [] where !names.contains(name) { names.append(name) }
    return names.compactMap { ReportFormats.format(named: $0) }
  }

  /// Saves and prints a run, and publishes it last.
  func deliver(_ record: RunRecord) throws(Failure) {
    let paths = try deliver(
      name: stamped(record.topology.name, created: record.created),
      json: options.noSave ? nil : RecordCoding.encode(record), kind: "record"
    ) { format in format.render(record, options: place) }
    noteDetails(of: record)
    try publishing?.publish(record, quiet: options.quiet)
    let named = Dictionary(paths, uniquingKeysWith: { first, _ in first })
    let next = NextStep.after(record, record: named["record"], page: named["html"])
    if let next, !options.quiet { Console.note(next) }
  }

  /// Prints something saved again, under the name of its file; `render` gives each format's bytes.
  func deliver(
    from path: String, render: (any ReportFormat, ReportOptions) -> [UInt8]
  ) throws(Failure) {
    try deliver(formats: formats, name: stem(path), paths: []) { render($0, place) }
  }

  /// The name of a file without folder and extension.
  private func stem(_ path: String) -> String {
    var name = path.split(separator: "/").last.map(String.init) ?? path
    if name.hasSuffix(".json"), name != ".json" { name.removeLast(5) }
    return name
  }

  /// Prints a saved run again; files are named after the one it came from, and replaced.
  func deliver(_ record: RunRecord, from path: String) throws(Failure) {
    try deliver(formats: formats, name: stem(path), paths: []) { format in
      format.render(record, options: place)
    }
    noteDetails(of: record)
    try publishing?.publish(record, quiet: options.quiet)
  }

  private func noteDetails(of record: RunRecord) {
    guard options.verbose else { return }
    for line in Details(record: record).lines { Console.note(line) }
  }

  /// Saves the record of one side of a comparison, and says what its reader should know.
  func save(_ record: RunRecord, role: String) throws(Failure) {
    if !options.quiet {
      for warning in record.warnings where !warning.code.hasPrefix("no-") {
        Console.note("! \(role): \(warning.message) → \(warning.remedy)")
      }
    }
    guard !options.noSave, let folder else { return }
    let wanted = stamped("\(record.topology.name)-\(role)", created: record.created)
    let name = try folder.writeNew(RecordCoding.encode(record), as: wanted, suffix: ".json")
    if !options.quiet { Console.note("record: \(folder.join(name + ".json"))") }
  }

  /// Saves and prints a comparison.
  func deliver(_ diff: Diff, baseline: RunRecord, candidate: RunRecord) throws(Failure) {
    try deliver(
      name: stamped(
        "diff-\(baseline.topology.name)-\(candidate.topology.name)", created: candidate.created),
      json: options.noSave ? nil : RecordCoding.encode(diff), kind: "diff"
    ) { format in format.render(diff, options: place) }
  }

  /// Saves and prints a comparison of several candidates.
  func deliver(_ comparison: Comparison, name: String, created: String) throws(Failure) {
    try deliver(
      name: stamped(name, created: created),
      json: options.noSave ? nil : RecordCoding.encode(comparison), kind: "comparison"
    ) { format in (format as? any OverviewFormat)?.render(comparison, options: place) ?? [] }
  }

  /// Saves and prints measured advice.
  func deliver(_ advice: Advice) throws(Failure) {
    try deliver(
      name: stamped("\(advice.topology.name)-advice", created: advice.created),
      json: options.noSave ? nil : RecordCoding.encode(advice), kind: "advice"
    ) { format in (format as? any OverviewFormat)?.render(advice, options: place) ?? [] }
  }

  @discardableResult
  private func deliver(
    name: String, json: [UInt8]?, kind: String, render: (any ReportFormat) -> [UInt8]
  ) throws(Failure) -> [(String, String)] {
    var name = name
    var paths: [(String, String)] = []
    if let folder {
      if let json {
        name = try folder.writeNew(json, as: name, suffix: ".json")
        paths.append((kind, folder.join(name + ".json")))
      } else {
        let suffixes = formats.filter { !$0.isText }.map { "." + $0.fileExtension }
        name = folder.freeName(name, suffixes: suffixes)
      }
    }
    return try deliver(formats: formats, name: name, paths: paths, render: render)
  }

  @discardableResult
  private func deliver(
    formats: [any ReportFormat], name: String, paths: [(String, String)],
    render: (any ReportFormat) -> [UInt8]
  ) throws(Failure) -> [(String, String)] {
    var paths = paths
    for format in formats {
      let bytes = render(format)
      if format.isText {
        try Console.write(bytes)
      } else if let folder {
        paths.append((format.name, try folder.write(bytes, as: "\(name).\(format.fileExtension)")))
      }
    }
    if !options.quiet {
      for (what, path) in paths { Console.note("\(what): \(path)") }
    }
    return paths
  }

  /// `NAME-YYYYMMDD-HHMMSS`.
  func stamped(_ name: String, created: String) -> String {
    let stamp = created.filter { $0.isASCII && $0.isNumber }
    return "\(FileName.safe(name))-\(stamp.prefix(8))-\(stamp.dropFirst(8).prefix(6))"
  }
}
