import Glibc

/// `conformance LIST FOLDER [LEAST]`: runs the node tests that a list names, says of each that did not
/// pass why, and fails when one is wrong or fewer than LEAST passed.
let arguments = CommandLine.arguments
guard arguments.count >= 3, let list = fopen(arguments[1], "r") else {
  print("usage: conformance LIST FOLDER [LEAST]")
  exit(64)
}
var names: [String] = []
while let line = readLine(of: list) {
  let name = line.prefix { $0 != "#" }.filter { !$0.isWhitespace }
  if !name.isEmpty { names.append(String(name)) }
}
fclose(list)

var (passed, unsupported, wrong, absent) = (0, 0, 0, 0)
for name in names {
  switch ConformanceCase(folder: "\(arguments[2])/\(name)").run() {
  case .passed: passed += 1
  case .unsupported(let reason):
    unsupported += 1
    print("unsupported  \(name):\(reason)")
  case .wrong(let reason):
    wrong += 1
    print("WRONG        \(name): \(reason)")
  case .absent:
    absent += 1
    print("absent       \(name)")
  }
}
print(
  "\(passed) passed, \(unsupported) unsupported, \(wrong) wrong, \(absent) absent of \(names.count)"
)
if absent > 0 { print("the data are Debian's: apt-get install libonnx-testdata") }
let least = arguments.count > 3 ? Int(arguments[3]) ?? 0 : 0
exit(wrong > 0 || passed < least ? 1 : 0)

/// The next line of a file; `nil` at its end.
func readLine(of file: UnsafeMutablePointer<FILE>) -> String? {
  var line: UnsafeMutablePointer<CChar>?
  var capacity = 0
  defer { free(line) }
  guard getline(&line, &capacity, file) >= 0, let line else { return nil }
  return String(cString: line)
}
