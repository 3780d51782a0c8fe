#ifndef COUNTED_MALLOC_H
#define COUNTED_MALLOC_H

/* How many blocks of memory the process has asked for since its start, reallocations included. */
unsigned long counted_mallocs(void);

#endif
