import Foundation

/// Test doubles of Slurm's commands: an `sbatch` that runs each task of the array at once, one after the
/// other, on two nodes that it makes up.
///
/// They are no Slurm. How the command gets on with the real one is what `Tests/Slurm` shows.
struct FakeSlurm {
  /// What the double does with a job.
  enum Behaviour: String {
    /// Runs all tasks.
    case runs
    /// Refuses it, as a cluster does.
    case refuses
    /// Loses the first task of the first job: it never starts.
    case losesOne = "loses-one"
    /// Loses all tasks of all jobs, with words in their logs.
    case losesAll = "loses-all"
    /// Accepts it and leaves neither parts nor logs, as nodes do that share no folder.
    case sharesNothing = "shares-nothing"
  }

  private let folder: URL

  /// Puts them into a folder.
  init(_ folder: URL, mostTasks: Int = 1001) throws {
    self.folder = folder.appending(path: "fake-slurm")
    try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
    try write("sbatch", Self.sbatch)
    try write("squeue", "exit 0")
    try write("scontrol", "echo 'MaxArraySize            = \(mostTasks)'")
  }

  /// The environment in which the command finds them.
  func environment(_ behaviour: Behaviour = .runs) -> [String: String] {
    [
      "PATH": "\(folder.path(percentEncoded: false)):/usr/bin:/bin",
      "FAKE_SLURM": behaviour.rawValue,
      "XDG_CACHE_HOME": folder.appending(path: "cache").path(percentEncoded: false),
    ]
  }

  /// A `PATH` of a folder and them.
  func path(behind other: URL) -> String {
    [other, folder].map { $0.path(percentEncoded: false) }.joined(separator: ":") + ":/usr/bin:/bin"
  }

  /// What `sbatch` was told, a line a job.
  var jobs: [String] {
    let text = try? String(contentsOf: folder.appending(path: "jobs"), encoding: .utf8)
    return (text ?? "").split(separator: "\n").map(String.init)
  }

  private func write(_ name: String, _ text: String) throws {
    let file = folder.appending(path: name)
    try Data("#!/bin/sh\n\(text)\n".utf8).write(to: file)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: file.path(percentEncoded: false))
  }

  private static let sbatch = """
    # A test double.
    here=$(dirname "$0")
    if [ "$FAKE_SLURM" = refuses ]; then
      echo 'sbatch: error: Batch job submission failed: Invalid account or account/partition' >&2
      exit 1
    fi
    for word; do
      case $word in
        --array=0-*) last=${word#--array=0-} ;;
        --output=*) log=${word#--output=} ;;
      esac
      script=$word
    done
    echo "$*" >>"$here/jobs"
    job=$(wc -l <"$here/jobs")
    echo "$job"
    [ "$FAKE_SLURM" = shares-nothing ] && exit 1
    task=0
    while [ "$task" -le "$last" ]; do
      words=$(echo "$log" | sed "s/%a/$task/")
      if [ "$FAKE_SLURM" = loses-all ]; then
        echo 'slurmstepd: error: *** JOB 1 ON n1 CANCELLED DUE TO TIME LIMIT ***' >>"$words"
      elif [ "$FAKE_SLURM" = loses-one ] && [ "$job" = 1 ] && [ "$task" = 0 ]; then
        echo 'slurmstepd: error: *** JOB 1 ON n1 CANCELLED DUE TO PREEMPTION ***' >>"$words"
      else
        SLURM_ARRAY_JOB_ID=$job SLURM_ARRAY_TASK_ID=$task SLURMD_NODENAME=n$((task % 2 + 1)) \\
          sh "$script" >>"$words" 2>&1
      fi
      task=$((task + 1))
    done
    """
}
