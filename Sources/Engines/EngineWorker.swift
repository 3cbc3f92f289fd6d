import Files
import FoundationEssentials
import Machine

/// A process that runs one engine: a Python that was given the worker's script.
///
/// It is spoken to in lines of JSON over descriptors 3 and 4, because libraries print to the standard
/// ones. A worker that ends, says nothing or says rubbish is an ``EngineError``; the process ends with
/// this object, and with ntprof.
public final class EngineWorker {
  /// What it says of itself.
  public private(set) var facts: EngineFacts
  /// The Python that runs it.
  public let python: String

  private let process: ChildProcess
  private let channel: WorkerChannel
  private let errors: MemoryFile
  private let limits: WorkerLimits
  private let isCancelled: () -> Bool
  private var number = 0

  /// Starts a worker and greets it.
  ///
  /// - Parameters:
  ///   - engine: The engine.
  ///   - python: The Python to run it with.
  ///   - environment: All of its environment.
  ///   - limits: How long nothing may come.
  ///   - isCancelled: Whether the user asked to stop.
  /// - Throws: ``EngineError``; its ``EngineError/isOfThisPython`` says whether another one may do.
  public init(
    _ engine: EngineName, python: String, environment: [String: String],
    limits: WorkerLimits = .standard, isCancelled: @escaping () -> Bool = { false }
  ) throws(EngineError) {
    self.python = python
    self.limits = limits
    self.isCancelled = isCancelled
    do throws(SystemCallError) {
      channel = try WorkerChannel()
      errors = try MemoryFile("errors")
      let script = try MemoryFile("worker")
      try script.write(PackageResources.worker_py)
      var settings = environment
      // Nothing that a user keeps for the interpreter may reach the worker's own imports.
      settings["PYTHONDONTWRITEBYTECODE"] = "1"
      settings["PYTHONUTF8"] = "1"
      process = try ChildProcess(
        python, arguments: ["-u", "/proc/self/fd/5", engine.rawValue], environment: settings,
        descriptors: [
          (2, errors.descriptor), (3, channel.theirs.requests), (4, channel.theirs.answers),
          (5, script.descriptor),
        ])
    } catch {
      throw EngineError(.notStarted, "\(error)", remedy: error.shortageRemedy)
    }
    channel.closeTheirs()
    facts = EngineFacts(protocol: 0, engine: "", version: "", python: "")
    facts = try ask(Requests.Hello(), silence: limits.hello)
    guard facts.protocol == Requests.version, facts.engine == engine.rawValue else {
      throw EngineError(
        .protocol,
        "the worker speaks protocol \(facts.protocol) of '\(facts.engine)', "
          + "not \(Requests.version) of '\(engine.rawValue)'")
    }
  }

  deinit { quit() }

  /// Its process number.
  public var id: Int32 { process.id }

  /// Has it load a network and run one pass.
  public func load(_ request: LoadRequest) throws(EngineError) -> Loaded {
    try ask(request, silence: limits.load)
  }

  /// Has it run passes.
  ///
  /// - Parameters:
  ///   - kind: What they are instrumented with.
  ///   - passes: The fewest.
  ///   - seconds: The least time.
  ///   - warmup: Passes and seconds before them that are not kept.
  ///   - expected: What a pass takes, seconds; 0 when unknown.
  /// - Returns: Their times, ns.
  /// - Throws: ``EngineError`` of the worker.
  public func run(
    _ kind: PassKind, passes: Int, seconds: Double, warmup: (passes: Int, seconds: Double),
    expected: Double = 0
  ) throws(EngineError) -> [Double] {
    var samples: [Double] = []
    let request = Requests.Run(
      kind: kind, warmupNs: Int(warmup.seconds * 1e9), warmupPasses: warmup.passes, passes: passes,
      untilNs: Int(seconds * 1e9))
    let _: RunAnswer = try ask(
      request, silence: max(limits.run, 10 * expected) + warmup.seconds, stopsWhenCancelled: true
    ) { samples += $0 }
    guard samples.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw EngineError(.protocol, "a time is negative or no number")
    }
    return samples
  }

  /// The timed passes so far, and the graph that was executed.
  public func profile() throws(EngineError) -> EngineProfile {
    try WorkerLine.checked(try ask(Requests.Nodes(), silence: limits.run))
  }

  /// Has it end, and waits until it has.
  public func quit() {
    guard process.poll() == nil else { return }
    number += 1
    if let line = try? encode(Requests.Quit()) { _ = channel.send(line) }
    let patience = Clock.now() + UInt64(limits.quit * 1e9)
    while process.poll() == nil, Clock.now() < patience {
      if case .end = channel.receive(milliseconds: 20) { Pause.milliseconds(2) }
    }
    process.kill()
  }

  /// Its largest resident set so far, bytes; nil when the kernel does not say.
  public var peakMemoryBytes: Int? { ProcessAccount(id: id).peakResidentBytes }

  /// Waits until none of its threads works or spins any more; false when they still do after
  /// `seconds`.
  public func settle(seconds: Double) -> Bool {
    let account = ProcessAccount(id: id)
    let end = Clock.now() + UInt64(seconds * 1e9)
    var before = account.cpuNs
    while Clock.now() < end {
      Pause.milliseconds(20)
      let now = account.cpuNs
      if now &- before < 300_000 { return true }
      before = now
    }
    return false
  }
}

