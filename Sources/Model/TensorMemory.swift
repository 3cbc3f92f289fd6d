public import Files

/// Bytes and who keeps them: a part of a mapped file, or numbers.
public struct TensorMemory: Sendable {
  private enum Owner: Sendable {
    case file(MappedFile)
    case numbers([Float])
  }

  private let owner: Owner
  /// Which of the owner's bytes they are.
  private let range: Range<Int>

  private init(_ owner: Owner, _ range: Range<Int>) {
    self.owner = owner
    self.range = range
  }

  /// All bytes of a file, which stays mapped as long as they are kept.
  public init(_ file: MappedFile) { self.init(.file(file), 0..<file.count) }

  /// Numbers.
  public init(_ values: [Float]) {
    self.init(.numbers(values), 0..<MemoryLayout<Float>.stride * values.count)
  }

  /// The number of bytes.
  public var count: Int { range.count }

  /// A part of the bytes, counted from their first.
  ///
  /// - Precondition: It is within.
  public func part(_ part: Range<Int>) -> TensorMemory {
    precondition(part.lowerBound >= 0 && part.upperBound <= count, "a part of the bytes")
    return TensorMemory(
      owner, range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
  }

  /// Calls `body` with the bytes, which are there until it returns at least.
  ///
  /// - Throws: What `body` throws.
  public func withBytes<Result, Problem: Error>(
    _ body: (RawSpan) throws(Problem) -> Result
  ) throws(Problem) -> Result {
    switch owner {
    case .file(let file):
      try file.withBytes { (all) throws(Problem) in try body(all.extracting(range)) }
    case .numbers(let numbers):
      try body(numbers.span.bytes.extracting(range))
    }
  }
}
