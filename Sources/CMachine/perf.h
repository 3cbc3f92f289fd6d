// perf_event_open: glibc has no wrapper, and syscall and ioctl are variadic, which Swift refuses.
#pragma once

#include <errno.h>
#include <linux/perf_event.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

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
