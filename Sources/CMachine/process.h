// Threads and the CPUs they may use, files without a name, processes that end with their parent: system
// calls that glibc hides behind _GNU_SOURCE or has no wrapper for.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/// The kernel's identifier of the calling thread (glibc's gettid hides behind _GNU_SOURCE).
static inline int32_t cmachine_gettid(void) { return (int32_t)syscall(SYS_gettid); }

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

/// Seconds since a file was last written, links followed, or -1 where there is none. (Which module of Clang
/// structures like timespec belong to, depends on what else is imported; so they stay here.)
static inline int64_t cmachine_file_age(const char *path) {
  struct stat status;
  return stat(path, &status) < 0 ? -1 : (int64_t)time(NULL) - (int64_t)status.st_mtim.tv_sec;
}

/// What a clock of the kernel's says, ns.
static inline uint64_t cmachine_time(clockid_t clock) {
  struct timespec time = {0, 0};
  clock_gettime(clock, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/// Nanoseconds since an arbitrary start, never going back.
static inline uint64_t cmachine_now(void) { return cmachine_time(CLOCK_MONOTONIC); }

/// How long the calling thread has run, ns.
static inline uint64_t cmachine_thread_time(void) { return cmachine_time(CLOCK_THREAD_CPUTIME_ID); }

/// Has the kernel kill this process when the thread that started it ends; returns 0 or -errno.
static inline int cmachine_end_with_parent(void) {
  return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ? -errno : 0;
}
