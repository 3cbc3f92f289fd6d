import Foundation
import Testing
import Topology
import TopologyXML

/// Damaged documents give diagnostics or a graph, never a crash, and positions inside the file.
@Suite struct MutationTests {
  /// SplitMix64 (Steele, Lea and Flood, 2014): the same damage in every run.
  struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  static let tokens = [
    "<", ">", "\"", "'", "/>", "${", "}", "&", "&#0;", "]]>", "<!--", "-->", "<?", "<![CDATA[",
    "<!DOCTYPE x>", "9223372036854775807", "-1", "0", "@input", " ", "\n", "\r", "\u{0}", "é", "日本",
    "<repeat count=\"3\">", "</repeat>", "<layer name=\"q\"><softmax/></layer>", "${1/0}", "x",
    "..",
  ]

  func mutate(_ bytes: [UInt8], _ generator: inout Generator) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      guard bytes.count > 10 else { break }
      let at = Int.random(in: 0..<bytes.count, using: &generator)
      let end = min(bytes.count, at + Int.random(in: 1...40, using: &generator))
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: bytes.removeSubrange(at..<end)
      case 1:
        bytes.insert(
          contentsOf: bytes[at..<end], at: Int.random(in: 0...bytes.count, using: &generator))
      case 2: bytes[at] = UInt8.random(in: 0...255, using: &generator)
      case 3: bytes.removeSubrange(at...)
      default:
        let token = Self.tokens.randomElement(using: &generator) ?? "<"
        if Bool.random(using: &generator) { bytes.removeSubrange(at..<end) }
        bytes.insert(contentsOf: token.utf8, at: min(at, bytes.count))
      }
    }
    return bytes
  }

  @Test(.timeLimit(.minutes(10)), arguments: bundled) func damageIsDiagnosed(_ file: String) throws
  {
    let original = Array(try Data(contentsOf: topologies.appending(path: file)))
    var generator = Generator(state: UInt64(original.count))
    // `make fuzz` changes as many as there is time for.
    for round in 0..<20 {
      let bytes = mutate(original, &generator)
      do throws(TopologyReadError) {
        let reader = TopologyReader(options: .init(maximumLayers: 2000))
        #expect(try !reader.read(bytes: bytes, file: file).graph.layers.isEmpty)
      } catch {
        guard case .invalid(let found) = error else {
          Issue.record("round \(round): \(error)")
          continue
        }
        #expect(!found.isEmpty && found.count <= 50)
        let lines = bytes.count { $0 == 0x0A || $0 == 0x0D } + 1
        for diagnostic in found {
          #expect((1...lines).contains(diagnostic.location.line))
          #expect((1...bytes.count + 1).contains(diagnostic.location.column))
          #expect(!diagnostic.message.isEmpty)
        }
      }
    }
  }
}
