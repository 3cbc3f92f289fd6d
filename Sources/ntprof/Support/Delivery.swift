import FoundationEssentials
import Profiling
import Reports

/// Sends a record or a diff where the output options say.
struct Delivery {
  let options: OutputOptions
  private let publishing: PublishOptions?
  private let folder: OutputFolder?

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
    ReportOptions(width: Console.width, color: Console.hasColor)
  }

  /// The formats asked for, by default the table and the page, and what is published.
  private var formats: [any ReportFormat] {
    var names = options.format.isEmpty ? ["table", "html"] : options.format
    for name in publishing?.formats ?? [] where !names.contains(name) { names.append(name) }
    return names.compactMap { ReportFormats.format(named: $0) }
  }

  /// Saves and prints a run, and publishes it last.
  func deliver(_ record: RunRecord, saveRecord: Bool = true) throws(Failure) {
    try deliver(
      base: record.topology.name, created: record.created,
      json: saveRecord && !options.noSave ? RecordCoding.encode(record) : nil, kind: "record"
    ) { format in format.render(record, options: place) }
    if options.verbose { for line in Details(record: record).lines { Console.note(line) } }
    try publishing?.publish(record, quiet: options.quiet)
  }

  /// Saves and prints a comparison.
  func deliver(_ diff: Diff, baseline: RunRecord, candidate: RunRecord) throws(Failure) {
    try deliver(
      base: "diff-\(baseline.topology.name)-\(candidate.topology.name)", created: candidate.created,
      json: options.noSave ? nil : RecordCoding.encode(diff), kind: "diff"
    ) { format in format.render(diff, options: place) }
  }

  private func deliver(
    base: String, created: String, json: [UInt8]?, kind: String,
    render: (any ReportFormat) -> [UInt8]
  ) throws(Failure) {
    let stamp = created.filter(\.isNumber)
    let wanted = "\(safe(base))-\(stamp.prefix(8))-\(stamp.dropFirst(8).prefix(6))"
    let name = folder?.freeName(wanted, suffix: ".json") ?? wanted
    var paths: [(String, String)] = []
    if let json, let folder { paths.append((kind, try folder.write(json, as: name + ".json"))) }
    for format in formats {
      let bytes = render(format)
      if format.isText {
        try Console.write(bytes)
      } else if let folder {
        paths.append((format.name, try folder.write(bytes, as: "\(name).\(format.fileExtension)")))
      }
    }
    guard !options.quiet else { return }
    for (what, path) in paths { Console.note("\(what): \(path)") }
  }

  /// A topology's name as part of a file name.
  private func safe(_ name: String) -> String {
    String(
      String.UnicodeScalarView(
        name.unicodeScalars.map { scalar in
          scalar == "/" || scalar == "\\" || scalar == " " || scalar.value < 32 ? "_" : scalar
        }.prefix(100)))
  }
}
