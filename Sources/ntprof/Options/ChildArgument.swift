import ArgumentParser
import Session

/// What a command is told that works for another ntprof: one document.
struct ChildArgument: ParsableArguments {
  @Argument(transform: ChildTask.init(document:)) var task: ChildTask

  /// What it does: by standard input and output it talks with its parent.
  var work: ChildWork {
    ChildWork(task, input: { Console.readInput() }) { (bytes) throws(Failure) in
      try Console.write(bytes)
    }
  }
}
