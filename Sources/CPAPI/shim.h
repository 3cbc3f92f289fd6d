// What Swift cannot import from PAPI: macros with casts, an option union, and structures of tens of
// kilobytes that would be copied by value.
#pragma once

#include <papi.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/// PAPI_VER_CURRENT: the version of the headers this program was compiled with.
static inline int cpapi_header_version(void) { return PAPI_VER_CURRENT; }

/// The version of the library that is loaded; it may differ in its last two numbers.
static inline int cpapi_library_version(void) { return PAPI_get_opt(PAPI_LIB_VERSION, NULL); }

/// What PAPI calls to tell threads apart. The kernel's identifier, not omp_get_thread_num: team
/// members of different masters would share numbers.
static inline unsigned long cpapi_thread_id(void) { return (unsigned long)syscall(SYS_gettid); }

/// Turns on PAPI's thread support.
__attribute__((warn_unused_result)) static inline int cpapi_thread_init(void) {
  return PAPI_thread_init(cpapi_thread_id);
}

/// Lets the events of an empty set count in threads that are created later. The set must already
/// be assigned to a component, or PAPI answers PAPI_ENOCMP.
__attribute__((warn_unused_result)) static inline int cpapi_set_inherit(int set) {
  PAPI_option_t option;
  memset(&option, 0, sizeof option);
  option.inherit.eventset = set;
  option.inherit.inherit = PAPI_INHERIT_ALL;
  return PAPI_set_opt(PAPI_INHERIT, &option);
}

// PAPI_component_info_t holds fixed arrays of text, which Swift sees as tuples of 1024 members.

static inline const char *cpapi_component_name(const PAPI_component_info_t *info) {
  return info->name;
}

static inline const char *cpapi_component_short_name(const PAPI_component_info_t *info) {
  return info->short_name;
}

static inline const char *cpapi_component_reason(const PAPI_component_info_t *info) {
  return info->disabled_reason;
}

static inline int cpapi_component_inherits(const PAPI_component_info_t *info) {
  return info->inherit;
}

static inline int cpapi_component_reads_fast(const PAPI_component_info_t *info) {
  return info->fast_counter_read;
}

/// Writes the name of the preset event that follows `code` into `name` and returns its code, or
/// returns 0 after the last. Begin with code 0. Only presets that exist here are given. PAPI's own
/// mask for them does not fit Swift's Int32, so the enumeration stays here.
static inline int cpapi_next_preset(int code, char name[PAPI_MAX_STR_LEN]) {
  int next = code;
  if (code == 0) {
    next = (int)PAPI_PRESET_MASK;
    if (PAPI_enum_event(&next, PAPI_ENUM_FIRST) != PAPI_OK) return 0;
    if (PAPI_query_event(next) == PAPI_OK)
      return PAPI_event_code_to_name(next, name) == PAPI_OK ? next : 0;
  }
  while (PAPI_enum_event(&next, PAPI_PRESET_ENUM_AVAIL) == PAPI_OK)
    if (PAPI_query_event(next) == PAPI_OK)
      return PAPI_event_code_to_name(next, name) == PAPI_OK ? next : 0;
  return 0;
}
