#define _GNU_SOURCE
#include "analytics_platform.h"

#ifdef __linux__
#include <sched.h>

int analytics_lane_by_call(void) {
  int processor = sched_getcpu();
  return processor < 0 ? 0 : processor;
}
#else
#include <pthread.h>
#include <stdint.h>

int analytics_lane_by_call(void) { return (int)(((uintptr_t)pthread_self() >> 12) & 0x7fffffff); }
#endif
