#include "counted_malloc.h"

#include <stddef.h>

/* What glibc exports its own functions as; ours, in the executable, come before them everywhere. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static unsigned long count;

static inline void tick(void)
{
    __atomic_fetch_add(&count, 1, __ATOMIC_RELAXED);
}

unsigned long counted_mallocs(void)
{
    return __atomic_load_n(&count, __ATOMIC_RELAXED);
}

void *malloc(size_t size)
{
    tick();
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
    tick();
    return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size)
{
    tick();
    return __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    tick();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    tick();
    *block = __libc_memalign(alignment, size);
    return *block ? 0 : 12; /* ENOMEM */
}
