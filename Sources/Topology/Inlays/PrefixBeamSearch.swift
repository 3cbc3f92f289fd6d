import RealModule

/// The prefix beam search of ``CTCBeamSearch``, in the log domain.
///
/// A beam is a label sequence with the probability of all alignments seen so far that yield it,
/// apart for those that end in a blank and those that end in its last label: only the former can
/// be extended by that label again.
struct PrefixBeamSearch: HostKernel {
  /// How many prefixes survive a step.
  let width: Int
  let name = CTCBeamSearch.name

  func run(
    inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    let (steps, batch, classes) = (types[0].dims[0], types[0].dims[1], types[0].dims[2])
    var beams = PrefixBeams(width: width, classes: classes)
    for sample in 0..<batch {
      beams.reset()
      for step in 0..<steps {
        beams.advance(inputs[0], row: (step * batch + sample) * classes)
      }
      let labels = beams.best()
      for step in 0..<steps {
        output[sample * steps + step] = step < labels.count ? Float(labels[step]) : -1
      }
    }
  }
}

/// The surviving prefixes of one sample.
private struct PrefixBeams {
  private struct Beam {
    var node: Int
    /// Logarithm of the probability of the alignments that end in a blank.
    var blank: Double
    /// The same of those that end in the last label.
    var label: Double
    /// The same of both.
    var total: Double
  }

  private struct Candidate {
    var score: Double
    var beam: Int
    /// The label to append; −1 stays with the prefix.
    var label: Int
  }

  private let width: Int
  private let classes: Int
  private var trie = PrefixTrie()
  private var beams: [Beam] = []
  /// What each beam becomes when nothing is appended.
  private var stays: [Beam] = []
  private var next: [Beam] = []
  private var logarithms: [Double]
  /// The best candidates so far: a heap whose first element is the worst of them.
  private var heap: [Candidate] = []
  /// Whether a beam's extension by a label is a beam already: beams x classes.
  private var isTaken: [Bool] = []

  init(width: Int, classes: Int) {
    self.width = width
    self.classes = classes
    logarithms = Array(repeating: 0, count: classes)
  }

  /// Starts with the empty prefix.
  mutating func reset() {
    trie.reset()
    beams = [Beam(node: PrefixTrie.root, blank: 0, label: -.infinity, total: 0)]
    trie.nodes[PrefixTrie.root].beam = 0
  }

  /// Takes one step: the probabilities of all classes from `row` on.
  mutating func advance(_ probabilities: UnsafeBufferPointer<Float>, row: Int) {
    for label in 0..<classes {
      let probability = Double(probabilities[row + label])
      logarithms[label] = probability > 0 ? Double.log(probability) : -.infinity
    }
    heap.removeAll(keepingCapacity: true)
    isTaken.removeAll(keepingCapacity: true)
    isTaken.append(contentsOf: repeatElement(false, count: beams.count * classes))
    offerStays()
    offerExtensions()
    settle()
  }

  /// The labels of the likeliest prefix.
  func best() -> [Int] {
    var best = beams[0]
    for beam in beams where beam.total > best.total { best = beam }
    var labels: [Int] = []
    var node = best.node
    while node != PrefixTrie.root {
      labels.append(Int(trie.nodes[node].label))
      node = Int(trie.nodes[node].parent)
    }
    return labels.reversed()
  }

  /// The logarithm of what `beam` gives its extension by `label`: a repeat needs a blank between.
  private func extended(_ beam: Beam, by label: Int) -> Double {
    let repeats = Int(trie.nodes[beam.node].label) == label
    return logarithms[label] + (repeats ? beam.blank : beam.total)
  }

  private mutating func offerStays() {
    stays.removeAll(keepingCapacity: true)
    for (index, beam) in beams.enumerated() {
      let node = trie.nodes[beam.node]
      var stay = beam
      stay.blank = beam.total + logarithms[classes - 1]
      stay.label = -.infinity
      if beam.node != PrefixTrie.root {
        let label = Int(node.label)
        stay.label = beam.label + logarithms[label]
        let parent = Int(trie.nodes[Int(node.parent)].beam)
        if parent >= 0 {
          isTaken[parent * classes + label] = true
          stay.label = logSum(stay.label, extended(beams[parent], by: label))
        }
      }
      stay.total = logSum(stay.blank, stay.label)
      stays.append(stay)
      offer(Candidate(score: stay.total, beam: index, label: -1))
    }
  }

  private mutating func offerExtensions() {
    for (index, beam) in beams.enumerated() {
      for label in 0..<classes - 1 where !isTaken[index * classes + label] {
        let score = extended(beam, by: label)
        if score > -.infinity { offer(Candidate(score: score, beam: index, label: label)) }
      }
    }
  }

  /// Makes the candidates in the heap the beams of the next step.
  private mutating func settle() {
    for beam in beams { trie.nodes[beam.node].beam = -1 }
    next.removeAll(keepingCapacity: true)
    for candidate in heap {
      if candidate.label < 0 {
        next.append(stays[candidate.beam])
      } else {
        let node = trie.child(of: beams[candidate.beam].node, label: candidate.label)
        next.append(
          Beam(node: node, blank: -.infinity, label: candidate.score, total: candidate.score))
      }
    }
    swap(&beams, &next)
    for (index, beam) in beams.enumerated() { trie.nodes[beam.node].beam = Int32(index) }
  }

  private mutating func offer(_ candidate: Candidate) {
    if heap.count < width {
      heap.append(candidate)
      var index = heap.count - 1
      while index > 0, heap[index].score < heap[(index - 1) / 2].score {
        heap.swapAt(index, (index - 1) / 2)
        index = (index - 1) / 2
      }
    } else if candidate.score > heap[0].score {
      heap[0] = candidate
      var index = 0
      while true {
        var least = index
        for child in 2 * index + 1...2 * index + 2
        where child < heap.count && heap[child].score < heap[least].score { least = child }
        if least == index { break }
        heap.swapAt(index, least)
        index = least
      }
    }
  }
}

/// All prefixes that were ever beams, sharing their beginnings; each stands here once.
private struct PrefixTrie {
  struct Node {
    var parent: Int32
    var label: Int32
    var firstChild: Int32 = -1
    var sibling: Int32 = -1
    /// Its place among the beams; −1 while it is none.
    var beam: Int32 = -1
  }

  static let root = 0
  var nodes: [Node] = []

  mutating func reset() {
    nodes.removeAll(keepingCapacity: true)
    nodes.append(Node(parent: -1, label: -1))
  }

  /// The prefix `parent` plus `label`, made if it is new.
  mutating func child(of parent: Int, label: Int) -> Int {
    var child = Int(nodes[parent].firstChild)
    while child >= 0 {
      if Int(nodes[child].label) == label { return child }
      child = Int(nodes[child].sibling)
    }
    nodes.append(
      Node(parent: Int32(parent), label: Int32(label), sibling: nodes[parent].firstChild))
    nodes[parent].firstChild = Int32(nodes.count - 1)
    return nodes.count - 1
  }
}

/// ln(eᵃ + eᵇ) without leaving the log domain.
private func logSum(_ a: Double, _ b: Double) -> Double {
  if a == -.infinity { return b }
  if b == -.infinity { return a }
  return max(a, b) + Double.log(onePlus: Double.exp(-abs(a - b)))
}
