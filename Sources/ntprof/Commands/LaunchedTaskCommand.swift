import ArgumentParser
import Files
import Session

/// `ntprof launched-task`: what a task of `sweep --launch slurm`'s array job runs on a node; not for users.
///
/// Measures what its file says and leaves a part of each process in the shared folder.
struct LaunchedTaskCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "launched-task", abstract: "Measure for another ntprof, on a node of a cluster.",
    shouldDisplay: false)

  /// The folder of the wave's files.
  @Argument var wave: String

  func run() throws {
    guard let index = Environment.filled("SLURM_ARRAY_TASK_ID").flatMap({ Int($0) }) else {
      throw Failure(.usage, "launched-task: no task of an array job (SLURM_ARRAY_TASK_ID)")
    }
    Interrupt.install()
    var run = try LaunchedTaskRun(
      LaunchedTask.load("\(wave)/task-\(index).json"), observer: ConsoleObserver(quiet: false))
    try run.run()
  }
}
