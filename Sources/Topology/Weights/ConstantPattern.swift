import RealModule

/// What a constant of a network holds where it was not learned: a function of the place.
public enum ConstantPattern: Hashable, Sendable {
  /// One number everywhere.
  case fill(Float)
  /// Numbers in row-major order.
  case list([Float])
  /// `start`, `start + step`, … in row-major order.
  case range(start: Double, step: Double)
  /// … R C: 0 up to the diagonal that ends in the last corner, `hidden` beyond it, as a causal mask is
  /// added to scores; the first C − R columns are a past that every row sees.
  case causal(hidden: Float)
  /// The places r·n + c, c < r, of an n x n matrix, row after row.
  case lowerTriangle
  /// … P D: cosines of rotary positions, p·base^(−2i/D) for columns i and i + D/2, counted from `first`.
  case rotaryCosine(base: Double, first: Int = 0)
  /// As ``rotaryCosine(base:)``, sines.
  case rotarySine(base: Double, first: Int = 0)
  /// … P D: sin(p·base^(−2i/D)) and cos of it in columns 2i and 2i + 1, of "Attention is all you need".
  case sinusoids(base: Double)
  /// w²·w²: of two cells of a w x w window the row of a table of (2w − 1)² relative positions, as in Swin.
  case relativePositions(window: Int)
  /// … n² w² w²: 0 between two cells of a shifted window that came from one region of the image, `hidden`
  /// between others; n windows of w x w cells a side, shifted by `shift`, as in Swin.
  case shiftedWindows(window: Int, shift: Int, hidden: Float)
}

extension ConstantPattern {
  /// Why dims do not fit the pattern; `nil` when they do.
  func fault(in dims: [Int]) -> String? {
    let shape = Shape.text(dims)
    let count = dims.reduce(1, *)
    switch self {
    case .fill, .range: return nil
    case .list(let values):
      return values.count == count ? nil : "\(values.count) values do not fill \(shape)"
    case .causal:
      return dims.count >= 2 && dims[dims.count - 2] <= dims[dims.count - 1]
        ? nil : "a causal mask wants … x rows x columns, at least as many columns as rows"
    case .lowerTriangle:
      return ConstantPattern.side(ofTriangle: count) == nil
        ? "\(count) is no number of places below a diagonal" : nil
    case .rotaryCosine, .rotarySine, .sinusoids:
      return dims.count >= 2 && dims[dims.count - 1].isMultiple(of: 2)
        ? nil : "wants … x positions x an even number of channels"
    case .relativePositions(let window):
      return count == window * window * window * window
        ? nil : "a window of \(window) x \(window) cells has \(window)⁴ pairs, not \(count)"
    case .shiftedWindows(let window, let shift, _):
      guard dims.count >= 3, dims.suffix(2).allSatisfy({ $0 == window * window }) else {
        return "wants … x windows x \(window * window) x \(window * window)"
      }
      let side = Int(Double(dims[dims.count - 3]).squareRoot())
      guard side * side == dims[dims.count - 3] else {
        return "\(dims[dims.count - 3]) windows are no square of them"
      }
      return shift < window ? nil : "a shift of \(shift) is no part of a window of \(window)"
    }
  }

  /// Writes elements `offset...` of a constant of these dims.
  func write(offset: Int, dims: [Int], into buffer: UnsafeMutableBufferPointer<Float>) {
    switch self {
    case .fill(let value): buffer.update(repeating: value)
    case .list(let values):
      for place in buffer.indices { buffer[place] = values[offset + place] }
    case .range(let start, let step):
      for place in buffer.indices { buffer[place] = Float(start + step * Double(offset + place)) }
    case .causal(let hidden):
      let (rows, columns) = (dims[dims.count - 2], dims[dims.count - 1])
      for place in buffer.indices {
        let index = offset + place
        let (row, column) = (index / columns % rows, index % columns)
        buffer[place] = column <= row + columns - rows ? 0 : hidden
      }
    case .lowerTriangle: writeTriangle(offset, dims, buffer)
    case .rotaryCosine(let base, let first):
      writeRotary(offset, dims, buffer, base, first, Double.cos)
    case .rotarySine(let base, let first):
      writeRotary(offset, dims, buffer, base, first, Double.sin)
    case .sinusoids(let base):
      for place in buffer.indices {
        let angle = ConstantPattern.angle(offset + place, dims, base) { column, _ in column / 2 }
        buffer[place] = Float(
          (offset + place).isMultiple(of: 2) ? Double.sin(angle) : Double.cos(angle))
      }
    case .relativePositions(let window):
      for place in buffer.indices {
        let (one, other) = (offset + place).quotientAndRemainder(dividingBy: window * window)
        let down = one / window - other / window + window - 1
        let across = one % window - other % window + window - 1
        buffer[place] = Float(down * (2 * window - 1) + across)
      }
    case .shiftedWindows(let window, let shift, let hidden):
      let cells = window * window
      let windows = dims[dims.count - 3]
      let side = Int(Double(windows).squareRoot())
      for place in buffer.indices {
        let index = offset + place
        let number = index / (cells * cells) % windows
        let one = ConstantPattern.region(number, index / cells % cells, side, window, shift)
        let other = ConstantPattern.region(number, index % cells, side, window, shift)
        buffer[place] = one == other ? 0 : hidden
      }
    }
  }

  /// n of n·(n − 1)/2 places below a diagonal.
  private static func side(ofTriangle count: Int) -> Int? {
    let side = Int(((Double(8 * count + 1)).squareRoot() + 1) / 2)
    return side * (side - 1) / 2 == count ? side : nil
  }

  private func writeTriangle(
    _ offset: Int, _ dims: [Int], _ buffer: UnsafeMutableBufferPointer<Float>
  ) {
    let side = ConstantPattern.side(ofTriangle: dims.reduce(1, *)) ?? 0
    var index = 0
    for row in 0..<side {
      for column in 0..<row {
        let place = index - offset
        if buffer.indices.contains(place) { buffer[place] = Float(row * side + column) }
        index += 1
      }
    }
  }

  private func writeRotary(
    _ offset: Int, _ dims: [Int], _ buffer: UnsafeMutableBufferPointer<Float>, _ base: Double,
    _ first: Int, _ function: (Double) -> Double
  ) {
    for place in buffer.indices {
      let angle = ConstantPattern.angle(offset + place, dims, base, first) { column, width in
        column % (width / 2)
      }
      buffer[place] = Float(function(angle))
    }
  }

  /// position·base^(−2i/D), i being the pair that a column of D belongs to.
  private static func angle(
    _ index: Int, _ dims: [Int], _ base: Double, _ first: Int = 0, _ pair: (Int, Int) -> Int
  ) -> Double {
    let (positions, width) = (dims[dims.count - 2], dims[dims.count - 1])
    let exponent = -2 * Double(pair(index % width, width)) / Double(width)
    return Double(first + index / width % positions) * Double.power(base, exponent)
  }

  /// Which region of the image a cell of a shifted window came from.
  private static func region(
    _ number: Int, _ cell: Int, _ side: Int, _ window: Int, _ shift: Int
  ) -> Int {
    func part(_ place: Int) -> Int {
      place < (side - 1) * window ? 0 : place < side * window - shift ? 1 : 2
    }
    return part(number / side * window + cell / window) * 3
      + part(number % side * window + cell % window)
  }
}
