import Profiling
import TestSupport
import Testing

@Suite struct AlignmentTests {
  /// `name:shape`; the kind is `fc` unless the shape names another: `rnn:lstm/4`.
  private func layers(_ text: String) -> [LayerRecord] {
    text.split(separator: " ").enumerated().map { index, word in
      let parts = word.split(separator: ":")
      let kind = parts[1].split(separator: "/")
      let shape = Dims(stringLiteral: String(kind[kind.count - 1]))
      return LayerRecord(
        index: index, name: String(parts[0]), line: nil,
        kind: kind.count > 1 ? String(kind[0]) : "fc", segments: [], precision: "f32",
        inputShapes: [shape], outputShape: shape, parameters: 1, macs: 1, flops: 1,
        bytes: Bytes(weights: 1, input: 1, output: 1), arithmeticIntensity: 1)
    }
  }

  /// Rows as `a=b same`, `a- removed`, `+b added`.
  private func rows(_ baseline: String, _ candidate: String) -> [String] {
    let (left, right) = (layers(baseline), layers(candidate))
    return LayerAlignment(baseline: left, candidate: right).pairs.map { pair in
      switch (pair.baseline, pair.candidate) {
      case (let i?, let j?): "\(left[i].name)=\(right[j].name) \(pair.change.rawValue)"
      case (let i?, nil): "\(left[i].name)- \(pair.change.rawValue)"
      case (nil, let j?): "+\(right[j].name) \(pair.change.rawValue)"
      default: "nothing"
      }
    }
  }

  @Test func equalNetworks() {
    #expect(rows("a:1 b:2", "a:1 b:2") == ["a=a same", "b=b same"])
    #expect(rows("", "").isEmpty)
  }

  @Test func widenedNetworkPairsByName() {
    #expect(
      rows("in:8 a:16 b:16 out:4", "in:8 a:32 b:32 out:4") == [
        "in=in same", "a=a resized", "b=b resized", "out=out same",
      ])
  }

  @Test func shiftedNumbersPairByStructure() {
    #expect(
      rows("c1:64 c2:128 c3:256", "c1:64 c2:64 c3:128 c4:256") == [
        "c1=c1 same", "+c2 added", "c2=c3 renamed", "c3=c4 renamed",
      ])
  }

  @Test func removedFromRepeatedLayers() {
    #expect(
      rows("a:1 b:1 c:1", "a:1 c:1") == ["a=a same", "b- removed", "c=c same"])
  }

  @Test func anotherKindUnderTheSameName() {
    #expect(
      rows("x:1 rnn:lstm/4 y:1", "x:1 rnn:gru/4 y:1") == [
        "x=x same", "rnn=rnn replaced", "y=y same",
      ])
  }

  @Test func removedStandsBeforeAdded() {
    #expect(
      rows("x:1 a:2 y:1", "x:1 b:3 y:1") == [
        "x=x same", "a- removed", "+b added", "y=y same",
      ])
  }

  @Test func nothingOnOneSide() {
    #expect(rows("", "a:1") == ["+a added"])
    #expect(rows("a:1", "") == ["a- removed"])
  }

  /// CPU time of aligning networks of so many layers with an edit each, and with all names changed, ns.
  private func cost(layers count: Int) -> (edited: Double, scanned: Double) {
    func network(_ skip: Int, prefix: String = "") -> [LayerRecord] {
      layers(
        (0..<count).filter { $0 != skip }.map { "\(prefix)l\($0):\($0 % 7)" }
          .joined(separator: " "))
    }
    let (left, right) = (network(100), network(count - 1000))
    let begin = ThreadTime.now()
    var pairs = LayerAlignment(baseline: left, candidate: right).pairs
    let edited = ThreadTime.now() - begin
    #expect(pairs.filter { $0.change == .same }.count == count - 2)
    #expect(pairs.filter { $0.change == .added }.count == 1)
    #expect(pairs.filter { $0.change == .removed }.count == 1)
    // Every name differs: no fixed point at all.
    let renamed = network(count - 1000, prefix: "x/")
    let middle = ThreadTime.now()
    pairs = LayerAlignment(baseline: left, candidate: renamed).pairs
    let scanned = ThreadTime.now() - middle
    #expect(pairs.filter { $0.change == .renamed }.count > count * 9 / 10)
    return (edited, scanned)
  }

  @Test("four times the layers take no more than eight times as long, to 24,000")
  func growth() {
    let (few, many) = (cost(layers: 6000), cost(layers: 24_000))
    #expect(many.edited < 8 * few.edited, "\(many.edited / few.edited)")
    #expect(many.scanned < 8 * few.scanned, "\(many.scanned / few.scanned)")
  }
}
