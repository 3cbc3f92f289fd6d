// Makes the n-th call of a system function fail, for `inject.py`; loaded with LD_PRELOAD.
//
// NTPROF_FAULT="write:5:28" fails the fifth write with error 28, "write:5+:28" that and all later ones.
// NTPROF_FAULT_SIDE=child or parent says in which processes. What is written to standard error is left
// alone: nothing could tell of it. A file that NTPROF_FAULT_LOG names grows by a byte when a call fails.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static char name[32];
static long target = -1;
static int sticky, number, logged = -1;
static long calls;

__attribute__((constructor)) static void begin(void) {
  const char *fault = getenv("NTPROF_FAULT");
  if (!fault) return;
  const char *side = getenv("NTPROF_FAULT_SIDE");
  if (side) {
    char line[4096] = {0};
    int fd = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    long count = fd < 0 ? 0 : syscall(SYS_read, fd, line, sizeof line - 1);
    if (fd >= 0) syscall(SYS_close, fd);
    int child = 0;
    for (long at = 0; at < count; at += (long)strlen(line + at) + 1)
      if (strstr(line + at, "-child")) child = 1;
    if (child != !strcmp(side, "child")) return;
  }
  char plus[2] = {0};
  if (sscanf(fault, "%31[a-z_]:%ld+:%d", name, &target, &number) == 3) sticky = 1;
  else if (sscanf(fault, "%31[a-z_]:%ld%1[:]%d", name, &target, plus, &number) != 4) target = -1;
  const char *log = getenv("NTPROF_FAULT_LOG");
  if (log) logged = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CLOEXEC | O_CREAT, 0600);
}

static int fails(const char *which) {
  if (target < 0 || strcmp(which, name)) return 0;
  long now = __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
  if (!(sticky ? now >= target : now == target)) return 0;
  if (logged >= 0) syscall(SYS_write, logged, "x", 1);
  errno = number;
  return 1;
}

#define REAL(type, function, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, function))

static int open_any(const char *function, const char *path, int flags, mode_t mode) {
  // Reading /proc and /sys happens hundreds of times; files that are made matter more.
  const char *kind = flags & (O_CREAT | O_WRONLY | O_RDWR) ? "create" : "open";
  if (fails(kind)) return -1;
  return REAL(int, function, const char *, int, ...)(path, flags, mode);
}
int open(const char *path, int flags, ...) {
  va_list list; va_start(list, flags); mode_t mode = va_arg(list, mode_t); va_end(list);
  return open_any("open", path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  va_list list; va_start(list, flags); mode_t mode = va_arg(list, mode_t); va_end(list);
  return open_any("open64", path, flags, mode);
}
ssize_t write(int fd, const void *bytes, size_t count) {
  if (fd != 2 && fails("write")) return -1;
  return REAL(ssize_t, "write", int, const void *, size_t)(fd, bytes, count);
}
ssize_t read(int fd, void *bytes, size_t count) {
  if (fails("read")) return -1;
  return REAL(ssize_t, "read", int, void *, size_t)(fd, bytes, count);
}
int fsync(int fd) { return fails("fsync") ? -1 : REAL(int, "fsync", int)(fd); }
int rename(const char *from, const char *to) {
  return fails("rename") ? -1 : REAL(int, "rename", const char *, const char *)(from, to);
}
int linkat(int a, const char *from, int b, const char *to, int flags) {
  return fails("linkat") ? -1 : REAL(int, "linkat", int, const char *, int, const char *, int)(a, from, b, to, flags);
}
int mkdir(const char *path, mode_t mode) {
  return fails("mkdir") ? -1 : REAL(int, "mkdir", const char *, mode_t)(path, mode);
}
void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset) {
  if (size >= 1 << 20 && fails("mmap")) return MAP_FAILED;
  return REAL(void *, "mmap", void *, size_t, int, int, int, off_t)(at, size, protection, flags, fd, offset);
}
int posix_memalign(void **into, size_t align, size_t size) {
  if (size >= 4096 && fails("memalign")) return number;
  return REAL(int, "posix_memalign", void **, size_t, size_t)(into, align, size);
}
int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const words[], char *const settings[]) {
  if (fails("spawn")) return number;
  return REAL(int, "posix_spawn", pid_t *, const char *, const posix_spawn_file_actions_t *,
              const posix_spawnattr_t *, char *const *, char *const *)(pid, path, actions, attributes, words, settings);
}
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *with) {
  if (fails("thread")) return number;
  return REAL(int, "pthread_create", pthread_t *, const pthread_attr_t *, void *(*)(void *), void *)(
      thread, attributes, run, with);
}
int fstat(int fd, struct stat *into) { return fails("fstat") ? -1 : REAL(int, "fstat", int, struct stat *)(fd, into); }
ssize_t pread(int fd, void *bytes, size_t count, off_t at) {
  return fails("pread") ? -1 : REAL(ssize_t, "pread", int, void *, size_t, off_t)(fd, bytes, count, at);
}
