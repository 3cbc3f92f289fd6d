public import Measuring

/// How a plan is made.
public struct PlanOptions: Hashable, Sendable {
  /// How implementations are chosen.
  public enum Tuning: String, Hashable, Sendable, CaseIterable {
    /// oneDNN's first choice, and what is known about recurrent layers.
    case fast
    /// The fastest of everything oneDNN offers, timed while planning.
    case search
    /// What searches found; what they did not is tried where it carries time, as long as
    /// ``PlanOptions/budget`` lasts, and guessed elsewhere (``CostModel``).
    case auto
  }

  /// How an LSTM in f32 or bf16 is run; other recurrent layers are always oneDNN's primitive.
  public enum Recurrence: Hashable, Sendable, CaseIterable {
    /// Whichever is expected, or was found, to be faster.
    case automatic
    /// oneDNN's recurrent primitive.
    case primitive
    /// One product of the inputs of all steps, then a product of the state at each step; in slices
    /// where that is expected to be faster.
    case split
    /// Split, and the product of the state in slices wherever that is possible.
    case sliced
  }

  /// OpenMP threads.
  public var threads: Int
  /// Whether element-wise operations and batch normalisations are fused into what stands before.
  public var fusion: Bool
  /// The numbers to compute with, where oneDNN can.
  public var precision: Precision
  /// Seed of the weights and inputs.
  public var seed: UInt64
  /// How implementations are chosen.
  public var tuning: Tuning
  /// Seconds that ``Tuning/auto`` may try things for; 0 for what is known and guesses alone.
  public var budget: Double
  /// Whether algorithms that round otherwise than the direct one are left alone: Winograd's.
  public var isExact: Bool
  /// How LSTMs are run.
  public var recurrence: Recurrence
  /// Whether every value keeps memory of its own, readable after a pass.
  ///
  /// Turns off fusion, in-place operation and the reuse of the arena.
  public var keepAllValues: Bool
  /// Whether trials find weights in no cache although these would fit: those of a part of a network whose weights do
  /// not.
  public var findsWeightsCold: Bool

  /// Makes options.
  public init(
    threads: Int = 1, fusion: Bool = true, precision: Precision = .f32, seed: UInt64 = 1,
    tuning: Tuning = .fast, keepAllValues: Bool = false, recurrence: Recurrence = .automatic,
    budget: Double = 2, isExact: Bool = false, findsWeightsCold: Bool = false
  ) {
    self.threads = threads
    self.fusion = fusion
    self.precision = precision
    self.seed = seed
    self.tuning = tuning
    self.keepAllValues = keepAllValues
    self.recurrence = recurrence
    self.budget = budget
    self.isExact = isExact
    self.findsWeightsCold = findsWeightsCold
  }
}
