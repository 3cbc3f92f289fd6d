import ArgumentParser
import Profiling
import Reports
import Session

/// Options that say where a run is published to.
struct PublishOptions: ParsableArguments {
  @Option(
    name: .customLong("otlp-endpoint"),
    help: ArgumentHelp(
      "Also send the run's spans to an OpenTelemetry collector or Jaeger, and save them.",
      discussion: "For example http://localhost:4318/v1/traces; https is spoken, too.",
      valueName: "url"))
  var endpoint: String?

  func validate() throws {
    guard let endpoint else { return }
    do throws(Endpoint.Fault) { _ = try Endpoint(endpoint) } catch {
      throw ValidationError("--otlp-endpoint '\(endpoint)': \(error)")
    }
  }

  /// The format whose file is saved because it is published.
  var formats: [String] { endpoint == nil ? [] : ["otlp"] }

  /// Sends a run, after everything else was delivered.
  func publish(_ record: RunRecord, quiet: Bool) throws(Failure) {
    guard let text = endpoint, let endpoint = try? Endpoint(text) else { return }
    guard record.timedPass != nil else {
      throw Failure(
        .data, "--otlp-endpoint \(text): the record holds no times, so there is nothing to publish",
        remedy: "publish a record that profile saved")
    }
    let answer: [UInt8]
    do throws(CollectorPost.Fault) {
      answer = try CollectorPost(endpoint).send(OTLPFormat().render(record))
    } catch {
      throw Failure(.inputOutput, "--otlp-endpoint \(text): \(error)", remedy: error.remedy)
    }
    if let rejected = CollectorAnswer(answer).rejected {
      throw Failure(
        .inputOutput, "--otlp-endpoint \(text): the collector rejected \(rejected) spans",
        remedy: "its own log says why; the spans are saved")
    }
    if !quiet { Console.note("published: \(text)") }
  }
}
