#ifndef ANALYTICS_PLATFORM_H
#define ANALYTICS_PLATFORM_H

/// A small number that threads running at the same time mostly do not share: the processor's on
/// Linux, one made of the thread's elsewhere. Never negative.
///
/// In C because Glibc shows `sched_getcpu` only to those who define `_GNU_SOURCE`.
int analytics_lane(void);

#endif
