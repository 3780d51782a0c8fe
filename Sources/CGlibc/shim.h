// Swift's module of the C library leaves these headers out: mallopt, malloc_trim; statfs.
#include <malloc.h>
#include <sys/vfs.h>
