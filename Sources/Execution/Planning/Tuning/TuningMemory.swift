import DNNL
import Measuring
import Profiling

/// One implementation that a search timed, and how to ask oneDNN for it again.
public struct TunedImplementation: Codable, Hashable, Sendable {
  /// Why an implementation is not to be used.
  public enum Fault: String, Codable, Hashable, Sendable {
    /// The process that ran it did not survive.
    case crashed
    /// Its results are not those of oneDNN's own choice.
    case wrongResult = "wrong-result"
    /// It wrote beside the memory that it was given.
    case wroteBeyond = "wrote-beyond"

    /// The same for people.
    var words: String {
      switch self {
      case .crashed: "crashed"
      case .wrongResult: "wrong result"
      case .wroteBeyond: "wrote beyond its memory"
      }
    }
  }

  /// Index of the way of asking that makes it.
  let variant: Int
  /// oneDNN's name.
  let implementation: String
  /// The algorithm, where there is a choice.
  let algorithm: String?
  /// Memory formats of source, weights and result, in oneDNN's letters.
  let formats: [String]
  /// Best time, ns; `nil` for reference loops, which are not run, and for what has a fault.
  var time: Double?
  /// Largest difference from the direct algorithm's result as a share of its largest magnitude;
  /// `nil` where nothing is rounded differently.
  var error: Double?
  /// Why it is not to be used; `nil` where nothing speaks against it.
  var fault: Fault?
  /// Whether this plan may not use it, whatever its time; not kept.
  var isRefused = false

  private enum CodingKeys: String, CodingKey {
    case variant, implementation, algorithm, formats, time, error, fault
  }

  /// The memory format of the source.
  var source: String { formats[0] }
  /// The memory format of the result.
  var result: String { formats[2] }
  /// Whether two entries are the same code on the same formats.
  func isSame(as other: TunedImplementation) -> Bool {
    implementation == other.implementation && algorithm == other.algorithm
      && formats == other.formats
  }
}

extension TunedImplementation {
  /// Reads an entry that was kept, and refuses what no search has written.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    variant = try container.decode(Int.self, forKey: .variant)
    implementation = try container.decode(String.self, forKey: .implementation)
    algorithm = try container.decodeIfPresent(String.self, forKey: .algorithm)
    formats = try container.decode([String].self, forKey: .formats)
    time = try container.decodeIfPresent(Double.self, forKey: .time)
    error = try container.decodeIfPresent(Double.self, forKey: .error)
    fault = try container.decodeIfPresent(Fault.self, forKey: .fault)
    guard formats.count == 3, variant >= 0, time.map({ $0.isFinite && $0 >= 0 }) ?? true,
      fault == nil || time == nil
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .formats, in: container, debugDescription: "no entry of a search")
    }
  }
}

/// A moment of a search, for whoever watches over it.
public enum SearchEvent: Codable, Hashable, Sendable {
  /// An implementation is about to run, or a movement of data where there is none.
  case begins(key: String, TunedImplementation?)
  /// All implementations of a place are known.
  case found(key: String, [TunedImplementation])
  /// The time of a reorder is known, ns.
  case moved(key: String, Double)
  /// How much Winograd's algorithm rounds at a place that was not timed is known.
  case rounded(key: String, Double)
}

/// What searches found, by what was searched for; worth keeping between runs on one machine.
///
/// The keys name operation, shapes, post-ops, threads and the state of the cache, but not machine
/// or library: one memory belongs to one of each.
///
/// What a search tries can crash: oneDNN 2.6.3's recurrent primitives do for some shapes. Who must
/// survive that plans with ``Mode/ask`` and, where ``isLacking`` says that something is not known,
/// has another process try it (``Plan/search(_:options:weights:tunings:)``), whose events are
/// taken over by ``note(_:)``.
public final class TuningMemory {
  /// What to do where something is not known.
  public enum Mode: Hashable, Sendable {
    /// Try it in this process.
    case trial
    /// Give up planning, and say so by ``isLacking``.
    case ask
    /// Do without it.
    case known
  }

  /// What to do where something is not known.
  public var mode: Mode
  /// Told of every trial before it begins, and of what it found.
  public var journal: (SearchEvent) -> Void = { _ in }
  /// Implementations that were timed, oneDNN's order.
  public private(set) var found: [String: [TunedImplementation]]
  /// Times of reorders, ns.
  public private(set) var reorders: [String: Double]
  /// Implementations that did not survive, of places whose trials are not over.
  public private(set) var crashed: [String: [TunedImplementation]]
  /// Movements of data that did not survive.
  public private(set) var broken: Set<String>
  /// Errors of Winograd's algorithm at places that were not timed.
  public private(set) var roundings: [String: Double]
  /// The places that were timed by or for this run.
  public private(set) var fresh: Set<String>
  /// What was looked up, found or not.
  private var used: Set<String> = []
  /// Whether something was added since it was made.
  public private(set) var isChanged = false
  /// Whether planning was given up because something is not known.
  public private(set) var isLacking = false
  /// What begun last and has not ended.
  private var pending: (key: String, entry: TunedImplementation?)?

