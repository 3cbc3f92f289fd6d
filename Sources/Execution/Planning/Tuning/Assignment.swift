/// Which choice each of many nodes should take, when choices cost something alone and in pairs.
///
/// This is a partitioned Boolean quadratic problem: minimise the sum of a cost for the choice of
/// each node and a cost for the choices of each pair of neighbours. Memory formats of a network
/// are one: Anderson and Gregg, "Optimal DNN primitive selection with partitioned boolean
/// quadratic programming", CGO 2018. Nodes with at most two neighbours are folded into them, which
/// loses nothing (Scholz and Eckstein, "Register allocation for irregular architectures", LCTES
/// 2002, rules R0 to RII); so chains and residual networks are solved exactly. What remains takes
/// the choice that is best by itself (RN), and is then improved one node at a time.
struct Assignment {
  /// The cost of each choice of each node.
  private(set) var costs: [[Double]]
  /// The cost of a pair of choices, by the lower and the higher node: rows are the lower one's.
  private var edges: [[Int: [[Double]]]]

  /// Nodes with the costs of their choices; every node needs one choice at least.
  init(costs: [[Double]]) {
    self.costs = costs
    edges = Array(repeating: [:], count: costs.count)
  }

  /// Adds to the costs of the pairs of two nodes' choices.
  mutating func connect(_ a: Int, _ b: Int, _ cost: (_ ofA: Int, _ ofB: Int) -> Double) {
    guard a != b else {
      for choice in costs[a].indices { costs[a][choice] += cost(choice, choice) }
      return
    }
    for i in costs[a].indices {
      for j in costs[b].indices { add(cost(i, j), a, i, b, j) }
    }
  }

  /// Adds to the costs of a node's choices.
  mutating func charge(_ node: Int, _ added: [Double]) {
    for choice in costs[node].indices { costs[node][choice] += added[choice] }
  }

  /// The choices of all nodes and what they cost together.
  ///
  /// Linear in nodes and edges, but for sorting; cubic in the choices of one node.
  func solve() -> (choices: [Int], cost: Double) {
    var reduced = self
    var order: [(node: Int, neighbours: [Int])] = []
    var widest = WidestNodes(edges.map(\.count))
    var queue = costs.indices.filter { edges[$0].count <= 2 }
    var isRemoved = Array(repeating: false, count: costs.count)
    var snapshot: [Int: (costs: [Double], edges: [Int: [[Double]]])] = [:]
    while order.count < costs.count {
      let node: Int
      if let next = queue.popLast() {
        if isRemoved[next] || reduced.edges[next].count > 2 { continue }
        node = next
      } else {
        guard let next = widest.next({ isRemoved[$0] ? nil : reduced.edges[$0].count })
        else { break }
        node = next
        reduced.fix(node)
      }
      let neighbours = reduced.edges[node].keys.sorted()
      snapshot[node] = (reduced.costs[node], reduced.edges[node])
      order.append((node, neighbours))
      isRemoved[node] = true
      reduced.fold(node, into: neighbours)
      queue += neighbours.filter { reduced.edges[$0].count <= 2 }
    }
    var choices = Array(repeating: 0, count: costs.count)
    for (node, neighbours) in order.reversed() {
      guard let (own, edges) = snapshot[node] else { continue }
      choices[node] = Assignment.cheapest(own.indices) { choice in
        neighbours.reduce(own[choice]) { sum, other in
          sum + (edges[other]?[choice][choices[other]] ?? 0)
        }
      }
    }
    improve(&choices)
    return (choices, cost(of: choices))
  }

  /// What given choices cost together.
  func cost(of choices: [Int]) -> Double {
    var sum = 0.0
    for node in costs.indices {
      sum += costs[node][choices[node]]
      for (other, matrix) in edges[node] where other > node {
        sum += matrix[choices[node]][choices[other]]
      }
    }
    return sum
  }

  /// Takes better choices of single nodes until there are none.
  private func improve(_ choices: inout [Int]) {
    for _ in 0..<16 {
      var isBetter = false
      for node in costs.indices {
        func cost(_ choice: Int) -> Double {
          edges[node].reduce(costs[node][choice]) { sum, edge in
            sum + edge.value[choice][choices[edge.key]]
          }
        }
        let best = Assignment.cheapest(costs[node].indices, cost)
        if cost(best) < cost(choices[node]) {
          choices[node] = best
          isBetter = true
        }
      }
      if !isBetter { return }
    }
  }

  /// Leaves a node only the choice that is best if every neighbour suits it.
  private mutating func fix(_ node: Int) {
    let best = Assignment.cheapest(costs[node].indices) { choice in
      edges[node].reduce(costs[node][choice]) { sum, edge in
        let other = edge.key
        let cheapest = costs[other].indices.map { edge.value[choice][$0] + costs[other][$0] }.min()
        return sum + (cheapest ?? 0)
      }
    }
    for choice in costs[node].indices where choice != best { costs[node][choice] = .infinity }
  }

  /// Moves what a node costs at its best to its neighbours, and takes it out.
  private mutating func fold(_ node: Int, into neighbours: [Int]) {
    let own = costs[node]
    let around = edges[node]
    for other in neighbours { edges[other][node] = nil }
    edges[node] = [:]
    func best(_ taken: [(node: Int, choice: Int)]) -> Double {
      own.indices.map { choice in
        taken.reduce(own[choice]) { sum, pair in
          sum + (around[pair.node]?[choice][pair.choice] ?? 0)
        }
      }.min() ?? 0
    }
    switch neighbours.count {
    case 0: break
    case 1:
      let a = neighbours[0]
      for i in costs[a].indices { costs[a][i] += best([(a, i)]) }
    case 2:
      let (a, b) = (neighbours[0], neighbours[1])
      for i in costs[a].indices {
        for j in costs[b].indices { add(best([(a, i), (b, j)]), a, i, b, j) }
      }
    default:
      // The node has one choice left: each neighbour pays for its own edge.
      let only = Assignment.cheapest(own.indices) { own[$0] }
      for other in neighbours {
        for j in costs[other].indices { costs[other][j] += around[other]?[only][j] ?? 0 }
      }
    }
  }

  private mutating func add(_ cost: Double, _ a: Int, _ i: Int, _ b: Int, _ j: Int) {
    if edges[a][b] == nil {
      edges[a][b] = costs[a].map { _ in Array(repeating: 0, count: costs[b].count) }
      edges[b][a] = costs[b].map { _ in Array(repeating: 0, count: costs[a].count) }
    }
    edges[a][b]?[i][j] += cost
    edges[b][a]?[j][i] += cost
  }

  /// The first index of the lowest cost.
  private static func cheapest(_ indices: Range<Int>, _ cost: (Int) -> Double) -> Int {
    var best = (index: indices.lowerBound, cost: Double.infinity)
    for index in indices {
      let value = cost(index)
      if value < best.cost { best = (index, value) }
    }
    return best.index
  }
}
