#include <libpq-fe.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>

// Variadic functions and macros of C that Swift cannot call.

/// Names the calling thread; the kernel keeps 15 bytes.
static inline void sonde_name_thread(const char *name) {
    prctl(PR_SET_NAME, name, 0, 0, 0);
}

/// The bytes that a TCP socket has ever received, -1 for another socket.
static inline long long sonde_received_bytes(int descriptor) {
    // tcpi_bytes_received of the kernel's tcp_info (since Linux 4.1), which the C library's struct ends before.
    struct {
        char before[128];
        unsigned long long received;
    } info;
    socklen_t length = sizeof info;
    const int tcp_info = 11;
    if (getsockopt(descriptor, IPPROTO_TCP, tcp_info, &info, &length) != 0 || length < sizeof info) {
        return -1;
    }
    return (long long)info.received;
}

/// The bytes that wait in a socket, 0 where that cannot be known.
static inline int sonde_waiting_bytes(int descriptor) {
    int count = 0;
    return ioctl(descriptor, FIONREAD, &count) == 0 ? count : 0;
}
