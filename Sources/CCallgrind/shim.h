// valgrind's client requests as functions, because Swift imports no such macros. Outside valgrind
// each is a few instructions that do nothing. Header-only; there is no library to link.
#pragma once

#include <valgrind/callgrind.h>

/// How many valgrinds this process runs under: 0 natively.
static inline unsigned ccallgrind_depth(void) { return (unsigned)RUNNING_ON_VALGRIND; }

/// Begins to count and simulate, with empty caches.
static inline void ccallgrind_start(void) { CALLGRIND_START_INSTRUMENTATION; }

/// Ends counting; the caches' contents are forgotten.
static inline void ccallgrind_stop(void) { CALLGRIND_STOP_INSTRUMENTATION; }

/// Sets all counts to zero and leaves the caches as they are.
static inline void ccallgrind_zero(void) { CALLGRIND_ZERO_STATS; }

/// Appends the counts to the dump as a part of that name, and sets them to zero.
static inline void ccallgrind_dump(const char *name) { CALLGRIND_DUMP_STATS_AT(name); }
