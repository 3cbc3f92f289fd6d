// x86-64: CPUID, MXCSR, and loops in assembly, so that a debug build measures the same machine as a
// release build.
#pragma once

#include <cpuid.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// CPUID: instruction sets and the hypervisor only. Its cache leaves are wrong in virtual machines.

/// The instruction sets that both the CPU and the operating system (XCR0) support, as flags.
static inline uint32_t cmachine_isa(void) {
  unsigned a, b, c, d, found = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
  if (c & (1u << 19)) found |= CMACHINE_SSE41;
  if (!(c & (1u << 27)) || !(c & (1u << 28))) return found;  // no OSXSAVE or no AVX
  int fma = (c >> 12) & 1;
  uint32_t xcr0, high;
  __asm__ volatile("xgetbv" : "=a"(xcr0), "=d"(high) : "c"(0));
  if ((xcr0 & 0x6) != 0x6) return found;
  found |= CMACHINE_AVX;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return found;
  int leaves = (int)a;
  if ((b & (1u << 5)) && fma) found |= CMACHINE_AVX2;
  if ((xcr0 & 0xe6) == 0xe6 && (b & (1u << 16)) && (b & (1u << 17)) && (b & (1u << 30)) &&
      (b & (1u << 31))) {
    found |= CMACHINE_AVX512_CORE;
    if (c & (1u << 11)) found |= CMACHINE_AVX512_VNNI;
    if (d & (1u << 23)) found |= CMACHINE_AVX512_FP16;
  }
  if ((xcr0 & 0x60000) == 0x60000 && (d & (1u << 24)) && (d & (1u << 25)) && (d & (1u << 22)))
    found |= CMACHINE_AMX;
  if (leaves >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d)) {
    if (a & (1u << 4)) found |= CMACHINE_AVX_VNNI;
    if ((found & CMACHINE_AVX512_CORE) && (a & (1u << 5))) found |= CMACHINE_AVX512_BF16;
  }
  return found;
}

/// Writes the hypervisor's 12-character signature and a NUL; returns 0 on bare metal.
static inline int cmachine_hypervisor(char signature[13]) {
  unsigned a, b, c, d;
  signature[0] = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & (1u << 31))) return 0;
  __cpuid(0x40000000, a, b, c, d);
  memcpy(signature, &b, 4);
  memcpy(signature + 4, &c, 4);
  memcpy(signature + 8, &d, 4);
  signature[12] = 0;
  return 1;
}

// MXCSR: flush-to-zero (bit 15) and denormals-are-zero (bit 6) of the calling thread.
enum { CMACHINE_FLUSH_BITS = 0x8040 };

/// The calling thread's MXCSR.
static inline uint64_t cmachine_float_control(void) {
  uint32_t value;
  __asm__ volatile("stmxcsr %0" : "=m"(value));
  return value;
}

/// Sets the calling thread's MXCSR.
static inline void cmachine_set_float_control(uint64_t value) {
  uint32_t low = (uint32_t)value;
  __asm__ volatile("ldmxcsr %0" : : "m"(low));
}

/// Cycles of one round of `cmachine_chain`.
enum { CMACHINE_CHAIN_CYCLES = 192 };

/// Runs a chain of 64 dependent 32-bit multiplications `rounds` times. Each takes 3 cycles on every
/// x86-64 core since Nehalem and Zen.
__attribute__((noinline)) static void cmachine_chain(uint64_t rounds) {
  uint32_t x = 3;
  __asm__ volatile(
      "1:\n\t"
      ".rept 64\n\t"
      "imull %1, %1\n\t"
      ".endr\n\t"
      "decq %0\n\t"
      "jnz 1b\n\t"
      : "+r"(rounds), "+r"(x)
      :
      : "cc");
}

/// Whether the CPU has a flush, `clflushopt`, that does not wait for the one before it.
static inline int cmachine_flushes_unordered(void) {
  unsigned a, b, c, d;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & (1u << 23)) ? 1 : 0;
}

/// Writes `bytes` from a 64-byte boundary back to memory and drops them from the caches of all
/// cores; returns when that is done.
__attribute__((noinline)) static void cmachine_flush(const void *from, size_t bytes,
                                                     int unordered) {
  const char *at = (const char *)from, *end = at + bytes;
  if (unordered) {
    for (; at < end; at += 64) __asm__ volatile("clflushopt (%0)" : : "r"(at) : "memory");
  } else {
    for (; at < end; at += 64) __asm__ volatile("clflush (%0)" : : "r"(at) : "memory");
  }
  __asm__ volatile("mfence" : : : "memory");
}