extension EngineWorker {
  private struct Numbered<Request: Encodable>: Encodable {
    let id: Int
    let request: Request

    enum CodingKeys: String, CodingKey { case id }

    func encode(to encoder: any Encoder) throws {
      try request.encode(to: encoder)
      var values = encoder.container(keyedBy: CodingKeys.self)
      try values.encode(id, forKey: .id)
    }
  }

  private func encode(_ request: some Encodable) throws -> [UInt8] {
    Array(try JSONEncoder().encode(Numbered(id: number, request: request)))
  }

  /// Sends a request and waits for its answer.
  private func ask<Answer: Decodable>(
    _ request: some Encodable, silence: Double, stopsWhenCancelled: Bool = false,
    _ take: ([Double]) -> Void = { _ in }
  ) throws(EngineError) -> Answer {
    number += 1
    let asked = number
    guard let line = try? encode(request) else {
      throw EngineError(.protocol, "a request cannot be written")
    }
    guard channel.send(line) else { throw ended(partial: []) }
    // What a worker says of its first pass has a part in it.
    let patience = UInt64(min(silence, 1e9) * 1e9)
    var deadline = Clock.now() + patience
    var toldToStop = false
    while true {
      switch channel.receive(milliseconds: 50) {
      case .line(let bytes):
        deadline = Clock.now() + patience
        let message: Envelope<Answer> = try WorkerLine.decode(bytes)
        guard message.re == asked else {
          throw EngineError(.protocol, "the worker answers \(message.re), not \(asked)")
        }
        if let samples = message.samples { take(samples) }
        if let fault = message.error { throw Self.error(fault) }
        if let answer = message.ok { return answer }
      case .nothing:
        if isCancelled(), !toldToStop {
          guard stopsWhenCancelled else { throw EngineError(.cancelled, "interrupted") }
          toldToStop = true
          number += 1
          if let line = try? encode(Requests.Stop()) { _ = channel.send(line) }
        }
        guard Clock.now() < deadline else {
          process.kill()
          let seconds = Int((Double(patience) * 1e-9).rounded(.up))
          throw EngineError(
            .silent, "nothing came from the worker for \(seconds) s\(lastWords)")
        }
      case .end(let partial): throw ended(partial: partial)
      case .tooLong:
        throw EngineError(.protocol, "a line of more than \(WorkerChannel.longestLine >> 20) MB")
      }
    }
  }

  private static func error(_ fault: Fault) -> EngineError {
    EngineError(
      EngineError.Code(rawValue: fault.code) ?? .engine, fault.message, node: fault.node,
      remedy: fault.remedy)
  }

  /// The error of a worker that has closed its end.
  private func ended(partial: [UInt8]) -> EngineError {
    let ending = process.wait(seconds: limits.quit).map { "ended with \($0)" } ?? "closed its end"
    process.kill()
    let rest = partial.isEmpty ? "" : " in the middle of an answer"
    return EngineError(.ended, "the worker \(ending)\(rest)\(lastWords)")
  }

  /// The last line of its standard error.
  private var lastWords: String {
    let text = String(decoding: errors.contents().suffix(4096), as: UTF8.self)
    let lines = text.split(whereSeparator: \.isNewline)
    return lines.last.map { ": \($0)" } ?? ""
  }
}
