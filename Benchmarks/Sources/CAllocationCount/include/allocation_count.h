#ifndef ALLOCATION_COUNT_H
#define ALLOCATION_COUNT_H

/// How many blocks of memory the calling thread has asked for since it began; −1 where the C
/// library lets nobody stand in between.
long allocation_count(void);

#endif
