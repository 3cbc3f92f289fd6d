extension Microarchitecture {
  /// Any CPU that has no entry of its own: what the kernel maps for all of them.
  ///
  /// Source: `perf_event_open(2)`, `PERF_TYPE_HARDWARE` and `PERF_TYPE_HW_CACHE`. Four counters
  /// are what the smallest x86 server core of the last ten years has, hyper-threading on.
  public static let generic = Microarchitecture(
    id: "generic", name: "unknown CPU", cpus: [], generalCounters: 4,
    events: [
      CatalogueEvent(
        CommonEvent.cycles, .hardware(0), unit: "cycles", "core cycles, by the kernel's mapping",
        source: man),
      CatalogueEvent(
        CommonEvent.instructions, .hardware(1), unit: "instructions",
        "instructions retired, by the kernel's mapping", source: man),
      CatalogueEvent(
        CommonEvent.l1dMisses, .cache(0x1_0000), unit: "lines",
        "L1 data read misses, by the kernel's mapping", source: man),
      CatalogueEvent(
        CommonEvent.llcMisses, .cache(0x1_0002), unit: "lines",
        "last-level read misses, by the kernel's mapping", source: man),
    ],
    topDown: .absent(
      "no formulas are known for this CPU; the kernel's stalled-cycles events are not slots"),
    flops: .absent("the kernel has no general event for floating-point operations"),
    caveats: [
      "what the kernel maps cache events to differs between CPUs, and some mappings count prefetches"
    ])

  private static let man = "perf_event_open(2)"
}
