import Profiling

/// A line that a worker wrote, as what it says.
package enum WorkerLine {
  /// Reads a message.
  ///
  /// - Throws: ``EngineError`` where it is none, or has numbers that nothing is measured by.
  static func decode<Message: Decodable>(_ bytes: [UInt8]) throws(EngineError) -> Message {
    do { return try CheckedJSON.decode(Message.self, from: bytes) } catch {
      let text = String(decoding: bytes.prefix(80), as: UTF8.self)
      throw EngineError(.protocol, "the worker wrote what is no answer: '\(text)'")
    }
  }

  /// The profile of an answer to what the timed passes were; nil of a message that holds none.
  ///
  /// - Throws: ``EngineError`` where it is no message, or a profile that contradicts itself.
  package static func profile(_ bytes: [UInt8]) throws(EngineError) -> EngineProfile? {
    let message: Envelope<EngineProfile> = try decode(bytes)
    return try message.ok.map { (profile) throws(EngineError) in try checked(profile) }
  }

  /// What an answer to the greeting, to loading or to a block of passes says; nil of a message of none of them.
  package static func words(_ bytes: [UInt8]) -> String? {
    func answer<Answer: Decodable>(_ type: Answer.Type) -> Answer? {
      (try? decode(bytes) as Envelope<Answer>)?.ok
    }
    if let facts = answer(EngineFacts.self) { return "\(facts.engine) \(facts.version)" }
    if let loaded = answer(Loaded.self) { return "\(loaded.loadNs) \(loaded.outputs.count)" }
    return answer(RunAnswer.self).map { "\($0.passes)" }
  }

  /// A profile without contradictions.
  static func checked(_ profile: EngineProfile) throws(EngineError) -> EngineProfile {
    if let fault = profile.fault { throw EngineError(.protocol, fault) }
    return profile
  }
}
