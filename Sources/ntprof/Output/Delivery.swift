import FoundationEssentials
import Profiling
import Reports
import Session

/// Sends a record or a diff where the output options say.
///
/// Whatever cannot be written, everything else is: the failures come last, the first as the
/// command's own.
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
    if folder != nil { Console.outliveReaders() }
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
    var problems = Problems()
    let paths = deliver(
      name: stamped(record.topology.name, created: record.created),
      json: options.noSave ? nil : RecordCoding.encode(record), kind: "record", &problems
    ) { format in format.render(record, options: place) }
    noteDetails(of: record)
    problems.attempt { () throws(Failure) in
      try publishing?.publish(record, quiet: options.quiet)
    }
    let named = Dictionary(paths, uniquingKeysWith: { first, _ in first })
    let next = NextStep.after(record, record: named["record"], page: named["html"])
    if let next, !options.quiet { Console.note(next) }
    try problems.settle()
  }

  /// Prints something saved again, under the name of its file; `render` gives each format's bytes.
  func deliver(
    from path: String, render: (any ReportFormat, ReportOptions) -> [UInt8]
  ) throws(Failure) {
    var problems = Problems()
    deliver(formats, &problems, render: { render($0, place) }) { (bytes, suffix) throws(Failure) in
      try folder?.write(bytes, as: stem(path) + suffix)
    }
    try problems.settle()
  }

  /// The name of a file without folder and extension.
  private func stem(_ path: String) -> String {
    var name = path.split(separator: "/").last.map(String.init) ?? path
    if name.hasSuffix(".json"), name != ".json" { name.removeLast(5) }
    return name
  }

  /// Prints a saved run again; files are named after the one it came from, and replaced.
  func deliver(_ record: RunRecord, from path: String) throws(Failure) {
    var problems = Problems()
    problems.attempt { () throws(Failure) in
      try deliver(from: path) { format, place in format.render(record, options: place) }
    }
    noteDetails(of: record)
    problems.attempt { () throws(Failure) in
      try publishing?.publish(record, quiet: options.quiet)
    }
    try problems.settle()
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
    var problems = Problems()
    let saved = save(
      RecordCoding.encode(record),
      as: stamped("\(record.topology.name)-\(role)", created: record.created), in: folder, &problems
    )
    if let saved, !options.quiet { Console.note("record: \(saved.path)") }
    try problems.settle()
  }

  /// Saves and prints a comparison.
  func deliver(_ diff: Diff, baseline: RunRecord, candidate: RunRecord) throws(Failure) {
    var problems = Problems()
    deliver(
      name: stamped(
        "diff-\(baseline.topology.name)-\(candidate.topology.name)", created: candidate.created),
      json: options.noSave ? nil : RecordCoding.encode(diff), kind: "diff", &problems
    ) { format in format.render(diff, options: place) }
    try problems.settle()
  }

  /// Saves and prints a comparison of machines; formats of one run show the first two records.
  func deliver(_ hardware: HardwareComparison, of records: [RunRecord]) throws(Failure) {
    var problems = Problems()
    deliver(
      name: stamped("hardware-\(records[0].topology.name)", created: records[1].created),
      json: options.noSave ? nil : RecordCoding.encode(hardware), kind: "hardware", &problems
    ) { format in
      format.showsOverviews
        ? format.render(hardware, options: place)
        : format.render(Diff(baseline: records[0], candidate: records[1]), options: place)
    }
    try problems.settle()
  }

  /// Saves and prints a document that is shown as an overview; `kind` names it in what is told.
  func deliver(
    _ document: some ReportDocument, kind: String, name: String, created: String
  ) throws(Failure) {
    var problems = Problems()
    deliver(
      name: stamped(name, created: created),
      json: options.noSave ? nil : RecordCoding.encode(document), kind: kind, &problems
    ) { format in format.render(document, options: place) }
    try problems.settle()
  }

  /// Saves a document and prints it, with files beside it that nobody else has.
  @discardableResult
  private func deliver(
    name: String, json: [UInt8]?, kind: String, _ problems: inout Problems,
    render: (any ReportFormat) -> [UInt8]
  ) -> [(String, String)] {
    var name = name
    var paths: [(String, String)] = []
    let suffixes = formats.filter { !$0.isText }.map { "." + $0.fileExtension }
    if let folder, let json,
      let saved = save(json, as: name, beside: suffixes, in: folder, &problems)
    {
      name = saved.name
      paths.append((kind, saved.path))
    }
    return deliver(formats, paths: paths, &problems, render: render) {
      (bytes, suffix) throws(Failure) in
      guard let folder else { return nil }
      // Of files that go together the first takes the name; another run has it only in a race.
      let others = paths.isEmpty ? suffixes.filter { $0 != suffix } : []
      name = try folder.writeNew(bytes, as: name, suffix: suffix, beside: others)
      let path = folder.join(name + suffix)
      paths.append((suffix, path))
      return path
    }
  }

  /// Saves a document in the folder, or in the next place that can take it.
  private func save(
    _ json: [UInt8], as name: String, beside others: [String] = [], in folder: OutputFolder,
    _ problems: inout Problems
  ) -> (name: String, path: String)? {
    do throws(Failure) {
      let given = try folder.writeNew(json, as: name, suffix: ".json", beside: others)
      return (given, folder.join(given + ".json"))
    } catch {
      let refuge = Refuge.save(json, as: name)
      problems.add(Refuge.failure(error, savedAt: refuge))
      return refuge.map { (name, $0) }
    }
  }

  @discardableResult
  private func deliver(
    _ formats: [any ReportFormat], paths: [(String, String)] = [], _ problems: inout Problems,
    render: (any ReportFormat) -> [UInt8],
    write: (_ bytes: [UInt8], _ suffix: String) throws(Failure) -> String?
  ) -> [(String, String)] {
    var paths = paths
    for format in formats {
      let bytes = render(format)
      problems.attempt { () throws(Failure) in
        if format.isText {
          try Console.write(bytes)
        } else if let path = try write(bytes, "." + format.fileExtension) {
          paths.append((format.name, path))
        }
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
