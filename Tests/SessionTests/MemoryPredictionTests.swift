import Engines
import Foundation
import Machine
import Measuring
import Session
import TestSupport
import Testing

/// What a run is predicted to take, part by part.
@Suite("Memory prediction") struct MemoryPredictionTests {
  private func loaded(_ name: String, batch: Int? = nil) throws -> LoadedTopology {
    let file = RepositoryFiles.root.appending(path: "topologies/\(name).xml")
    return try LoadedTopology(NetworkSettings(file.path(percentEncoded: false), batch: batch))
  }

  private func prediction(
    _ loaded: LoadedTopology, resident: Int = 0, model: Int = 0, comparing: Bool = false,
    _ change: (inout MeasurementSettings) -> Void = { _ in }
  ) throws -> MemoryPrediction {
    var settings = MeasurementSettings()
    settings.threads = 1
    settings.planning.askedTuning = "fast"
    change(&settings)
    return MemoryPrediction(
      try loaded.program(), settings, on: Host.read(), model: model, resident: resident,
      comparing: comparing)
  }

  @Test("the largest phase counts, and says what it is made of")
  func phases() throws {
    // 103 million of 138 million weights are one layer's, and lie there twice while they are packed.
    let large = try prediction(loaded("vgg16"))
    #expect(large.plan.packing > 390 << 20)
    #expect(large.recorded == large.base + large.plan.planning)
    let words = Phases.words(of: large)
    #expect(words.contains("weights 528 MiB"), "\(words)")
    // A trial holds several copies of what it tries.
    let search = try prediction(loaded("vgg16")) { $0.planning.askedTuning = "search" }
    #expect(search.largest.name == "while implementations are tried")
    #expect(search.peak > large.peak + (512 << 20))
    // A small one is hidden behind the buffer that bandwidths are measured with.
    let small = try prediction(loaded("squeezenet-1.1"))
    #expect(small.largest.name == "while passes run")
    #expect(small.peak == small.largest.bytes && small.peak > small.recorded + small.roofs - 1)
    #expect(small.largest.parts.allSatisfy { $0.bytes > 0 })
  }

  /// The words of phases.
  private enum Phases {
    static func words(of prediction: MemoryPrediction) -> String {
      prediction.phases.map(\.description).joined(separator: "; ")
    }
  }

  @Test("precision, comparison, tuning and what is there already count")
  func parts() throws {
    let network = try loaded("resnet50")
    let plain = try prediction(network)
    let int8 = try prediction(network) { $0.askedPrecision = "int8" }
    #expect(int8.recorded < plain.recorded && int8.comparison == 0)
    #expect(Phases.words(of: int8).contains("while int8 is calibrated"))
    let bf16 = try prediction(network) { $0.askedPrecision = "bf16" }
    #expect(bf16.comparison == plain.plan.peak && plain.comparison == 0)
    #expect(try prediction(network, comparing: true).peak == plain.peak + plain.plan.peak)
    let search = try prediction(network) { $0.planning.askedTuning = "search" }
    #expect(search.recorded > plain.recorded)
    #expect(Phases.words(of: search).contains("the process that tries them"))
    // What this process holds stays; pages of the model's file among that count once.
    let held = try prediction(network, resident: 900 << 20, model: 100 << 20)
    #expect(held.base == 800 << 20 && held.recorded == plain.recorded - plain.base + (900 << 20))
  }

  @Test("another engine's memory is its process's")
  func engines() throws {
    let network = try loaded("resnet50")
    let own = try prediction(network)
    // As measured in a process each, of the versions of Benchmarks/requirements.txt.
    let peaks: [(EngineName, Double)] = [(.onnxruntime, 333), (.openvino, 588), (.pytorch, 411)]
    for (engine, peak) in peaks {
      let other = try prediction(network) { $0.engine = engine }
      #expect(abs(Double(other.recorded) / 0x1p20 / peak - 1) < 0.2, "\(engine)")
      #expect(other.engine == other.recorded && other.peak > other.recorded)
    }
    #expect(own.engine == 0)
  }

  @Test("a refusal names the parts, and whose bound it is")
  func refusal() throws {
    let network = try loaded("squeezenet-1.1")
    var settings = MeasurementSettings()
    settings.planning.askedTuning = "fast"
    settings.planning.memoryLimit = 1 << 20
    do throws(Failure) {
      try network.checkMemory(settings)
      Issue.record("it was not refused")
    } catch {
      #expect(error.exit == .data)
      for words in ["the process itself", "weights ", "values ", "--memory-limit allows 1 MiB"] {
        #expect(error.message.contains(words), "\(error.message)")
      }
    }
    settings.planning.memoryLimit = 1 << 40
    #expect(try network.checked(for: settings).memory.recorded > 0)
  }
}
