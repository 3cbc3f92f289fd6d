import Topology

/// One of two values by a third one, all three broadcasting.
struct Selection: TeamKernel {
  /// Elements of a row that one thread takes at once.
  private static let block = 1 << 13

  let name = "select"
  /// Extents of the result, neighbours merged where all operands lie alike.
  private let dims: [Int]
  /// For each operand the distance of neighbours along each of ``dims``; 0 where it is stretched.
  private let strides: [[Int]]
  let team: KernelTeam

  /// Makes a selection for operands that broadcast to `dims`.
  init(operands: [[Int]], dims: [Int], team: KernelTeam) {
    let all = operands.map { own in
      var stride = 1
      var strides = Array(repeating: 0, count: dims.count)
      for axis in own.indices.reversed() where own[axis] > 1 {
        strides[axis + dims.count - own.count] = stride
        stride *= own[axis]
      }
      return strides
    }
    var merged: (dims: [Int], strides: [[Int]]) = ([], all.map { _ in [] })
    for axis in dims.indices where dims[axis] > 1 {
      if let last = merged.dims.indices.last,
        all.indices.allSatisfy({ merged.strides[$0][last] == all[$0][axis] * dims[axis] })
      {
        merged.dims[last] *= dims[axis]
        for operand in all.indices { merged.strides[operand][last] = all[operand][axis] }
        continue
      }
      merged.dims.append(dims[axis])
      for operand in all.indices { merged.strides[operand].append(all[operand][axis]) }
    }
    if merged.dims.isEmpty { merged = ([1], all.map { _ in [0] }) }
    self.dims = merged.dims
    strides = merged.strides
    self.team = team
  }

  private var blocks: Int {
    (dims[dims.count - 1] + Selection.block - 1) / Selection.block
  }

  func partCount(types: [TensorType], type: TensorType) -> Int {
    dims.dropLast().reduce(blocks, *)
  }

  /// Inputs: the condition and both values.
  func run(
    parts: Range<Int>, inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    guard let condition = inputs[0].baseAddress, let first = inputs[1].baseAddress,
      let second = inputs[2].baseAddress, let target = output.baseAddress
    else { return }
    let last = dims.count - 1
    for part in parts {
      let (row, block) = part.quotientAndRemainder(dividingBy: blocks)
      let begin = block * Selection.block
      func start(_ operand: Int) -> Int {
        var (rest, offset) = (row, begin * strides[operand][last])
        for axis in (0..<last).reversed() {
          offset += rest % dims[axis] * strides[operand][axis]
          rest /= dims[axis]
        }
        return offset
      }
      select(
        condition + start(0), first + start(1), second + start(2),
        target + row * dims[last] + begin, min(Selection.block, dims[last] - begin))
    }
  }

  @inline(__always)
  private func select(
    _ condition: UnsafePointer<Float>, _ first: UnsafePointer<Float>,
    _ second: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    let steps = strides.map { $0[dims.count - 1] }
    if steps == [1, 1, 1] {
      // With known steps the compiler makes vectors of it.
      for index in 0..<count {
        target[index] = condition[index] != 0 ? first[index] : second[index]
      }
    } else if steps == [1, 0, 1] {
      for index in 0..<count { target[index] = condition[index] != 0 ? first[0] : second[index] }
    } else if steps == [1, 1, 0] {
      for index in 0..<count { target[index] = condition[index] != 0 ? first[index] : second[0] }
    } else {
      for index in 0..<count {
        target[index] =
          condition[index * steps[0]] != 0 ? first[index * steps[1]] : second[index * steps[2]]
      }
    }
  }
}