#define CMACHINE_READ_LOOP(load, width, reg)                                     \
  while (passes-- > 0) {                                                         \
    const char *at = (const char *)from, *end = at + bytes;                      \
    __asm__ volatile("1:\n\t" load " 0*" width "(%0), %%" reg "0\n\t" load       \
                     " 1*" width "(%0), %%" reg "1\n\t" load " 2*" width         \
                     "(%0), %%" reg "2\n\t" load " 3*" width "(%0), %%" reg      \
                     "3\n\t" load " 4*" width "(%0), %%" reg "4\n\t" load        \
                     " 5*" width "(%0), %%" reg "5\n\t" load " 6*" width         \
                     "(%0), %%" reg "6\n\t" load " 7*" width "(%0), %%" reg      \
                     "7\n\t"                                                     \
                     "addq $8*" width ", %0\n\t"                                 \
                     "cmpq %1, %0\n\t"                                           \
                     "jb 1b\n\t"                                                 \
                     : "+r"(at)                                                  \
                     : "r"(end)                                                  \
                     : "cc", "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4",   \
                       "xmm5", "xmm6", "xmm7");                                  \
  }

__attribute__((noinline)) static void cmachine_read_sse(const void *from, size_t bytes,
                                                        size_t passes) {
  CMACHINE_READ_LOOP("movaps", "16", "xmm")
}

__attribute__((noinline, target("avx"))) static void cmachine_read_avx(const void *from,
                                                                       size_t bytes,
                                                                       size_t passes) {
  CMACHINE_READ_LOOP("vmovaps", "32", "ymm")
  __asm__ volatile("vzeroupper");
}

__attribute__((noinline, target("avx512f"))) static void cmachine_read_avx512(const void *from,
                                                                              size_t bytes,
                                                                              size_t passes) {
  CMACHINE_READ_LOOP("vmovaps", "64", "zmm")
  __asm__ volatile("vzeroupper");
}

#undef CMACHINE_READ_LOOP

/// Reads `bytes` (a multiple of 512, from a 64-byte boundary) `passes` times with the widest loads
/// there are. `isa` is what `cmachine_isa` returned.
static inline void cmachine_read(const void *from, size_t bytes, size_t passes, uint32_t isa) {
  if (isa & CMACHINE_AVX512_CORE) cmachine_read_avx512(from, bytes, passes);
  else if (isa & CMACHINE_AVX) cmachine_read_avx(from, bytes, passes);
  else cmachine_read_sse(from, bytes, passes);
}

#define CMACHINE_COPY_LOOP(load, store, width, reg)                              \
  while (passes-- > 0) {                                                         \
    const char *at = (const char *)from, *end = at + bytes;                      \
    char *into = (char *)to;                                                     \
    __asm__ volatile("1:\n\t" load " 0*" width "(%0), %%" reg "0\n\t" load       \
                     " 1*" width "(%0), %%" reg "1\n\t" load " 2*" width         \
                     "(%0), %%" reg "2\n\t" load " 3*" width "(%0), %%" reg      \
                     "3\n\t" store " %%" reg "0, 0*" width "(%1)\n\t" store      \
                     " %%" reg "1, 1*" width "(%1)\n\t" store " %%" reg          \
                     "2, 2*" width "(%1)\n\t" store " %%" reg "3, 3*" width      \
                     "(%1)\n\t"                                                  \
                     "addq $4*" width ", %0\n\t"                                 \
                     "addq $4*" width ", %1\n\t"                                 \
                     "cmpq %2, %0\n\t"                                           \
                     "jb 1b\n\t"                                                 \
                     : "+r"(at), "+r"(into)                                      \
                     : "r"(end)                                                  \
                     : "cc", "memory", "xmm0", "xmm1", "xmm2", "xmm3");          \
  }                                                                              \
  __asm__ volatile("sfence" : : : "memory");

__attribute__((noinline)) static void cmachine_copy_sse(const void *from, void *to, size_t bytes,
                                                        size_t passes) {
  CMACHINE_COPY_LOOP("movaps", "movaps", "16", "xmm")
}

__attribute__((noinline)) static void cmachine_stream_sse(const void *from, void *to, size_t bytes,
                                                          size_t passes) {
  CMACHINE_COPY_LOOP("movaps", "movntps", "16", "xmm")
}

