import Profiling

extension LoadedTopology {
  /// The arguments that name this topology to a child.
  package var arguments: [String] {
    var list: [String] = []
    if let batch { list += ["--batch", "\(batch)"] }
    for assignment in assignments { list += ["--set", "\(assignment.name)=\(assignment.value)"] }
    if let weights { list += ["--weights", weights] }
    list += model.arguments
    return list + ["--sha256", info.sha256, "--", source]
  }
}
