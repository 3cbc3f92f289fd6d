// Makes the n-th call of a C function fail, for `inject.py`; loaded with LD_PRELOAD. x86-64.
//
// NTPROF_FAULT="write:5:28" has the fifth call of write fail with error 28, "write:5+:28" that and all later
// ones; error 0 moves less than was asked for, "end" nothing, as at the end of a file. What a function gives
// back when it fails stands in its entry of calls.h: -1 and errno, null, the error itself, or a status of
// its library. NTPROF_FAULT_ROLE=parent, child or the name of a child's command says in which processes;
// NTPROF_FAULT_ONCE names a file that the first process to fail makes: the others are spared.
// NTPROF_FAULT_LOG is a file that gets the call's backtrace. NTPROF_FAULT_COUNTS is a folder: each process
// writes there how often it called what, and from where.
//
// One piece of machine code serves every function: it keeps the arguments' registers, asks `decide`, and
// jumps to the real function or returns. So no signature is needed, and none can be wrong.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum kind { ERRNO, NOTHING, NUMBER, STATUS, POINTER, MINUS };

struct call {
  const char *name;
  enum kind kind;
  void *real;
};
/// The registers as `through` pushed them, from the last pushed on; then its caller's address.
struct registers {
  struct call *call;
  long count, r9, r8, rcx, rdx, rsi, rdi, rbp;
  void *back;
};

