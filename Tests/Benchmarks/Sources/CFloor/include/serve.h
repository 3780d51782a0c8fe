#ifndef SERVE_H
#define SERVE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Starts a process that answers every connection with the same bytes, and nothing else: the floor of an HTTP server.
 * It listens on a free port of 127.0.0.1, and ends with its parent.
 */
pid_t floor_serve(const void *bytes, size_t count, int *port);

#endif
