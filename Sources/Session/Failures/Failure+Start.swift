package import Files

extension Failure {
  /// The failure of a process that cannot be started: what stopped it, and what to do where a limit did.
  ///
  /// - Parameters:
  ///   - process: What was to start, as `a measuring process`.
  ///   - error: The call that failed, of starting it or of making the files that it writes to.
  ///   - status: How the command ends.
  package init(
    cannotStart process: String, _ error: SystemCallError, _ status: Status = .software
  ) {
    self.init(status, "\(process) cannot be started: \(error)", remedy: error.shortageRemedy)
  }
}
