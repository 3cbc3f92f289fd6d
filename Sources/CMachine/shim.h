// What Swift cannot say about the machine itself: variadic system calls, registers of the CPU and loops
// whose instructions must be exactly these. Header-only; no library beyond libc.
//
// One header an architecture has what differs: `cmachine_isa`, `cmachine_hypervisor`,
// `cmachine_float_control`, `cmachine_chain`, `cmachine_flush`, `cmachine_read`, `cmachine_copy` and
// `cmachine_fma`, by the same names and for the same arguments.
#pragma once

#include "handoff.h"
#include "perf.h"
#include "process.h"

/// Instruction sets, as flags: those of x86-64, then those of aarch64.
enum {
  CMACHINE_AVX = 1 << 0,
  CMACHINE_AVX2 = 1 << 1,  // with FMA
  CMACHINE_AVX_VNNI = 1 << 2,
  CMACHINE_AVX512_CORE = 1 << 3,  // F, BW, VL, DQ
  CMACHINE_AVX512_VNNI = 1 << 4,
  CMACHINE_AVX512_BF16 = 1 << 5,
  CMACHINE_AVX512_FP16 = 1 << 6,
  CMACHINE_AMX = 1 << 7,  // tiles with int8 and bf16
  CMACHINE_SSE41 = 1 << 8,
  CMACHINE_ASIMD = 1 << 16
};

#if defined(__x86_64__)
#include "x86_64.h"
#elif defined(__aarch64__)
#include "aarch64.h"
#else
#error "CMachine has no part for this architecture: add a header with the functions of x86_64.h"
#endif