  /// A memory that starts with what an earlier one held.
  public init(
    found: [String: [TunedImplementation]] = [:], reorders: [String: Double] = [:],
    crashed: [String: [TunedImplementation]] = [:], broken: Set<String> = [],
    roundings: [String: Double] = [:], fresh: Set<String> = [], mode: Mode = .trial
  ) {
    self.found = found
    self.reorders = reorders
    self.crashed = crashed
    self.broken = broken
    self.roundings = roundings
    self.fresh = fresh
    self.mode = mode
  }

  /// Takes over what another process says of its trials.
  public func note(_ event: SearchEvent) {
    switch event {
    case .begins(let key, let entry): pending = (key, entry)
    case .found(let key, let entries):
      pending = nil
      remember(entries, for: key)
    case .moved(let key, let time):
      pending = nil
      remember(reorder: time, for: key)
    case .rounded(let key, let error):
      pending = nil
      remember(rounding: error, for: key)
    }
  }

  /// Takes over what another memory knows.
  public func merge(_ other: TuningMemory) {
    found.merge(other.found) { $1 }
    reorders.merge(other.reorders) { $1 }
    crashed.merge(other.crashed) { $1 }
    broken.formUnion(other.broken)
    roundings.merge(other.roundings) { $1 }
    fresh.formUnion(other.fresh)
  }

  /// What plans made with this memory have used of it: with that alone, and ``Mode/known``, another
  /// process makes the same plans.
  public func decided() -> TuningMemory {
    TuningMemory(
      found: found.filter { used.contains($0.key) },
      reorders: reorders.filter { used.contains($0.key) },
      crashed: crashed.filter { used.contains($0.key) }, broken: broken.intersection(used),
      roundings: roundings.filter { used.contains($0.key) }, fresh: fresh.intersection(used),
      mode: .known)
  }

  /// The process that tried things did not survive: what it was at is not tried again.
  ///
  /// - Returns: Whether it was at anything; where not, trying again would end in the same way.
  public func noteCrash() -> Bool {
    guard let pending else { return false }
    self.pending = nil
    if var entry = pending.entry {
      entry.time = nil
      entry.fault = .crashed
      crashed[pending.key, default: []].append(entry)
    } else {
      broken.insert(pending.key)
    }
    return true
  }

  /// Whether something that is not known is to be tried here.
  ///
  /// - Throws: ``DNNLError`` in ``Mode/ask``, which ends planning.
  func tries() throws(DNNLError) -> Bool {
    switch mode {
    case .trial: return true
    case .known: return false
    case .ask:
      isLacking = true
      throw DNNLError(call: "a search in another process", status: .runtimeError)
    }
  }

  /// Planning begins again.
  public func restart(_ mode: Mode) {
    self.mode = mode
    isLacking = false
  }

  /// The implementations of a place, where they were timed.
  func implementations(of key: String) -> [TunedImplementation]? {
    used.insert(key)
    return found[key]
  }

  /// The time of a movement of data, ns, where it is known.
  func time(of key: String) -> Double? {
    used.insert(key)
    return reorders[key]
  }

  /// The error of Winograd's algorithm at a place that was not timed, where it is known.
  func rounding(of key: String) -> Double? {
    used.insert(key)
    return roundings[key]
  }

  /// Where what is known of a place comes from.
  func source(of key: String) -> TuningSource {
    found[key] == nil ? .guessed : fresh.contains(key) ? .searched : .remembered
  }

  func remember(_ entries: [TunedImplementation], for key: String) {
    found[key] = entries
    fresh.insert(key)
    used.insert(key)
    crashed[key] = nil
    isChanged = true
    journal(.found(key: key, entries))
  }

  /// What cannot be done has no time and is not kept: JSON has no infinity, and asking is cheap.
  func remember(reorder time: Double, for key: String) {
    guard time.isFinite else { return }
    reorders[key] = time
    used.insert(key)
    isChanged = true
    journal(.moved(key: key, time))
  }

  func remember(rounding error: Double, for key: String) {
    guard error.isFinite else { return }
    roundings[key] = error
    used.insert(key)
    isChanged = true
    journal(.rounded(key: key, error))
  }
}