#define CALL(function, kind) \
  __attribute__((visibility("hidden"), used)) struct call call_##function = {#function, kind, 0}; \
  __asm__(".text\n.globl " #function "\n.type " #function ",@function\n" #function \
          ":\n  lea call_" #function "(%rip), %r11\n  jmp through\n");
#include "calls.h"
#undef CALL

__asm__(
    ".text\nthrough:\n.cfi_startproc\n"
    "  push %rbp\n.cfi_def_cfa_offset 16\n.cfi_offset %rbp, -16\n  mov %rsp, %rbp\n.cfi_def_cfa_register %rbp\n"
    "  push %rdi\n  push %rsi\n  push %rdx\n  push %rcx\n  push %r8\n  push %r9\n  push %rax\n  push %r11\n"
    "  sub $128, %rsp\n"
    "  movups %xmm0, (%rsp)\n  movups %xmm1, 16(%rsp)\n  movups %xmm2, 32(%rsp)\n  movups %xmm3, 48(%rsp)\n"
    "  movups %xmm4, 64(%rsp)\n  movups %xmm5, 80(%rsp)\n  movups %xmm6, 96(%rsp)\n  movups %xmm7, 112(%rsp)\n"
    "  lea 128(%rsp), %rdi\n  call decide\n  mov %rax, %r10\n"
    "  movups (%rsp), %xmm0\n  movups 16(%rsp), %xmm1\n  movups 32(%rsp), %xmm2\n  movups 48(%rsp), %xmm3\n"
    "  movups 64(%rsp), %xmm4\n  movups 80(%rsp), %xmm5\n  movups 96(%rsp), %xmm6\n  movups 112(%rsp), %xmm7\n"
    "  add $128, %rsp\n"
    "  pop %r11\n  pop %rax\n  pop %r9\n  pop %r8\n  pop %rcx\n  pop %rdx\n  pop %rsi\n  pop %rdi\n  pop %rbp\n"
    "  test %r10, %r10\n  je 1f\n  jmp *%r10\n"
    "1:\n  mov result(%rip), %rax\n  ret\n.cfi_endproc\n");

/// What a failing call returns.
__attribute__((visibility("hidden"), used)) long result;

static char wanted[64];
static long target = -1, reached;
static int sticky, error, logged = -1;
static const char *token;
static __thread __attribute__((tls_model("initial-exec"))) int busy;

/// What a process did, as `inject.py` reads it: so many entries of 64 bytes.
struct seen {
  char name[40];
  uint32_t site, used;
  uint64_t first, latest;
};
enum { ROOM = 8192 };
static struct seen *seen;
static uint64_t counted[1 << 10];

static long slot(const char *name) {
  unsigned long hash = 5381;
  while (*name) hash = hash * 33 + (unsigned char)*name++;
  return (long)(hash & 1023);
}

/// Where the code of each library lies: dladdr looks through all symbols, and that takes long.
static struct module {
  uintptr_t from, to, base;
  int checked;  // whose memory may fail: 1 large blocks of oneDNN, 2 the program, 3 all
} modules[128];
static int module_count;

static int add_module(struct dl_phdr_info *info, size_t size, void *program) {
  (void)size;
  int is_program = *(int *)program;
  *(int *)program = 0;
  for (int i = 0; i < info->dlpi_phnum && module_count < 128; i++)
    if (info->dlpi_phdr[i].p_type == PT_LOAD && info->dlpi_phdr[i].p_flags & PF_X) {
      struct module *module = &modules[module_count++];
      module->base = info->dlpi_addr;
      module->from = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
      module->to = module->from + info->dlpi_phdr[i].p_memsz;
      const char *name = info->dlpi_name;
      module->checked = is_program                                           ? 2
                        : strstr(name, "libxml2") || strstr(name, "libgomp") ? 3
                                                                             : strstr(name, "libdnnl") != NULL;
    }
  return 0;
}

static struct module *module_of(const void *at) {
  for (int i = 0; i < module_count; i++)
    if ((uintptr_t)at >= modules[i].from && (uintptr_t)at < modules[i].to) return &modules[i];
  return NULL;
}

static int plays(const char *role, char *line, long count) {
  const char *word = line + strlen(line) + 1;
  if (word >= line + count) word = "";
  size_t length = strlen(word);
  int child = length > 6 && !strcmp(word + length - 6, "-child");
  if (!strcmp(role, "parent")) return !child;
  return child && (!strcmp(role, "child") || !strcmp(role, word));
}

__attribute__((constructor)) static void begin(void) {
  char line[4097] = {0}, path[4200];
  int fd = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
  long count = fd < 0 ? 0 : syscall(SYS_read, fd, line, sizeof line - 1);
  if (fd >= 0) syscall(SYS_close, fd);
  // What it starts besides (dot, valgrind, python) is not ours.
  const char *base = strrchr(line, '/');
  if (count <= 0 || (strcmp(base ? base + 1 : line, "ntprof") && !strstr(line, "/exe"))) return;
  int program = 1;
  dl_iterate_phdr(add_module, &program);
  void *warm[1];
  busy = 1;
  backtrace(warm, 1);
  busy = 0;
  const char *counts = getenv("NTPROF_FAULT_COUNTS");
  if (counts) {
    const char *word = line + strlen(line) + 1;
    size_t length = word < line + count ? strlen(word) : 0;
    int child = length > 6 && !strcmp(word + length - 6, "-child");
    strcpy(path, counts);
    strcat(path, "/");
    strncat(path, child ? word : "parent", 40);
    char digits[16], *at = digits + 15;
    *at = 0;
    for (long id = syscall(SYS_getpid); id; id /= 10) *--at = (char)('0' + id % 10);
    strcat(path, ".");
    strcat(path, at);
    fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && !syscall(SYS_ftruncate, fd, ROOM * sizeof *seen)) {
      long at = syscall(SYS_mmap, 0, ROOM * sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
      if (at > 0) seen = (struct seen *)at;
    }
    if (fd >= 0) syscall(SYS_close, fd);
  }
  const char *fault = getenv("NTPROF_FAULT"), *role = getenv("NTPROF_FAULT_ROLE");
  if (!fault || (role && !plays(role, line, count))) return;
  const char *colon = strchr(fault, ':');
  if (!colon || colon - fault >= (long)sizeof wanted) return;
  memcpy(wanted, fault, (size_t)(colon - fault));
  char *rest;
  long n = strtol(colon + 1, &rest, 10);
  sticky = *rest == '+';
  error = strstr(rest, ":end") ? -1000 : (int)strtol(strchr(rest, ':') + 1, NULL, 10);
  token = getenv("NTPROF_FAULT_ONCE");
  const char *log = getenv("NTPROF_FAULT_LOG");
  if (log) logged = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CLOEXEC | O_CREAT, 0600);
  target = n;
}

static int of_program(const void *at) {
  struct module *module = module_of(at);
  return module && module->checked == 2;
}

/// From where a call came: addresses within their files, so that every run gives the same.
static uint32_t site(void) {
  void *frames[14];
  int depth = backtrace(frames, 14);
  uint32_t hash = 2166136261u;
  for (int i = 3; i < depth; i++) {
    struct module *module = module_of(frames[i]);
    uintptr_t at = (uintptr_t)frames[i] - (module ? module->base : 0);
    hash = (hash ^ (uint32_t)at) * 16777619u;
  }
  return hash;
}

