import Files
import FoundationEssentials
import FuzzTargets
import Machine
import NumberedWork

/// `ntprof-fuzz`: changes documents and has their readers read them, for some seconds, in a child
/// process that is started again after each crash.
///
/// `ntprof-fuzz SECONDS [TARGET…]`; what crashed lies in `.build-fuzz/crashes/TARGET`, and ends it with
/// status 1. Built with the sanitizers of libFuzzer, the same readers run under that instead.
#if !NTPROF_LIBFUZZER
  @main
  enum FuzzRunner {
    static func main() {
      let words = CommandLine.arguments.dropFirst()
      if words.first == "--worker" { return work(Array(words.dropFirst())) }
      let seconds = words.first.flatMap { Double($0) } ?? 60
      let names = Set(words.dropFirst())
      let targets = FuzzTarget.all.filter { names.isEmpty || names.contains($0.name) }
      var isClean = true
      for target in targets {
        isClean = fuzz(target, seconds: seconds / Double(max(1, targets.count))) && isClean
      }
      OwnProcess.exit(isClean ? 0 : 1)
    }

    /// The document of a number: a seed and some changes.
    private static func document(_ number: UInt64, of seeds: [[UInt8]]) -> [UInt8] {
      var mutator = TextMutator(seed: number &* 0x2545_f491_4f6c_dd1d)
      return mutator.mutate(seeds[Int(number % UInt64(seeds.count))])
    }

    private static func seeds(of target: FuzzTarget) -> [[UInt8]] {
      target.seeds() + target.crashes
    }

    /// Runs documents from a number on, and says before each which one it is.
    private static func work(_ words: [String]) {
      guard words.count == 4, let target = FuzzTarget.all.first(where: { $0.name == words[0] }),
        let first = UInt64(words[1]), let parent = Int32(words[2]), let seconds = Double(words[3]),
        NumberedWork.begin(parent: parent)
      else { OwnProcess.exit(64) }
      let seeds = seeds(of: target)
      let end = Clock.now() + UInt64(seconds * 1e9)
      var number = first
      while Clock.now() < end {
        // A document that takes long has found something, too.
        NumberedWork.say(number)
        target.run(document(number, of: seeds))
        number += 1
      }
      NumberedWork.say(number)
    }

    /// Fuzzes one reader; whether nothing crashed it.
    private static func fuzz(_ target: FuzzTarget, seconds: Double) -> Bool {
      let begin = Clock.now()
      func left() -> Double { seconds - Double(Clock.now() - begin) * 1e-9 }
      var next: UInt64 = 0
      var crashes = 0
      while left() > 0 {
        guard
          let end = NumberedWork.child(
            ["--worker", target.name, "\(next)", "\(OwnProcess.id)", "\(left())"], seconds: left())
        else {
          return false
        }
        next = end.reached
        if end.ending == .exited(0) { break }
        crashes += 1
        save(document(next, of: seeds(of: target)), of: target, number: next, end.ending)
        next += 1
      }
      print("\(target.name): \(next) documents, \(crashes) crashes")
      return crashes == 0
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
    driven?.run(Array(UnsafeBufferPointer(start: data, count: count)))
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
    var mutator = TextMutator(seed: UInt64(seed))
    let bytes = mutator.mutate(Array(UnsafeBufferPointer(start: data, count: size))).prefix(room)
    for (place, byte) in bytes.enumerated() { data[place] = byte }
    return bytes.count
  }
#endif
