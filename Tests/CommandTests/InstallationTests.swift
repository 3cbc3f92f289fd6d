import Foundation
import Testing

/// What a user has of an installed ntprof: bundled names, help whose examples run, completions, man
/// pages, `make install` and `make uninstall`.
@Suite("Installation", .serialized)
struct InstallationTests {
  /// Names of the files in `topologies/`.
  private static func bundled() throws -> [String] {
    try Tool.contents(Tool.root.appending(path: "topologies")).filter { $0.hasSuffix(".xml") }
      .map { String($0.dropLast(4)) }.sorted()
  }

  @Test("list has every file of topologies/, with parameters, MACs and a title")
  func list() async throws {
    let result = try await Tool.run(["list", "--format", "json"])
    #expect(result.status == 0, "\(result.error)")
    let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    let rows = try #require(object?["topologies"] as? [[String: Any]])
    #expect(rows.compactMap { $0["name"] as? String } == (try Self.bundled()))
    for row in rows {
      let title = try #require(row["title"] as? String)
      #expect((3...100).contains(title.count), "\(row["name"] ?? ""): title '\(title)'")
      #expect((row["macs"] as? Int ?? 0) > 0 && (row["parameters"] as? Int ?? 0) > 0)
    }
    let table = try await Tool.run(["list"])
    let line = table.output.split(separator: "\n").first { $0.hasPrefix("alexnet ") }
    #expect(
      line?.split(separator: " ").joined(separator: " ")
        == "alexnet 61,100,840 714,188,480 AlexNet in one tower (arXiv:1404.5997)")
  }

  @Test("a bundled name works as a path does; a file of that name wins; a slip gets a suggestion")
  func names() async throws {
    try await Tool.withFolder { folder in
      let show = try await Tool.shell("ntprof show alexnet --format json", in: folder)
      #expect(show.status == 0, "\(show.error)")
      #expect(show.output.contains("topologies/alexnet.xml"))
      let own = """
        <topology name="mine" version="1"><input name="x" shape="2x3" layout="nc"/>
        <layer name="fc"><fc units="4"/></layer></topology>
        """
      try own.write(to: folder.appending(path: "alexnet"), atomically: true, encoding: .utf8)
      let check = try await Tool.shell("mkdir resnet18; ntprof check alexnet resnet18", in: folder)
      #expect(check.status == 0, "\(check.error)")
      #expect(check.output.contains("valid: mine") && check.output.contains("valid: resnet18"))
      for (name, words) in [
        ("alexnett", "did you mean the bundled 'alexnet'?"),
        ("alexnett.xml", "did you mean the bundled 'alexnet'?"),
        ("depspeech-0.9", "did you mean the bundled 'deepspeech-0.9'?"),
        ("zzzzzz", "'ntprof list' names the bundled networks"),
      ] {
        let slip = try await Tool.shell("ntprof show \(name)", in: folder)
        #expect(slip.status == 66 && slip.error.contains(words), "\(slip.error)")
      }
      let path = try await Tool.shell("ntprof show ./alexnett", in: folder)
      #expect(path.status == 66 && !path.error.contains("did you mean"), "\(path.error)")
    }
  }

  @Test("NTPROF_TOPOLOGIES names the folder; a file that is invalid there does not hide the others")
  func ownFolder() async throws {
    try await Tool.withFolder { folder in
      let source = Tool.topology("alexnet")
      let result = try await Tool.shell(
        "cp '\(source)' mine.xml; echo '<x/>' >broken.xml; ntprof list", in: folder,
        environment: ["NTPROF_TOPOLOGIES": folder.path(percentEncoded: false)])
      #expect(result.status == 65)
      #expect(result.output.contains("mine ") && result.error.contains("broken.xml"))
      let none = try await Tool.shell(
        "ntprof list", environment: ["NTPROF_TOPOLOGIES": "/nowhere"])
      #expect(none.status == 66 && none.error.contains("NTPROF_TOPOLOGIES"), "\(none.error)")
    }
  }

  @Test("--version says the version, oneDNN's, and the commit where the build knew it")
  func version() async throws {
    let result = try await Tool.run(["--version"])
    #expect(
      try /ntprof 0\.1\.0 \((commit [0-9a-f]{7,40}(-dirty)?, )?oneDNN [0-9]+\.[0-9]+\.[0-9]+\)\n/
        .wholeMatch(in: result.output) != nil, "\(result.output)")
  }

  // MARK: Help

  private struct Dump: Decodable {
    struct Command: Decodable {
      var commandName: String
      var discussion: String?
      var shouldDisplay: Bool?
      var subcommands: [Command]?
    }

    var command: Command
  }

  @Test("the examples in the help of every command run")
  func examples() async throws {
    let dump = try await Tool.run(["--experimental-dump-help"])
    let root = try JSONDecoder().decode(Dump.self, from: Data(dump.output.utf8)).command
    let commands = (root.subcommands ?? []).filter {
      $0.shouldDisplay != false && $0.commandName != "help"
    }
    #expect(commands.map(\.commandName).contains("profile"))
    try await Tool.withFolder { folder in
      let networks = try Self.standIns(in: folder)
      try await Self.ownFiles(in: folder, networks: networks)
      let slurm = try FakeSlurm(folder)
      for command in [root] + commands {
        let words = (command.discussion ?? "").components(separatedBy: "Examples:\n").last ?? ""
        let examples = words.split(separator: "\n").map { $0.drop(while: \.isWhitespace) }
          .prefix { $0.hasPrefix("ntprof ") }
        #expect(examples.count >= 2, "\(command.commandName) has no examples in its help")
        // What fetches packages from elsewhere is nothing for a test.
        for example in examples where !example.contains("engines install") {
          // As it stands, but no longer than it must take.
          let short = Self.short[String(example.split(separator: " ")[1])] ?? ""
          var environment = ["NTPROF_TOPOLOGIES": networks]
          if example.contains("--launch slurm") || example.contains("--launch 'slurm") {
            environment["PATH"] = slurm.path(behind: Tool.products)
          }
          let result = try await Tool.shell(
            "\(example) \(short)", in: folder, environment: environment)
          // What a gate says of so short a run is no matter, and an engine may not be installed.
          var fine: [Int32] = example.contains("--gate") ? [0, 1, 2] : [0]
          if example.contains("onnxruntime") { fine.append(69) }
          #expect(fine.contains(result.status), "\(example): \(result.error)")
        }
      }
    }
  }

  /// What makes a run of a command short.
  private static let short = [
    "profile": "--quiet --iterations 1 --warmup 0",
    "diff": "--quiet --iterations 1 --warmup 0 --processes 1",
    "sweep": "--quiet --iterations 1 --warmup 0 --rounds 1",
    "bricks": "--quiet --iterations 1 --warmup 0 --processes 1",
    "predict": "--quiet --time 0.01",
  ]

  /// What stands in for the files of the examples that a reader would bring.
  private static func ownFiles(in folder: URL, networks: String) async throws {
    for (file, name) in [("tiny.onnx", "model.onnx"), ("tiny-input.npy", "image.npy")] {
      try FileManager.default.copyItem(
        at: Tool.root.appending(path: "Tests/Fixtures/\(file)"),
        to: folder.appending(path: name))
    }
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 1, 8), }"
    var array = Data([0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0])
    array += Data(header.padding(toLength: 117, withPad: " ", startingAt: 0).utf8 + [0x0A])
    array += Data(count: 4 * 32)
    try array.write(to: folder.appending(path: "x.npy"))
    let log = """
      onednn_verbose,info,oneDNN v2.6.3 (commit N/A)
      onednn_verbose,exec,cpu,rnn,ref:any,forward_inference,src_layer_f32::blocked:abc:f0 \
      src_iter_undef::undef::f0 wei_layer_f32::blocked:abcde:f0 wei_iter_f32::blocked:abcde:f0 \
      bias_f32::blocked:abcd:f0 dst_layer_f32::blocked:abc:f0 dst_iter_undef::undef::f0,,alg:vanilla_lstm \
      direction:unidirectional_left2right activation:undef,l1t4mb1sic8slc8dhc8dic8,0.05

      """
    try log.write(to: folder.appending(path: "verbose.log"), atomically: true, encoding: .utf8)
    try "mb1ic3ih8oc4oh8kh3ph1n\"a\"\n".write(
      to: folder.appending(path: "shapes_resnet_50"), atomically: true, encoding: .utf8)
    let made = try await Tool.shell(
      """
      ntprof export deepspeech --format pytorch --file deepspeech.py --quiet &&
      ntprof profile resnet50 --iterations 1 --no-save --quiet --format json >ours.json &&
      ntprof profile squeezenet-1.1 --batch 2 --iterations 1 --no-save --quiet --format json >here.json &&
      sed 's/"cpu": "/"cpu": "Another /' here.json >elsewhere.json &&
      ntprof machine --threads 1 --format json >there.json &&
      ntprof profile resnet50 --iterations 1 --no-save --quiet --format json >other-here.json
      """, in: folder, environment: ["NTPROF_TOPOLOGIES": networks])
    try #require(made.status == 0, "\(made.error)")
  }

  /// A folder with a small network under the name of every bundled one.
  private static func standIns(in folder: URL) throws -> String {
    let networks = folder.appending(path: "networks")
    try FileManager.default.createDirectory(at: networks, withIntermediateDirectories: true)
    for name in try bundled() {
      let text = """
        <topology name="\(name)" version="1"><param name="hidden" value="8"/>
          <input name="features" shape="4x1x8" layout="tnc"/>
          <marker action="start" name="rnn"/>
          <layer name="bilstm"><lstm hidden="${hidden}"/></layer>
          <marker action="stop" name="rnn"/>
        </topology>
        """
      try text.write(
        to: networks.appending(path: "\(name).xml"), atomically: true, encoding: .utf8)
    }
    return networks.path(percentEncoded: false)
  }

  // MARK: Completions

  @Test("bash completes names, layers, params and formats of the topology that is named")
  func completions() async throws {
    let script = """
      source <(ntprof --generate-completion-script bash)
      complete_words() {
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
        COMPREPLY=(); local prev=${COMP_WORDS[COMP_CWORD - 1]}
        _ntprof ntprof "${!#}" "$prev"; (IFS='|'; echo "${COMPREPLY[*]}")
      }
      complete_words ntprof profile deepsp
      complete_words ntprof profile deepspeech --layers ''
      complete_words ntprof profile deepspeech --layers fc1,bi
      complete_words ntprof profile deepspeech --layers fc4..fc
      complete_words ntprof profile --batch 2 deepspeech --set h
      complete_words ntprof sweep deepspeech --set s
      complete_words ntprof sweep deepspeech --precision f32,b
      complete_words ntprof profile deepspeech --format tr
      complete_words ntprof profile deepspeech --precision ''
      complete_words ntprof diff topologies/alexn
      complete_words ntprof li
      """
    let result = try await Tool.shell(script)
    let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false).map {
      String($0)
    }
    try #require(lines.count > 10, "\(result.error)")
    #expect(lines[0].hasPrefix("deepspeech|deepspeech-0.9|deepspeech-e2e|"))
    #expect(lines[1] == "all|marked|fc1|fc2|fc3|bilstm|fc4|fc5|@fc1-3|@rnn|@fc4-5")
    #expect(lines[2] == "fc1,bilstm")
    #expect(lines[3].contains("fc4..fc5"))
    #expect(lines[4] == "hidden=")
    #expect(lines[5] == "steps=")
    #expect(lines[6] == "f32,bf16")
    #expect(lines[7] == "trace")
    #expect(lines[8] == "f32|bf16|int8")
    #expect(lines[9] == "topologies/alexnet.xml")
    #expect(lines[10] == "list")
  }

  /// What a completion script asks the program, and what it is to say.
  struct Question: Sendable {
    /// The command and its argument, as scripts name them.
    var place: String
    /// The command line so far; the cursor is behind its last word.
    var line: String
    var answers: [String]
  }

  private static let questions = [
    Question(
      place: "profile -- positional@0", line: "ntprof profile deepspeech-",
      answers: ["deepspeech-0.9", "deepspeech-e2e"]),
    Question(
      place: "profile -- --layers", line: "ntprof profile deepspeech --layers fc1,bi",
      answers: ["fc1,bilstm"]),
    Question(
      place: "profile -- --layers", line: "ntprof profile deepspeech --layers @",
      answers: ["@fc1-3", "@rnn", "@fc4-5"]),
    Question(
      place: "profile -- --set", line: "ntprof profile --batch 2 deepspeech --set h",
      answers: ["hidden="]),
    Question(
      place: "sweep -- --precision", line: "ntprof sweep deepspeech --precision f32,b",
      answers: ["f32,bf16"]),
    Question(
      place: "diff -- positional@0", line: "ntprof diff topologies/alexn",
      answers: ["topologies/alexnet.xml"]),
  ]

  /// The calls that each script makes, made without its shell.
  @Test(
    "zsh and fish are told names, layers, params and formats by the calls that their scripts make",
    arguments: ["zsh", "fish"])
  func otherShells(_ shell: String) async throws {
    let script = try await Tool.run(["--generate-completion-script", shell])
    #expect(script.status == 0, "\(script.error)")
    for question in Self.questions {
      #expect(script.output.contains("---completion \(question.place) "), "\(question.place)")
      let words = question.line.split(separator: " ").map(String.init)
      let place = question.place.split(separator: " ").map(String.init)
      // The last word's place among all, and the cursor's in it.
      let cursor = ["\(words.count - 1)", "\(words.last?.count ?? 0)"]
      let call = (["ntprof", "---completion"] + place + cursor + words)
        .map { "'\($0)'" }.joined(separator: " ")
      let result = try await Tool.shell(
        call, environment: ["SAP_SHELL": shell, "SAP_SHELL_VERSION": "5"])
      #expect(result.status == 0, "\(result.error)")
      // For zsh a line follows that its script drops.
      var lines = result.output.split(separator: "\n").map(String.init)
      let last = shell == "zsh" ? lines.popLast() : " "
      #expect(last == " ")
      #expect(lines == question.answers, "\(question.line)")
    }
    // What does not depend on a topology stands in the script.
    for choices in [["f32", "bf16", "int8"], ["html", "trace", "speedscope", "otlp"]] {
      let words = choices.map { shell == "zsh" ? "'\($0)'" : $0 }
      #expect(script.output.contains(words.joined(separator: " ")), "\(choices)")
    }
    #expect(!script.output.contains("measure-child"))
  }

  // MARK: make install

  private static let hasTools = ["/usr/bin/python3", "/usr/bin/make"].allSatisfy {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  @Test(
    "make install-files makes what runs from its prefix; uninstall leaves nothing",
    .enabled(if: hasTools))
  func install() async throws {
    try await Tool.withFolder { folder in
      let program = Tool.products.appending(path: "ntprof").path(percentEncoded: false)
      let base = folder.path(percentEncoded: false)
      let make =
        "make -s NTPROF='\(program)' DESTDIR='\(base)/dest' PREFIX=/opt/np MANUAL='\(base)/manual'"
      let install = try await Tool.shell("\(make) install-files")
      #expect(install.status == 0, "\(install.error)")
      let prefix = "\(base)/dest/opt/np"
      let list = try await Tool.shell(
        "ln -s '\(prefix)/bin/ntprof' link; ./link list --format json", in: folder)
      #expect(list.status == 0, "\(list.error)")
      #expect(list.output.contains("np/share/ntprof/topologies"))
      #expect(
        try Tool.contents(URL(filePath: "\(prefix)/share/ntprof/topologies")).count
          == (try Self.bundled().count) + 1)

      // Man pages: every command that is shown has one, and says its options and examples.
      let pages = try Tool.contents(URL(filePath: "\(prefix)/share/man/man1"))
      #expect(pages.contains("ntprof-sweep.1") && !pages.contains("ntprof-measure-child.1"))
      let main = try String(contentsOfFile: "\(prefix)/share/man/man1/ntprof.1", encoding: .utf8)
      for heading in ["NAME", "COMMANDS", "EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES"] {
        #expect(main.contains("\n.SH \(heading)\n"))
      }
      #expect(main.contains("\n\\fB66\\fR\n"))
      let profile = try String(
        contentsOfFile: "\(prefix)/share/man/man1/ntprof-profile.1", encoding: .utf8)
      #expect(profile.contains("\\fB\\-\\-layers\\fR") && profile.contains("\n.SH EXAMPLES\n"))

      let uninstall = try await Tool.shell("\(make) uninstall; find '\(base)/dest' -type f")
      #expect(uninstall.status == 0 && uninstall.output.isEmpty, "\(uninstall.output)")
    }
  }

  @Test("the man page names every environment variable that the sources read")
  func environment() throws {
    let page = try String(
      contentsOf: Tool.root.appending(path: "packaging/man.py"), encoding: .utf8)
    let sources = FileManager.default.enumerator(
      at: Tool.root.appending(path: "Sources"), includingPropertiesForKeys: nil)
    var names: Set<String> = []
    for case let file as URL in try #require(sources) where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: /(?:getenv|variable|filled)\("([A-Z_]+)"\)/) {
        names.insert(String(match.1))
      }
    }
    #expect(names.isSuperset(of: ["NO_COLOR", "NTPROF_TOPOLOGIES", "XDG_CACHE_HOME"]))
    for name in names { #expect(page.contains("\(name)"), "\(name)") }
  }
}
