// What Swift cannot say about the machine itself: variadic system calls, CPUID, MXCSR and loops
// whose instructions must be exactly these. Header-only; no library beyond libc.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cpuid.h>

// ---------------------------------------------------------------------------------------------
// perf_event_open: glibc has no wrapper, and syscall and ioctl are variadic, which Swift refuses.

/// What a counting file descriptor returns: the count, and the nanoseconds it was enabled and was
/// really on a counter. The two differ when the kernel multiplexes.
struct cmachine_perf_reading {
  uint64_t value;
  uint64_t enabled;
  uint64_t running;
};

/// Opens one disabled counter on a thread (0: the caller), any CPU; returns the descriptor or
/// -errno. With `inherit`, threads that this thread creates later count too (those that exist do
/// not).
static inline int cmachine_perf_open(uint32_t type, uint64_t config, int32_t task, int inherit,
                                     int exclude_kernel) {
  struct perf_event_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.size = sizeof attr;
  attr.type = type;
  attr.config = config;
  attr.disabled = 1;
  attr.inherit = inherit ? 1 : 0;
  attr.exclude_kernel = exclude_kernel ? 1 : 0;
  attr.exclude_hv = exclude_kernel ? 1 : 0;
  attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  long fd = syscall(SYS_perf_event_open, &attr, task, -1, -1, PERF_FLAG_FD_CLOEXEC);
  return fd < 0 ? -errno : (int)fd;
}

/// Reads one counter; returns 0 or -errno.
static inline int cmachine_perf_read(int fd, struct cmachine_perf_reading *into) {
  ssize_t n = read(fd, into, sizeof *into);
  if (n < 0) return -errno;
  return n == (ssize_t)sizeof *into ? 0 : -EIO;
}

/// Sets a counter to zero and lets it count; returns 0 or -errno.
static inline int cmachine_perf_start(int fd) {
  if (ioctl(fd, PERF_EVENT_IOC_RESET, 0) < 0) return -errno;
  return ioctl(fd, PERF_EVENT_IOC_ENABLE, 0) < 0 ? -errno : 0;
}

/// Halts a counter; returns 0 or -errno.
static inline int cmachine_perf_stop(int fd) {
  return ioctl(fd, PERF_EVENT_IOC_DISABLE, 0) < 0 ? -errno : 0;
}

/// Opens one counter of a group on a thread, user-mode only if asked. A group counts as one: `leader`
/// is -1 for its first event, which is opened disabled and starts and stops all of them. Returns the
/// descriptor or -errno.
static inline int cmachine_perf_open_in_group(uint32_t type, uint64_t config, int32_t task,
                                              int leader, int exclude_kernel) {
  struct perf_event_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.size = sizeof attr;
  attr.type = type;
  attr.config = config;
  attr.disabled = leader < 0 ? 1 : 0;
  attr.exclude_kernel = exclude_kernel ? 1 : 0;
  attr.exclude_hv = exclude_kernel ? 1 : 0;
  attr.read_format =
      PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  long fd = syscall(SYS_perf_event_open, &attr, task, -1, leader, PERF_FLAG_FD_CLOEXEC);
  return fd < 0 ? -errno : (int)fd;
}

/// Reads a whole group by its leader: their number, nanoseconds enabled, nanoseconds on the
/// hardware, then the values. `room` has `count` + 3 elements. Returns 0 or -errno.
static inline int cmachine_perf_read_group(int fd, uint64_t *room, size_t count) {
  size_t bytes = (count + 3) * sizeof *room;
  ssize_t n = read(fd, room, bytes);
  if (n < 0) return -errno;
  return n == (ssize_t)bytes && room[0] == count ? 0 : -EIO;
}

/// Sets all counters of a group to zero and lets them count; returns 0 or -errno.
static inline int cmachine_perf_start_group(int fd) {
  if (ioctl(fd, PERF_EVENT_IOC_RESET, PERF_IOC_FLAG_GROUP) < 0) return -errno;
  return ioctl(fd, PERF_EVENT_IOC_ENABLE, PERF_IOC_FLAG_GROUP) < 0 ? -errno : 0;
}

/// Halts all counters of a group; returns 0 or -errno.
static inline int cmachine_perf_stop_group(int fd) {
  return ioctl(fd, PERF_EVENT_IOC_DISABLE, PERF_IOC_FLAG_GROUP) < 0 ? -errno : 0;
}

/// The kernel's identifier of the calling thread (glibc's gettid hides behind _GNU_SOURCE).
static inline int32_t cmachine_gettid(void) { return (int32_t)syscall(SYS_gettid); }

// ---------------------------------------------------------------------------------------------
// Which CPUs a thread may use (glibc's cpu_set_t hides behind _GNU_SOURCE, and stops at 1024).

/// Reads the mask of a thread (0: the caller), one bit a CPU; returns the bytes written or -errno.
static inline long cmachine_get_affinity(int32_t task, uint64_t *mask, size_t words) {
  long n = syscall(SYS_sched_getaffinity, task, words * sizeof *mask, mask);
  return n < 0 ? -errno : n;
}

/// Sets the mask of a thread (0: the caller); returns 0 or -errno.
static inline int cmachine_set_affinity(int32_t task, const uint64_t *mask, size_t words) {
  return syscall(SYS_sched_setaffinity, task, words * sizeof *mask, mask) < 0 ? -errno : 0;
}

