import Profiling
import Reports
import TestSupport
import Testing
import FoundationEssentials

@Test func look() throws {
  let r = SampleRecords.deepspeech()
  print(String(decoding: TableFormat().render(r), as: UTF8.self))
  print(String(decoding: TableFormat().render(r, options: ReportOptions(width: 80)), as: UTF8.self))
  print(String(decoding: TableFormat().render(SampleRecords.deepspeechShown()), as: UTF8.self))
  print(String(decoding: TableFormat().render(SampleRecords.withHardwareCounters()), as: UTF8.self))
  print(String(decoding: TableFormat().render(SampleRecords.hostile()), as: UTF8.self))

  let d = Diff(baseline: r, candidate: SampleRecords.variant())
  print(String(decoding: TableFormat().render(d), as: UTF8.self))
  print(String(decoding: TableFormat().render(Diff(baseline: r, candidate: SampleRecords.remeasured(slowdown: 1.05), paired: true)), as: UTF8.self))
  print(String(decoding: MarkdownFormat().render(d), as: UTF8.self))
  print(String(decoding: CSVFormat().render(d), as: UTF8.self))
  try? Data(RecordCoding.encode(d)).write(to: URL(filePath: "/tmp/rep-diff.json"))
  try? Data(RecordCoding.encode(r)).write(to: URL(filePath: "/tmp/rep-sample.json"))
}
