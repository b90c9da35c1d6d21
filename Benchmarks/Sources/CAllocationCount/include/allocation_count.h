#ifndef ALLOCATION_COUNT_H
#define ALLOCATION_COUNT_H

/// How many blocks of memory the calling thread has allocated since it began; −1 where the C library allows no
/// replacement of malloc.
long allocation_count(void);

#endif
