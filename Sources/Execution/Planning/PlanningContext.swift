import DNNL
import Machine
import Measuring
import Topology

/// The parts that a program is planned with, each for itself: lowerings take what they need of them.
struct PlanningContext {
  /// The program, and who reads what in it.
  let flow: Dataflow
  let options: PlanOptions
  let engine: DNNL.Engine
  let stream: Stream
  /// Where values lie, for how long.
  let table: ValueTable
  /// Makes constants.
  let loader: ConstantLoader
  /// Which numbers to compute in.
  let numbers: NumberPolicy
  /// The numbers of products with weights.
  let products: ProductNumbers
  /// Takes the steps.
  let emitter: Emitter
  /// Brings values into the form in which they are read.
  let reader: OperandReader
  /// Takes one of several implementations.
  let tuner: Tuner
  /// Makes post-ops of what follows.
  let fuser: Fuser
  /// Whether LSTMs are split.
  let split: SplitSearch
}

extension PlanningContext {
  /// What all walks over one program have in common.
  struct Setting {
    let flow: Dataflow
    let options: PlanOptions
    let weights: any WeightProvider
    /// What the values of a network to be quantised lie between.
    let ranges: ValueRanges?
    /// What searches found.
    let tunings: TuningMemory
    let engine: DNNL.Engine
    let stream: Stream
  }

  /// Parts that know of nothing planned yet.
  ///
  /// - Parameters:
  ///   - setting: The program and how to plan it.
  ///   - layouts: What a search assigned to the network as a whole; `nil` while it is surveyed.
  ///   - isSurvey: Whether this only looks at what there is to choose from, so that constants stay empty.
  ///   - keepsOpen: Whether places that nothing is known of are kept.
  ///   - timer: What implementations are timed with; `nil` for runs of them.
  init(
    _ setting: Setting, _ layouts: Layouts?, isSurvey: Bool, keepsOpen: Bool = false,
    timer: (any TrialTimer)? = nil
  ) {
    flow = setting.flow
    options = setting.options
    engine = setting.engine
    stream = setting.stream
    table = ValueTable(flow, keepsAll: options.keepAllValues)
    loader = ConstantLoader(
      flow.program, setting.weights, engine: engine, stream: stream, threads: options.threads,
      isSurvey: isSurvey)
    numbers = NumberPolicy(flow, options.precision, setting.ranges, table)
    products = ProductNumbers(flow.program, table, loader, numbers)
    emitter = Emitter(flow, engine, table, loader, numbers)
    reader = OperandReader(
      flow: flow, table: table, numbers: numbers, emitter: emitter, layouts: layouts)
    let settings = SearchSettings(
      flow: flow, options: options, timer: timer ?? setting.trial, tunings: setting.tunings)
    let check = ImplementationCheck(
      settings: settings, loader: loader, engine: engine, stream: stream)
    let search = CandidateSearch(settings, check, keepsOpen: keepsOpen)
    let movements = MovementTimes(settings: settings, engine: engine)
    tuner = Tuner(settings, search, movements, table, emitter, layouts)
    split = SplitSearch(settings: settings)
    let chains = ChainFinder(
      flow, table, loader, numbers, isOn: options.fusion && !options.keepAllValues)
    fuser = Fuser(flow: flow, table: table, numbers: numbers, chains: chains, tuner: tuner)
  }
}

extension PlanningContext.Setting {
  /// Runs of implementations, as a search times them.
  fileprivate var trial: Trial {
    Trial(
      engine, stream,
      isCold: options.tuning != .fast && (options.findsWeightsCold || exceedsCache),
      budget: options.tuning == .auto ? Trial.shortBudget : Trial.longBudget)
  }

  /// Whether the constants are too large to stay in the last cache from one pass to the next.
  private var exceedsCache: Bool {
    flow.program.weightBytes(options.precision) > CacheLevel.lastLevelBytes
  }
}

extension Program {
  /// Bytes of the weights that a pass reads in a precision, as they are given: of an embedding's table no
  /// more than is looked up.
  func weightBytes(_ precision: Precision) -> Int {
    instructions.reduce(0) { sum, instruction in
      let given = instruction.weights.reduce(0) { $0 + $1.elementCount }
      guard case .embedding = instruction.operation else { return sum + precision.bytes * given }
      return sum + precision.bytes * min(given, values[instruction.output].elementCount)
    }
  }
}
