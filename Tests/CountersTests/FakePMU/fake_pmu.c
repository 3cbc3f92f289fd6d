// A TEST DOUBLE, never to be shipped: a processor with hardware counters, for machines without.
//
// Preloaded (LD_PRELOAD), it answers perf_event_open for hardware events with software events whose
// values a test can predict: cycles become nanoseconds on a CPU (task-clock), and every other
// hardware event becomes page faults. Touch 4096 fresh pages and 4096 "instructions" are counted,
// by the kernel, through the real code of PAPI and of the kernel's own interface.
//
// PAPI also needs LIBPFM_FORCE_PMU=amd64_fam19h_zen3, a CPU whose presets PAPI 7.0.0 knows.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/perf_event.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>

static int is_cycles(const struct perf_event_attr *attr) {
  if (attr->type == PERF_TYPE_HARDWARE) return attr->config == PERF_COUNT_HW_CPU_CYCLES;
  return attr->type == PERF_TYPE_RAW && (attr->config & 0xffff) == 0x76;  // AMD: cycles not in halt
}

// glibc has no wrapper of perf_event_open: everybody reaches it through syscall().
long syscall(long number, ...) {
  long argument[6];
  va_list list;
  va_start(list, number);
  for (int i = 0; i < 6; i++) argument[i] = va_arg(list, long);
  va_end(list);

  static long (*real)(long, ...);
  if (!real) real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");

  struct perf_event_attr attr;
  if (number == SYS_perf_event_open && argument[0]) {
    const struct perf_event_attr *asked = (const struct perf_event_attr *)argument[0];
    // PAPI leaves the size at 0, which the kernel takes for that of the first version.
    uint32_t size = asked->size ? asked->size : PERF_ATTR_SIZE_VER0;
    memset(&attr, 0, sizeof attr);
    memcpy(&attr, asked, size < sizeof attr ? size : sizeof attr);
    if (attr.type == PERF_TYPE_HARDWARE || attr.type == PERF_TYPE_HW_CACHE ||
        attr.type == PERF_TYPE_RAW) {
      attr.size = sizeof attr;
      attr.config = is_cycles(asked) ? PERF_COUNT_SW_TASK_CLOCK : PERF_COUNT_SW_PAGE_FAULTS;
      attr.type = PERF_TYPE_SOFTWARE;
      argument[0] = (long)&attr;
    }
  }
  return real(number, argument[0], argument[1], argument[2], argument[3], argument[4],
              argument[5]);
}
