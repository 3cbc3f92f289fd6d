import Topology

/// The largest or smallest elements along an axis, in order.
struct TopElements: TeamKernel {
  /// One element that was found.
  private struct Found {
    var key: Float
    var place: Int32

    /// Whether it comes behind another one: smaller, or equal and later.
    @inline(__always)
    func isBehind(_ other: Found) -> Bool {
      key < other.key || (key == other.key && place > other.place)
    }
  }

  let name = "top_k"
  let topK: TopK
  let team: KernelTeam

  func partCount(types: [TensorType], type: TensorType) -> Int {
    type.elementCount / type.dims[topK.axis]
  }

  func run(
    parts: Range<Int>, inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    guard let source = inputs[0].baseAddress, let target = output.baseAddress else { return }
    let extent = types[0].dims[topK.axis]
    let kept = type.dims[topK.axis]
    let inner = type.dims[(topK.axis + 1)...].reduce(1, *)
    withUnsafeTemporaryAllocation(of: Found.self, capacity: kept) { heap in
      for part in parts {
        let (slab, column) = part.quotientAndRemainder(dividingBy: inner)
        select(source + slab * extent * inner + column, extent, inner, heap)
        let to = target + slab * kept * inner + column
        for (rank, found) in heap.enumerated() {
          to[rank * inner] =
            topK.output == .indices
            ? Float(found.place) : topK.isLargest ? found.key : -found.key
        }
      }
    }
  }

  /// Fills `heap` with the elements in order: a heap of those found so far, the last one on top,
  /// then sorted.
  private func select(
    _ source: UnsafePointer<Float>, _ extent: Int, _ step: Int,
    _ heap: UnsafeMutableBufferPointer<Found>
  ) {
    let sign: Float = topK.isLargest ? 1 : -1
    for place in 0..<heap.count {
      heap.initializeElement(
        at: place, to: Found(key: sign * source[place * step], place: Int32(place)))
    }
    for root in (0..<heap.count / 2).reversed() { sink(root, in: heap, count: heap.count) }
    for place in heap.count..<extent {
      let found = Found(key: sign * source[place * step], place: Int32(place))
      guard heap[0].isBehind(found) else { continue }
      heap[0] = found
      sink(0, in: heap, count: heap.count)
    }
    for count in (1..<max(1, heap.count)).reversed() {
      heap.swapAt(0, count)
      sink(0, in: heap, count: count)
    }
  }

  /// Brings an element below those that come behind it.
  @inline(__always)
  private func sink(_ root: Int, in heap: UnsafeMutableBufferPointer<Found>, count: Int) {
    var root = root
    while true {
      var last = root
      for child in [2 * root + 1, 2 * root + 2]
      where child < count && heap[child].isBehind(heap[last]) {
        last = child
      }
      if last == root { return }
      heap.swapAt(root, last)
      root = last
    }
  }
}
