/// The limits that control groups (containers, batch systems) put on this process.
public struct ControlGroup: Hashable, Sendable {
  /// Most memory it may have, bytes; nil without a limit.
  public var memoryLimit: Int?
  /// What is left of that limit, bytes; nil without a limit.
  public var memoryLeft: Int?
  /// CPUs' worth of time it may use a second, such as 1.5; nil without a quota.
  public var cpuQuota: Double?
  /// How long quotas have stopped its processes so far, ns; nil where none counts.
  public var throttledNs: UInt64?

  /// Finds the strictest limits, versions 1 and 2, from the process's groups up to the root.
  ///
  /// - Parameters:
  ///   - groups: The text of `/proc/self/cgroup`.
  ///   - mounts: The text of `/proc/self/mountinfo`.
  ///   - file: The text of a file by its path, or nil.
  public init(groups: String, mounts: String, file: (String) -> String?) {
    let mounted = mounts.split(separator: "\n").compactMap(Mount.init)
    for line in groups.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let controllers = parts[1].split(separator: ",")
      let version2 = parts[1].isEmpty
      guard version2 || controllers.contains("memory") || controllers.contains("cpu"),
        let mount = mounted.first(where: {
          version2 ? $0.type == "cgroup2" : $0.carries(controllers)
        })
      else { continue }
      for directory in mount.directories(of: String(parts[2])) {
        if version2 {
          tighten(
            memory: file(directory + "/memory.max"), used: file(directory + "/memory.current"),
            statistics: file(directory + "/memory.stat"), inactive: "inactive_file")
          let words = file(directory + "/cpu.max")?.split(whereSeparator: \.isWhitespace) ?? []
          tighten(quota: words.first, period: words.last)
          addThrottling(file(directory + "/cpu.stat"), "throttled_usec", scale: 1000)
        } else {
          tighten(
            memory: file(directory + "/memory.limit_in_bytes"),
            used: file(directory + "/memory.usage_in_bytes"),
            statistics: file(directory + "/memory.stat"), inactive: "total_inactive_file")
          tighten(
            quota: file(directory + "/cpu.cfs_quota_us")?.trimmingSpace(),
            period: file(directory + "/cpu.cfs_period_us")?.trimmingSpace())
          addThrottling(file(directory + "/cpu.stat"), "throttled_time", scale: 1)
        }
      }
    }
  }

  /// Reads the limits of this process.
  static func read() -> ControlGroup {
    ControlGroup(
      groups: TextFile.read("/proc/self/cgroup") ?? "",
      mounts: TextFile.read("/proc/self/mountinfo") ?? "", file: TextFile.read)
  }

  private mutating func tighten(
    memory: String?, used: String?, statistics: String?, inactive: String
  ) {
    // Version 1 writes "no limit" as the largest page-aligned number, version 2 as "max".
    guard let limit = memory.flatMap({ Int($0.trimmingSpace()) }), limit < 1 << 60 else { return }
    memoryLimit = min(limit, memoryLimit ?? limit)
    guard let used = used.flatMap({ Int($0.trimmingSpace()) }) else { return }
    // File pages that nobody has touched lately are given back before anything fails.
    var reclaimable = 0
    for line in (statistics ?? "").split(separator: "\n") where line.hasPrefix(inactive + " ") {
      reclaimable = Int(line.dropFirst(inactive.count + 1)) ?? 0
    }
    let left = max(0, limit - used + min(used, reclaimable))
    memoryLeft = min(left, memoryLeft ?? left)
  }

  private mutating func tighten(quota: Substring?, period: Substring?) {
    guard let quota = quota.flatMap({ Double($0) }), quota > 0,
      let period = period.flatMap({ Double($0) }), period > 0
    else { return }
    cpuQuota = min(quota / period, cpuQuota ?? .infinity)
  }

  /// The longest of the groups: what stops an outer one stops the inner ones, too.
  private mutating func addThrottling(_ statistics: String?, _ field: String, scale: UInt64) {
    for line in (statistics ?? "").split(separator: "\n") where line.hasPrefix(field + " ") {
      guard let value = UInt64(line.dropFirst(field.count + 1)) else { continue }
      throttledNs = max(value &* scale, throttledNs ?? 0)
    }
  }

  /// A mounted control-group hierarchy.
  private struct Mount {
    let root: String
    let point: String
    let type: Substring
    let options: [Substring]

    /// Reads a line of mountinfo: `… root point options [tags] - type source superoptions`.
    init?(line: Substring) {
      let words = line.split(separator: " ")
      guard let dash = words.firstIndex(of: "-"), dash >= 5, words.count > dash + 3 else {
        return nil
      }
      root = String(words[3])
      point = String(words[4])
      type = words[dash + 1]
      options = words[dash + 3].split(separator: ",")
    }

    func carries(_ controllers: [Substring]) -> Bool {
      type == "cgroup" && controllers.contains { options.contains($0) }
    }

    /// Where a group and its ancestors are mounted, innermost first.
    func directories(of group: String) -> [String] {
      // In a container the group's path is as the host sees it; the mount's root is cut off it.
      var path = group
      if root != "/" { path = group.hasPrefix(root) ? String(group.dropFirst(root.count)) : "" }
      var found: [String] = []
      while !path.isEmpty && path != "/" {
        found.append(point + path)
        path = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
      }
      return found + [point]
    }
  }
}
