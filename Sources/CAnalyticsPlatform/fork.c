#define _GNU_SOURCE
#include "analytics_platform.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

enum { DESCRIPTORS = 1 << 16 };

uint32_t analytics_forks = 0;

static uint64_t released[DESCRIPTORS / 64];

void analytics_release_at_fork(int descriptor, int releases) {
  if (descriptor < 0 || descriptor >= DESCRIPTORS) return;
  uint64_t bit = (uint64_t)1 << (descriptor % 64);
  uint64_t *word = &released[descriptor / 64];
  if (releases) {
    __atomic_fetch_or(word, bit, __ATOMIC_RELAXED);
  } else {
    __atomic_fetch_and(word, ~bit, __ATOMIC_RELAXED);
  }
}

/// Runs in the child, which has one thread, before `fork` returns there.
static void begin_child(void) {
  analytics_forks += 1;
  int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int index = 0; index < DESCRIPTORS / 64; index += 1) {
    for (uint64_t bits = released[index]; bits != 0; bits &= bits - 1) {
      int descriptor = index * 64 + __builtin_ctzll(bits);
      if (nothing < 0 || dup2(nothing, descriptor) < 0) continue;
      fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    }
    released[index] = 0;
  }
  if (nothing >= 0) close(nothing);
}

__attribute__((constructor)) static void watch_forks(void) { pthread_atfork(0, 0, begin_child); }
