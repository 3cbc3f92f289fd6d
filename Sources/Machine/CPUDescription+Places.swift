extension CPUDescription {
  /// The order in which to give CPUs to threads: one of each physical core first, then their
  /// second hardware threads, and so on.
  ///
  /// Cores of one package stand together, that of `current` first and with it its own core, so that
  /// the calling thread stays where the kernel has put it: two programs that start at the same time
  /// so do not choose the same core.
  ///
  /// - Parameters:
  ///   - processors: The CPUs that the process may use.
  ///   - current: The CPU that the calling thread is on.
  /// - Returns: All of `processors`, each once.
  public func places(of processors: [Int], from current: Int?) -> [Int] {
    func core(_ processor: Int) -> Core {
      cores[processor] ?? Core(package: -1, number: processor)
    }
    let home = current.flatMap { processors.contains($0) ? $0 : nil }
    var siblings: [Core: [Int]] = [:]
    for processor in Set(processors).sorted() {
      siblings[core(processor), default: []].append(processor)
    }
    if let home, let index = siblings[core(home)]?.firstIndex(of: home) {
      siblings[core(home)]?.remove(at: index)
      siblings[core(home)]?.insert(home, at: 0)
    }
    let ordered = siblings.sorted { first, second in
      let keys = [first, second].map { entry in
        let isHome = home.map { core($0) == entry.key } ?? false
        let isNear = home.map { core($0).package == entry.key.package } ?? false
        return (isHome ? 0 : 1, isNear ? 0 : 1, entry.key.package, entry.value[0])
      }
      return keys[0] < keys[1]
    }.map(\.value)
    let most = ordered.map(\.count).max() ?? 0
    return (0..<most).flatMap { round in ordered.compactMap { round < $0.count ? $0[round] : nil } }
  }
}
