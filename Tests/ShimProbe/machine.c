// Runs what CMachine has for each architecture: natively, or of another one under an emulator
// (`make check-aarch64`). It proves that the loops end and do what they say, not how fast they are.
#include <stdio.h>
#include <stdlib.h>

#include "shim.h"

static int failures = 0;

static void expect(int holds, const char *what) {
  if (!holds) {
    failures++;
    printf("wrong: %s\n", what);
  }
}

int main(void) {
  uint32_t isa = cmachine_isa();
#if defined(__aarch64__)
  expect(isa == CMACHINE_ASIMD, "every aarch64 CPU has Advanced SIMD, and none of x86-64's sets");
#else
  expect((isa & CMACHINE_ASIMD) == 0, "x86-64 has no Advanced SIMD");
#endif
  char signature[13];
  int virtual = cmachine_hypervisor(signature);
  expect(virtual || signature[0] == 0, "no signature without a hypervisor");

  // Half of the smallest normal number is a denormal, unless it is flushed.
  volatile float smallest = 1.17549435e-38f, half = 0.5f;
  uint64_t before = cmachine_float_control();
  cmachine_set_float_control(before & ~(uint64_t)CMACHINE_FLUSH_BITS);
  volatile float kept = smallest * half;
  cmachine_set_float_control(before | CMACHINE_FLUSH_BITS);
  volatile float flushed = smallest * half;
  expect((cmachine_float_control() & CMACHINE_FLUSH_BITS) == CMACHINE_FLUSH_BITS, "bits are kept");
  cmachine_set_float_control(before);
  expect(kept > 0, "denormal results are kept");
  expect(flushed == 0, "denormal results become zero");

  enum { SIZE = 1 << 16 };
  unsigned char *from = aligned_alloc(64, SIZE), *to = aligned_alloc(64, SIZE);
  if (!from || !to) return 2;
  for (int streams = 0; streams < 2; streams++) {
    for (int i = 0; i < SIZE; i++) from[i] = (unsigned char)(i * 31 + streams), to[i] = 0;
    cmachine_copy(from, to, SIZE / 2, 2, streams, isa);
    expect(memcmp(from, to, SIZE / 2) == 0, streams ? "streams arrive" : "copies arrive");
    int untouched = 1;
    for (int i = SIZE / 2; i < SIZE; i++) untouched &= to[i] == 0;
    expect(untouched, "a copy ends where it should");
  }
  cmachine_read(from, SIZE, 3, isa);
  cmachine_flush(from, SIZE, cmachine_flushes_unordered());
  expect(from[1] == (unsigned char)(31 + 1), "a flush keeps what was written");
  cmachine_chain(10);
  expect(CMACHINE_CHAIN_CYCLES > 0 && CMACHINE_FMA_INSTRUCTIONS > 0, "work is counted");
#if defined(__aarch64__)
  cmachine_fma(10, 4);
#else
  if (isa & CMACHINE_AVX2) cmachine_fma(10, 8);
#endif

  // Nobody answers: the deadline, which has passed, ends it.
  uint64_t counter = 0;
  expect(cmachine_hand_off(&counter, 0, 0, 4, 1) == 0, "a hand-off without a partner ends");
  expect(cmachine_gettid() > 0 && cmachine_current_cpu() >= 0, "threads and CPUs have numbers");
  int file = cmachine_memory_file("probe");
  expect(file >= 8, "a file in memory has a high number");

  printf(failures ? "%d wrong\n" : "CMachine: all as it should be\n", failures);
  return failures ? 1 : 0;
}
