// aarch64: hardware capabilities, FPCR, and loops in assembly with Advanced SIMD, which every core has.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/auxv.h>

/// The instruction sets that both the CPU and the operating system support, as flags.
static inline uint32_t cmachine_isa(void) {
  unsigned long capabilities = getauxval(AT_HWCAP);
  return capabilities & (1ul << 1) ? CMACHINE_ASIMD : 0;  // HWCAP_ASIMD
}

/// Writes an empty signature and returns 0: no instruction of this architecture tells a hypervisor.
static inline int cmachine_hypervisor(char signature[13]) {
  signature[0] = 0;
  return 0;
}

// FPCR: FZ (bit 24) makes zeros of both denormal operands and denormal results of the calling thread.
enum { CMACHINE_FLUSH_BITS = 1 << 24 };

/// The calling thread's FPCR.
static inline uint64_t cmachine_float_control(void) {
  uint64_t value;
  __asm__ volatile("mrs %0, fpcr" : "=r"(value));
  return value;
}

/// Sets the calling thread's FPCR.
static inline void cmachine_set_float_control(uint64_t value) {
  __asm__ volatile("msr fpcr, %0" : : "r"(value));
}

/// Cycles of one round of `cmachine_chain`.
enum { CMACHINE_CHAIN_CYCLES = 192 };

/// Runs a chain of 192 dependent additions `rounds` times. Each takes one cycle on every Cortex-A and
/// Neoverse core, where multiplications take 2 to 4.
__attribute__((noinline)) static void cmachine_chain(uint64_t rounds) {
  uint64_t x = 3;
  __asm__ volatile(
      "1:\n\t"
      ".rept 192\n\t"
      "add %1, %1, %1\n\t"
      ".endr\n\t"
      "subs %0, %0, #1\n\t"
      "b.ne 1b\n\t"
      : "+r"(rounds), "+r"(x)
      :
      : "cc");
}

/// Whether flushes do not wait for each other: they never do.
static inline int cmachine_flushes_unordered(void) { return 1; }

/// Writes `bytes` from a 64-byte boundary back to memory and drops them from the caches of all
/// cores; returns when that is done. Cores with longer lines are told of each more than once.
__attribute__((noinline)) static void cmachine_flush(const void *from, size_t bytes,
                                                     int unordered) {
  (void)unordered;
  const char *at = (const char *)from, *end = at + bytes;
  for (; at < end; at += 64) __asm__ volatile("dc civac, %0" : : "r"(at) : "memory");
  __asm__ volatile("dsb sy" : : : "memory");
}

/// Reads `bytes` (a multiple of 512, from a 64-byte boundary) `passes` times, two vectors a load.
__attribute__((noinline)) static void cmachine_read(const void *from, size_t bytes, size_t passes,
                                                    uint32_t isa) {
  (void)isa;
  while (passes-- > 0) {
    const char *at = (const char *)from, *end = at + bytes;
    __asm__ volatile(
        "1:\n\t"
        "ldp q0, q1, [%0]\n\t"
        "ldp q2, q3, [%0, #32]\n\t"
        "ldp q4, q5, [%0, #64]\n\t"
        "ldp q6, q7, [%0, #96]\n\t"
        "add %0, %0, #128\n\t"
        "cmp %0, %1\n\t"
        "b.lo 1b\n\t"
        : "+r"(at)
        : "r"(end)
        : "cc", "memory", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7");
  }
}

#define CMACHINE_COPY_LOOP(store)                                         \
  while (passes-- > 0) {                                                  \
    const char *at = (const char *)from, *end = at + bytes;               \
    char *into = (char *)to;                                              \
    __asm__ volatile("1:\n\t"                                             \
                     "ldp q0, q1, [%0]\n\t"                               \
                     "ldp q2, q3, [%0, #32]\n\t" store                    \
                     " q0, q1, [%1]\n\t" store                            \
                     " q2, q3, [%1, #32]\n\t"                             \
                     "add %0, %0, #64\n\t"                                \
                     "add %1, %1, #64\n\t"                                \
                     "cmp %0, %2\n\t"                                     \
                     "b.lo 1b\n\t"                                        \
                     : "+r"(at), "+r"(into)                               \
                     : "r"(end)                                           \
                     : "cc", "memory", "v0", "v1", "v2", "v3");           \
  }                                                                       \
  __asm__ volatile("dsb ishst" : : : "memory");

__attribute__((noinline)) static void cmachine_copy_asimd(const void *from, void *to, size_t bytes,
                                                          size_t passes) {
  CMACHINE_COPY_LOOP("stp")
}

__attribute__((noinline)) static void cmachine_stream_asimd(const void *from, void *to,
                                                            size_t bytes, size_t passes) {
  CMACHINE_COPY_LOOP("stnp")
}

#undef CMACHINE_COPY_LOOP

/// Copies `bytes` (a multiple of 256, between 64-byte boundaries) `passes` times, around the caches if
/// `streams`.
static inline void cmachine_copy(const void *from, void *to, size_t bytes, size_t passes,
                                 int streams, uint32_t isa) {
  (void)isa;
  (streams ? cmachine_stream_asimd : cmachine_copy_asimd)(from, to, bytes, passes);
}

#define CMACHINE_FMA(n) "fmla v" #n ".4s, v30.4s, v31.4s\n\t"

/// Multiply-adds of one round of `cmachine_fma`, whatever the width of the vectors.
enum { CMACHINE_FMA_INSTRUCTIONS = 96 };

/// Runs `rounds` rounds of independent multiply-adds in registers, 12 chains of zeros, in vectors of 4
/// numbers.
__attribute__((noinline)) static void cmachine_fma(uint64_t rounds, int lanes) {
  (void)lanes;
  __asm__ volatile(
      "movi v30.4s, #0\n\t"
      "movi v31.4s, #0\n\t"
      "1:\n\t"
      ".rept 8\n\t" CMACHINE_FMA(0) CMACHINE_FMA(1) CMACHINE_FMA(2) CMACHINE_FMA(3)
          CMACHINE_FMA(4) CMACHINE_FMA(5) CMACHINE_FMA(6) CMACHINE_FMA(7) CMACHINE_FMA(8)
              CMACHINE_FMA(9) CMACHINE_FMA(10) CMACHINE_FMA(11)
      ".endr\n\t"
      "subs %0, %0, #1\n\t"
      "b.ne 1b\n\t"
      : "+r"(rounds)
      :
      : "cc", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v30",
        "v31");
}

#undef CMACHINE_FMA
