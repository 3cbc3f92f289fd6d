import Foundation
import Testing
import Topology

/// The list of kinds, the files, and the elements they read.
@Suite struct LayerKindsTests {
  @Test func everyFileIsListedAndEveryListedKindHasAFile() throws {
    let sources = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/Topology/Layers").standardized
    let files = try FileManager.default.contentsOfDirectory(atPath: sources.path)
    let listed = LayerKinds.standard.all.map { "\($0).swift" }
    #expect(files.sorted() == listed.sorted())
  }

  @Test func noElementIsReadTwice() {
    let elements = LayerKinds.standard.elements.map(\.name)
    #expect(Set(elements).count == elements.count)
  }

  /// What topologies may hold that were written before.
  @Test func theWholeLanguageIsKnown() {
    let language = """
      fc conv deconv lstm gru rnn pool global-pool batch-norm layer-norm group-norm lrn activation
      add sub mul div max min concat softmax log-softmax matmul attention embedding reshape flatten
      transpose slice split pad squeeze unsqueeze reduce gather resample dropout quantize
      dequantize inlay rms-norm instance-norm prelu cumsum equal greater greater-or-equal less
      less-or-equal where expand roll depth-to-space space-to-depth one-hot top-k
      """
    let names = LayerKinds.standard.elements.map(\.name)
    #expect(
      Set(names).isSuperset(of: language.split(whereSeparator: \.isWhitespace).map(String.init)))
  }
}
