import ArgumentParser
import Profiling
import Reports

/// Options that say where a run is published to.
struct PublishOptions: ParsableArguments {
  @Option(
    name: .customLong("otlp-endpoint"),
    help: ArgumentHelp(
      "Also send the run's spans to an OpenTelemetry collector or Jaeger, and save them.",
      discussion: "Plain http only, e.g. http://localhost:4318/v1/traces.", valueName: "url"))
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
    do throws(HTTPPost.Fault) {
      try HTTPPost(endpoint).send(OTLPFormat().render(record))
    } catch {
      throw Failure(
        .inputOutput, "--otlp-endpoint \(text): \(error)", remedy: error.remedy)
    }
    if !quiet { Console.note("published: \(text)") }
  }
}
