import Testing

@testable import Machine

@Suite struct ControlGroupTests {
  static let version2 =
    "30 1 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"

  @Test func takesTheStrictestOfTheAncestors() {
    let files = [
      "/sys/fs/cgroup/a/b/memory.max": "max\n", "/sys/fs/cgroup/a/memory.max": "1000000\n",
      "/sys/fs/cgroup/a/memory.current": "400000\n",
      "/sys/fs/cgroup/a/memory.stat": "anon 1\ninactive_file 100000\n",
      "/sys/fs/cgroup/memory.max": "9000000\n", "/sys/fs/cgroup/a/b/cpu.max": "150000 100000\n",
      "/sys/fs/cgroup/a/cpu.max": "max 100000\n",
    ]
    let group = ControlGroup(groups: "0::/a/b\n", mounts: Self.version2) { files[$0] }
    #expect(group.memoryLimit == 1_000_000)
    #expect(group.memoryLeft == 700_000)
    #expect(group.cpuQuota == 1.5)
  }

  @Test func readsVersion1WithTheMountsRootCutOff() {
    let mounts = """
      40 30 0:30 /docker/x /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory
      41 30 0:31 /docker/x /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct
      """
    let files = [
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "2147483648\n",
      "/sys/fs/cgroup/memory/memory.usage_in_bytes": "1073741824\n",
      "/sys/fs/cgroup/memory/memory.stat": "inactive_file 5\ntotal_inactive_file 0\n",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "200000\n",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
    ]
    let groups = "5:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n1:name=systemd:/docker/x\n"
    let group = ControlGroup(groups: groups, mounts: mounts) { files[$0] }
    #expect(group.memoryLimit == 2 << 30)
    #expect(group.memoryLeft == 1 << 30)
    #expect(group.cpuQuota == 2)
  }

  @Test func unlimitedIsNil() {
    let mounts = "40 30 0:30 / /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
    let files = [
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
      "/sys/fs/cgroup/memory/cpu.cfs_quota_us": "-1\n",
      "/sys/fs/cgroup/memory/cpu.cfs_period_us": "100000\n",
    ]
    let group = ControlGroup(groups: "4:memory:/\n", mounts: mounts) { files[$0] }
    #expect(group.memoryLimit == nil)
    #expect(group.memoryLeft == nil)
    #expect(group.cpuQuota == nil)
    #expect(ControlGroup(groups: "", mounts: "") { _ in nil }.memoryLimit == nil)
  }
}