/// The CPU that the calling thread is on, or -1.
static inline int cmachine_current_cpu(void) {
  unsigned cpu;
  return syscall(SYS_getcpu, &cpu, NULL, NULL) < 0 ? -1 : (int)cpu;
}

// ---------------------------------------------------------------------------------------------
// Files without a name, and processes that end with their parent.

/// Makes a file that lives in memory for as long as somebody has it open; returns a descriptor of
/// 64 or more, closed on exec, or -errno. (MFD_CLOEXEC is 1; glibc hides it without _GNU_SOURCE.)
static inline int cmachine_memory_file(const char *name) {
  int fd = (int)syscall(SYS_memfd_create, name, 1u);
  if (fd < 0) return -errno;
  // Where few files may be open, what is left of the high numbers.
  int high = -1;
  for (int least = 64; least >= 8 && high < 0; least /= 2) high = fcntl(fd, F_DUPFD_CLOEXEC, least);
  int error = errno == EINVAL ? EMFILE : errno;
  close(fd);
  return high < 0 ? -error : high;
}

/// A descriptor of a process, readable once that has ended, closed on exec; or -errno. From Linux 5.3 on.
static inline int cmachine_process_handle(int32_t process) {
#ifdef SYS_pidfd_open
  int fd = (int)syscall(SYS_pidfd_open, process, 0u);
  return fd < 0 ? -errno : fd;
#else
  (void)process;
  return -ENOSYS;
#endif
}

#ifndef O_TMPFILE
#define O_TMPFILE (020000000 | O_DIRECTORY)
#endif

/// Opens a file without a name in a folder, to be written and then linked; returns it or -errno.
static inline int cmachine_unnamed_file(const char *folder, unsigned mode) {
  int fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
  return fd < 0 ? -errno : fd;
}

/// Has the kernel kill this process when the thread that started it ends; returns 0 or -errno.
static inline int cmachine_end_with_parent(void) {
  return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ? -errno : 0;
}

// ---------------------------------------------------------------------------------------------
// CPUID: instruction sets and the hypervisor only. Its cache leaves are wrong in virtual machines.

enum {
  CMACHINE_AVX = 1 << 0,
  CMACHINE_AVX2 = 1 << 1,  // with FMA
  CMACHINE_AVX_VNNI = 1 << 2,
  CMACHINE_AVX512_CORE = 1 << 3,  // F, BW, VL, DQ
  CMACHINE_AVX512_VNNI = 1 << 4,
  CMACHINE_AVX512_BF16 = 1 << 5,
  CMACHINE_AVX512_FP16 = 1 << 6,
  CMACHINE_AMX = 1 << 7,  // tiles with int8 and bf16
  CMACHINE_SSE41 = 1 << 8
};

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

// ---------------------------------------------------------------------------------------------
// MXCSR: flush-to-zero (bit 15) and denormals-are-zero (bit 6) of the calling thread.

static inline uint32_t cmachine_mxcsr(void) {
  uint32_t value;
  __asm__ volatile("stmxcsr %0" : "=m"(value));
  return value;
}

static inline void cmachine_set_mxcsr(uint32_t value) {
  __asm__ volatile("ldmxcsr %0" : : "m"(value));
}

// ---------------------------------------------------------------------------------------------
// Loops in assembly, so that a debug build measures the same machine as a release build.

/// Runs a chain of 64 dependent 32-bit multiplications `rounds` times. Each takes 3 cycles on
/// every x86-64 core since Nehalem and Zen, so the chain takes `rounds` x 192 cycles.
__attribute__((noinline)) static void cmachine_multiply_chain(uint64_t rounds) {
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

/// Whether the CPU has `clflushopt`, which does not wait for the flush before it.
static inline int cmachine_has_clflushopt(void) {
  unsigned a, b, c, d;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & (1u << 23)) ? 1 : 0;
}

/// Writes `bytes` from a 64-byte boundary back to memory and drops them from the caches of all
/// cores; returns when that is done.
__attribute__((noinline)) static void cmachine_flush(const void *from, size_t bytes,
                                                     int has_clflushopt) {
  const char *at = (const char *)from, *end = at + bytes;
  if (has_clflushopt) {
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

// ---------------------------------------------------------------------------------------------
// A line that goes to and fro between two threads.

/// One side of `rounds` exchanges over a counter that stands at `start`: waits for its turn and
/// counts on. Side 0 begins, and waits in the end for the last answer. Returns 0 when the monotonic
/// clock passes `deadline_ns` before (the other side is not running).
__attribute__((noinline)) static int cmachine_hand_off(uint64_t *counter, uint64_t side,
                                                       uint64_t start, uint64_t rounds,
                                                       uint64_t deadline_ns) {
  uint64_t spins = 0, turn = start + side, end = start + 2 * rounds;
  for (;;) {
    if (turn > end) return 1;
    while (__atomic_load_n(counter, __ATOMIC_ACQUIRE) != turn) {
      if ((++spins & 1023) == 0) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        if ((uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec > deadline_ns) return 0;
      }
    }
    if (turn == end) return 1;
    __atomic_store_n(counter, turn + 1, __ATOMIC_RELEASE);
    turn += 2;
  }
}
