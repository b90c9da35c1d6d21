#ifndef ANALYTICS_PLATFORM_H
#define ANALYTICS_PLATFORM_H

#include <stdint.h>

#if defined(__linux__) && defined(__GLIBC__) && __has_include(<sys/rseq.h>)
#include <sys/rseq.h>
#define ANALYTICS_HAS_RSEQ 1
#endif

/// The same as `analytics_lane`, by a call of the system's library.
int analytics_lane_by_call(void);

/// A small number that threads running at the same time mostly do not share: the processor's on
/// Linux, one made of the thread's elsewhere. Never negative.
///
/// Where Glibc keeps the processor's number in the thread's memory (2.35 and later) it is read from
/// there: two nanoseconds less than a call.
static inline unsigned analytics_lane(void) {
#ifdef ANALYTICS_HAS_RSEQ
  if (__rseq_size > 0) {
    const struct rseq *area =
        (const struct rseq *)((const char *)__builtin_thread_pointer() + __rseq_offset);
    int processor = (int)__atomic_load_n(&area->cpu_id, __ATOMIC_RELAXED);
    if (processor >= 0) return (unsigned)processor;
  }
#endif
  return (unsigned)analytics_lane_by_call();
}

/// How many forks without an exec led from the start of the program to this process. Read it through
/// `analytics_fork_count`.
extern uint32_t analytics_forks;

/// A number that differs between a forked child and its parent. Reading it costs one load.
static inline uint32_t analytics_fork_count(void) {
  return __atomic_load_n(&analytics_forks, __ATOMIC_RELAXED);
}

/// Whether a forked child is to release this descriptor, so that a lock held through it ends with
/// the parent. In the child the number stays in use and refers to /dev/null, so that its owner may
/// close it. Descriptors of 65536 and above are inherited unchanged.
///
/// In C because the child handler of `fork` may neither take a lock nor allocate.
void analytics_release_at_fork(int descriptor, int releases);

#endif
