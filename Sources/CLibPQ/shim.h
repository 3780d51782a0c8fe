#include <libpq-fe.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

// Variadic functions and macros of C that Swift cannot call.

/// Names the calling thread; the kernel keeps 15 bytes.
static inline void sonde_name_thread(const char *name) {
    prctl(PR_SET_NAME, name, 0, 0, 0);
}

/// The bytes that wait in a socket, 0 where that cannot be known.
static inline int sonde_waiting_bytes(int descriptor) {
    int count = 0;
    return ioctl(descriptor, FIONREAD, &count) == 0 ? count : 0;
}
