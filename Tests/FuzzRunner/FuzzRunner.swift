import Files
import FoundationEssentials
import FuzzTargets
import Machine
import NumberedWork

/// `ntprof-fuzz`: changes documents and has their readers read them, for some seconds, in a child
/// process that is started again after each crash.
///
/// `ntprof-fuzz SECONDS [TARGET…]`; what crashed lies in `.build-fuzz/crashes/TARGET`, and ends it with
/// status 1 when all readers have had their time. `--list` prints their names, and `--seeds FOLDER`
/// writes what their documents begin from. Built with the sanitizers of libFuzzer, the same readers run
/// under that instead.
#if !NTPROF_LIBFUZZER
  @main
  enum FuzzRunner {
    static func main() {
      let words = Array(CommandLine.arguments.dropFirst())
      if words.first == "--worker" { return work(Array(words.dropFirst())) }
      if let status = Corpus.answer(words) { OwnProcess.exit(status) }
      guard let seconds = Double(words.first ?? "60"), seconds > 0,
        let targets = Corpus.targets(Array(words.dropFirst()))
      else {
        print("usage: ntprof-fuzz [SECONDS [TARGET…] | --list | --seeds FOLDER [TARGET…]]")
        OwnProcess.exit(64)
      }
      var (documents, crashes, crashed) = (UInt64(0), 0, [String]())
      for target in targets {
        let found = fuzz(target, seconds: seconds / Double(targets.count))
        documents += found.documents
        crashes += found.crashes
        if !found.isClean { crashed.append(target.name) }
      }
      print("\(targets.count) readers: \(documents) documents, \(crashes) crashes")
      if !crashed.isEmpty { print("not clean: \(crashed.joined(separator: " "))") }
      OwnProcess.exit(crashed.isEmpty ? 0 : 1)
    }

    /// Where documents to begin from lie.
    private static let corpus = ".build-fuzz/corpus"

    /// The document of a number: a seed and some changes.
    private static func document(
      _ number: UInt64, of seeds: [[UInt8]], _ target: FuzzTarget
    ) -> [UInt8] {
      target.changed(
        seeds[Int(number % UInt64(seeds.count))], seed: number &* 0x2545_f491_4f6c_dd1d)
    }

    /// Runs documents from a number on, and says before each which one it is.
    private static func work(_ words: [String]) {
      guard words.count == 4, let target = FuzzTarget.all.first(where: { $0.name == words[0] }),
        let first = UInt64(words[1]), let parent = Int32(words[2]), let seconds = Double(words[3]),
        NumberedWork.begin(parent: parent)
      else { OwnProcess.exit(64) }
      let seeds = Corpus.read(target, below: corpus)
      guard !seeds.isEmpty else { OwnProcess.exit(66) }
      let end = Clock.now() + UInt64(seconds * 1e9)
      var number = first
      while Clock.now() < end {
        // A document that takes long has found something, too.
        NumberedWork.say(number)
        _ = target.run(document(number, of: seeds, target))
        number += 1
      }
      NumberedWork.say(number)
    }

    /// What came of one reader's time.
    private struct Found {
      var documents: UInt64 = 0
      var crashes = 0
      /// Whether nothing crashed it, and it could be run at all.
      var isClean = true
    }

    /// Fuzzes one reader for its time, whatever crashes it meanwhile.
    private static func fuzz(_ target: FuzzTarget, seconds: Double) -> Found {
      let begin = Clock.now()
      func left() -> Double { seconds - Double(Clock.now() - begin) * 1e-9 }
      var found = Found()
      guard Corpus.write(target, below: corpus) else { return Found(isClean: false) }
      let seeds = Corpus.read(target, below: corpus)
      while left() > 0 {
        guard
          let end = NumberedWork.child(
            ["--worker", target.name, "\(found.documents)", "\(OwnProcess.id)", "\(left())"],
            seconds: left())
        else {
          found.isClean = false
          break
        }
        found.documents = end.reached
        if end.ending == .exited(0) { break }
        if case .exited(let status) = end.ending, [64, 66].contains(status) {
          print("\(target.name): its process ends with \(status)")
          found.isClean = false
          break
        }
        found.crashes += 1
        found.isClean = false
        save(
          document(found.documents, of: seeds, target), of: target, number: found.documents,
          end.ending)
        found.documents += 1
      }
      print("\(target.name): \(found.documents) documents, \(found.crashes) crashes")
      return found
    }

    private static func save(
      _ bytes: [UInt8], of target: FuzzTarget, number: UInt64, _ ending: ChildProcess.Ending
    ) {
      let folder = ".build-fuzz/crashes/\(target.name)"
      try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let path = "\(folder)/\(number)"
      try? Data(bytes).write(to: URL(filePath: path))
      print("\(target.name): \(ending) by \(path)")
    }
  }
#else
  /// The reader that libFuzzer drives: that of `NTPROF_FUZZ_TARGET`.
  private let driven: FuzzTarget? = {
    let name = Environment.variable("NTPROF_FUZZ_TARGET") ?? "topology"
    return FuzzTarget.all.first { $0.name == name }
  }()

  /// What libFuzzer calls with each document.
  @_cdecl("LLVMFuzzerTestOneInput")
  public func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    _ = driven?.run(Array(UnsafeBufferPointer(start: data, count: count)))
    return 0
  }

  /// What libFuzzer calls first: answers `--list` and `--seeds`, which are not for it, and ends.
  @_cdecl("LLVMFuzzerInitialize")
  public func initialize(
    _ count: UnsafeMutablePointer<CInt>,
    _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>
  ) -> CInt {
    let given = (1..<max(1, Int(count.pointee))).compactMap { place in
      words.pointee?[place].map { String(cString: $0) }
    }
    if let status = Corpus.answer(given) { OwnProcess.exitAtOnce(status) }
    return 0
  }

  @_silgen_name("LLVMFuzzerMutate")
  private func libraryMutation(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ room: Int) -> Int

  /// What libFuzzer changes documents by: its own changes, or those that know numbers and brackets.
  @_cdecl("LLVMFuzzerCustomMutator")
  public func customMutation(
    _ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ room: Int, _ seed: UInt32
  ) -> Int {
    if seed % 3 == 0 { return libraryMutation(data, size, room) }
    guard let driven else { return libraryMutation(data, size, room) }
    let document = Array(UnsafeBufferPointer(start: data, count: size))
    let bytes = driven.changed(document, seed: UInt64(seed)).prefix(room)
    for (place, byte) in bytes.enumerated() { data[place] = byte }
    return bytes.count
  }
#endif
