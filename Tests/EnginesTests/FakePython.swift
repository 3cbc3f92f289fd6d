import FoundationEssentials
import Glibc

/// A test double of a Python that has an engine: a shell script that speaks a worker's part, well or
/// badly, and needs neither Python nor a wheel.
struct FakePython {
  /// The script's file.
  let path: String

  /// A worker that does everything right: two nodes, of 1 and 2 ms in a pass of 4.
  static let honest = """
    ask() { read -r line <&3 || exit 0; id=$(printf %s "$line" | sed 's/.*"id":\\([0-9]*\\).*/\\1/'); }
    say() { printf '%s\\n' "$1" >&4; }
    while :; do
      ask
      case "$line" in
      *'"hello"'*) say '{"re":'$id',"ok":{"protocol":1,"engine":"onnxruntime","version":"9.8.7","python":"3.0"}}' ;;
      *'"load"'*)
        say '{"re":'$id',"progress":"loading"}'
        say '{"re":'$id',"ok":{"load_ns":5,"first_ns":7,"settings":{"a_b":"1"},"alternates":true,"outputs":[]}}' ;;
      *'"run"'*)
        say '{"re":'$id',"samples":[4000000,4000000]}'
        say '{"re":'$id',"ok":{"passes":2,"warmup":1,"stopped":false}}' ;;
      *'"nodes"'*)
        say '{"re":'$id',"ok":{"nodes":[{"name":"a","op":"Conv","ns":[1000000]},{"name":"b","op":"Relu","ns":[2000000]}],"passes_ns":[4000000],"graph":[]}}' ;;
      *'"quit"'*) exit 0 ;;
      esac
    done
    """

  /// Greets as it should, then does what `after` says.
  static func greeting(_ after: String) -> String {
    """
    read -r line <&3
    printf '%s\\n' '{"re":1,"ok":{"protocol":1,"engine":"onnxruntime","version":"1","python":"3"}}' >&4
    read -r line <&3
    \(after)
    """
  }

  /// Runs `body` with a script as the Python.
  static func with<Result>(_ script: String, _ body: (FakePython) throws -> Result) throws -> Result
  {
    let path = "/tmp/ntprof-fake-\(UInt64.random(in: .min ... .max))"
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o755)
    defer { unlink(path) }
    let bytes = Array("#!/bin/sh\n\(script)\n".utf8)
    _ = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    close(file)
    return try body(FakePython(path: path))
  }
}