static void note(const char *name) {
  uint64_t n = __atomic_add_fetch(&counted[slot(name)], 1, __ATOMIC_RELAXED);
  uint32_t from = n > 3000 ? 0 : site();
  size_t length = strlen(name);
  if (length > 39) length = 39;
  for (unsigned at = (from ^ (unsigned)slot(name) * 7919u) % ROOM, step = 0; step < ROOM; at = (at + 1) % ROOM, step++) {
    struct seen *entry = &seen[at];
    uint32_t free = 0;
    if (__atomic_compare_exchange_n(&entry->used, &free, 1, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
      memcpy(entry->name, name, length);
      entry->site = from;
      entry->first = n;
    } else if (entry->site != from || strncmp(entry->name, name, 39)) {
      continue;
    }
    entry->latest = n;
    return;
  }
}

/// The name of a call: some functions do several things.
static const char *name_of(struct registers *at) {
  const char *name = at->call->name;
  if (!strcmp(name, "syscall")) switch (at->rdi) {
      case SYS_perf_event_open: return "perf_event_open";
      case SYS_memfd_create: return "memfd_create";
      case SYS_pidfd_open: return "pidfd_open";
      case SYS_sched_setaffinity: return "sched_setaffinity";
      case SYS_sched_getaffinity: return "sched_getaffinity";
      case SYS_getcpu: return "getcpu";
      default: return NULL;  // futex, gettid
    }
  int opens = !strcmp(name, "open") || !strcmp(name, "open64");
  if (opens || !strcmp(name, "openat") || !strcmp(name, "openat64"))
    return (opens ? at->rsi : at->rdx) & (O_CREAT | O_WRONLY | O_RDWR) ? "create" : "open";
  if (!strcmp(name, "fopen64")) return "fopen";
  return name;
}

/// Whether it is in a function of a shim: what Swift's compiler asks memory for is not answered.
static int of_shim(uintptr_t at) {
  static const uintptr_t shims[][2] = {
#include "shims.h"
      {0, 0}};
  for (size_t i = 0; shims[i][1]; i++)
    if (at - shims[i][0] < shims[i][1]) return 1;
  return 0;
}

/// Whether a call can be made to fail at all.
static int matters(struct registers *at) {
  const char *name = at->call->name;
  if (at->call->kind == STATUS || at->call->kind == POINTER || at->call->kind == MINUS) return of_program(at->back);
  // Nothing could tell of it.
  if (!strcmp(name, "write")) return at->rdi != 2;
  // Small blocks of Swift, oneDNN, PAPI and libstdc++: their own code crashes without, and nothing can be
  // done about it. libgomp and libxml2 (through ours) end the process; large blocks are asked for with care.
  static const char *const memory[] = {"malloc", "calloc", "realloc", "strdup"};
  struct module *module = module_of(at->back);
  if (!strcmp(name, "mmap") || !strcmp(name, "mprotect")) return !module || module->checked != 1;  // code of oneDNN's
  if (!strcmp(name, "posix_memalign")) return at->rdx >= 4096 && module && module->checked;
  for (size_t i = 0; i < sizeof memory / sizeof *memory; i++)
    if (!strcmp(name, memory[i]))
      return module && (module->checked == 2 ? of_shim((uintptr_t)at->back - module->base) : module->checked == 3);
  return 1;
}

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);

__attribute__((visibility("hidden"), used)) void *decide(struct registers *at) {
  struct call *call = at->call;
  if (!call->real) {
    call->real = !strcmp(call->name, "malloc")    ? (void *)__libc_malloc
                 : !strcmp(call->name, "calloc")  ? (void *)__libc_calloc
                 : !strcmp(call->name, "realloc") ? (void *)__libc_realloc
                                                  : dlsym(RTLD_NEXT, call->name);
  }
  if (busy || (!seen && target < 0)) return call->real;
  int kept = errno;
  busy = 1;
  void *next = call->real;
  const char *name = matters(at) ? name_of(at) : NULL;
  if (name && seen) note(name);
  if (name && target >= 0 && !strcmp(name, wanted)) {
    long n = __atomic_add_fetch(&reached, 1, __ATOMIC_RELAXED);
    int due = sticky ? n >= target : n == target;
    if (due && token) {
      int fd = (int)syscall(SYS_openat, AT_FDCWD, token, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
      if (fd < 0) due = 0; else syscall(SYS_close, fd);
    }
    if (due) {
      if (logged >= 0) {
        void *frames[24];
        int depth = backtrace(frames, 24);
        syscall(SYS_write, logged, name, strlen(name));
        syscall(SYS_write, logged, "\n", 1);
        if (n == target) backtrace_symbols_fd(frames, depth, logged);
      }
      if (error == 0) {
        // Less than was asked for.
        if (at->rdx > 1) at->rdx = at->rdx / 2;
      } else {
        next = NULL;
        result = error;
        kept = error;
        if (error == -1000) result = 0;
        else if (call->kind == ERRNO || call->kind == MINUS) result = -1;
        else if (call->kind == NOTHING || call->kind == POINTER) result = 0;
      }
    }
  }
  busy = 0;
  errno = kept;
  return next;
}
