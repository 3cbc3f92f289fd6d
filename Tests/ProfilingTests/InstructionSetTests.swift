import Testing

@testable import Profiling

/// What names of instruction sets say.
@Suite struct InstructionSetTests {
  @Test(arguments: [
    ("sse41", 4, false, false, false), ("avx2", 8, false, false, false),
    ("AVX2", 8, false, false, false), ("avx2_vnni", 8, true, false, false),
    ("avx512", 16, false, false, false), ("avx512_core_vnni", 16, true, false, false),
    ("avx512_core_bf16", 16, true, true, false), ("avx512_core_fp16", 16, true, true, false),
    ("avx512_core_amx", 16, true, true, true), ("avx10_1_512", 16, true, true, false),
    ("avx10_1_512_amx_fp16", 16, true, true, true), ("sve_256", 8, false, false, false),
  ])
  func names(_ name: String, lanes: Int, int8: Bool, bf16: Bool, tiles: Bool) {
    let set = InstructionSet(name)
    #expect(set.lanes == lanes)
    #expect(set.features.contains(.int8) == int8)
    #expect(set.features.contains(.bf16) == bf16)
    #expect(set.features.contains(.tiles) == tiles)
    #expect(set.description == name)
  }

  @Test func whatIsNotKnownHasNothing() {
    let set = InstructionSet("rvv_1")
    #expect(set.lanes == nil)
    #expect(set.features == [])
  }

  @Test func moreFeaturesComeWithNoLess() {
    for (name, set) in InstructionSet.known {
      if set.features.contains(.bf16) { #expect(set.features.contains(.int8), "\(name)") }
      if set.features.contains(.tiles) { #expect(set.bytes == 64, "\(name)") }
    }
  }
}
