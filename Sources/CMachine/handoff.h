// A line that goes to and fro between two threads.
#pragma once

#include <stdint.h>
#include <time.h>

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