__attribute__((noinline, target("avx"))) static void cmachine_copy_avx(const void *from, void *to,
                                                                       size_t bytes,
                                                                       size_t passes) {
  CMACHINE_COPY_LOOP("vmovaps", "vmovaps", "32", "ymm")
  __asm__ volatile("vzeroupper");
}

__attribute__((noinline, target("avx"))) static void cmachine_stream_avx(const void *from, void *to,
                                                                         size_t bytes,
                                                                         size_t passes) {
  CMACHINE_COPY_LOOP("vmovaps", "vmovntps", "32", "ymm")
  __asm__ volatile("vzeroupper");
}

__attribute__((noinline, target("avx512f"))) static void cmachine_copy_avx512(const void *from,
                                                                              void *to,
                                                                              size_t bytes,
                                                                              size_t passes) {
  CMACHINE_COPY_LOOP("vmovaps", "vmovaps", "64", "zmm")
  __asm__ volatile("vzeroupper");
}

__attribute__((noinline, target("avx512f"))) static void cmachine_stream_avx512(const void *from,
                                                                                void *to,
                                                                                size_t bytes,
                                                                                size_t passes) {
  CMACHINE_COPY_LOOP("vmovaps", "vmovntps", "64", "zmm")
  __asm__ volatile("vzeroupper");
}

#undef CMACHINE_COPY_LOOP

/// Copies `bytes` (a multiple of 256, between 64-byte boundaries) `passes` times with the widest
/// vectors there are, around the caches if `streams`. `isa` is what `cmachine_isa` returned.
static inline void cmachine_copy(const void *from, void *to, size_t bytes, size_t passes,
                                 int streams, uint32_t isa) {
  if (isa & CMACHINE_AVX512_CORE)
    (streams ? cmachine_stream_avx512 : cmachine_copy_avx512)(from, to, bytes, passes);
  else if (isa & CMACHINE_AVX)
    (streams ? cmachine_stream_avx : cmachine_copy_avx)(from, to, bytes, passes);
  else
    (streams ? cmachine_stream_sse : cmachine_copy_sse)(from, to, bytes, passes);
}

#define CMACHINE_FMA(reg, n) "vfmadd231ps %%" reg "13, %%" reg "12, %%" reg #n "\n\t"
#define CMACHINE_FMA_LOOP(reg)                                                             \
  __asm__ volatile(                                                                        \
      "vxorps %%ymm12, %%ymm12, %%ymm12\n\t"                                               \
      "vxorps %%ymm13, %%ymm13, %%ymm13\n\t"                                               \
      "1:\n\t"                                                                             \
      ".rept 8\n\t" CMACHINE_FMA(reg, 0) CMACHINE_FMA(reg, 1) CMACHINE_FMA(reg, 2)         \
          CMACHINE_FMA(reg, 3) CMACHINE_FMA(reg, 4) CMACHINE_FMA(reg, 5)                   \
              CMACHINE_FMA(reg, 6) CMACHINE_FMA(reg, 7) CMACHINE_FMA(reg, 8)               \
                  CMACHINE_FMA(reg, 9) CMACHINE_FMA(reg, 10) CMACHINE_FMA(reg, 11)         \
      ".endr\n\t"                                                                          \
      "decq %0\n\t"                                                                        \
      "jnz 1b\n\t"                                                                         \
      "vzeroall"                                                                           \
      : "+r"(rounds)                                                                       \
      :                                                                                    \
      : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",      \
        "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");

__attribute__((noinline, target("avx2,fma"))) static void cmachine_fma_avx2(uint64_t rounds) {
  __asm__ volatile("vzeroall" : : : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
                   "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
  CMACHINE_FMA_LOOP("ymm")
}

__attribute__((noinline, target("avx512f"))) static void cmachine_fma_avx512(uint64_t rounds) {
  __asm__ volatile("vzeroall" : : : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
                   "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
  CMACHINE_FMA_LOOP("zmm")
}

#undef CMACHINE_FMA_LOOP
#undef CMACHINE_FMA

/// Multiply-adds of one round of `cmachine_fma`, whatever the width of the vectors.
enum { CMACHINE_FMA_INSTRUCTIONS = 96 };

/// Runs `rounds` rounds of independent multiply-adds in registers, 12 chains of zeros, in vectors of
/// 16 numbers or of 8.
static inline void cmachine_fma(uint64_t rounds, int lanes) {
  if (lanes >= 16) cmachine_fma_avx512(rounds);
  else cmachine_fma_avx2(rounds);
}
