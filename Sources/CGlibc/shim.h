// Swift's module of the C library leaves this header out: mallopt, malloc_trim.
#include <malloc.h>
