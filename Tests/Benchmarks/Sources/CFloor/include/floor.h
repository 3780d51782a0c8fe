#ifndef FLOOR_H
#define FLOOR_H

#include <stddef.h>

/* A cell of a result; NULL where there is no text. */
struct floor_cell {
    const unsigned char *base;
    size_t count;
};

/* Memory that grows by doubling. */
struct floor_bytes {
    unsigned char *base;
    size_t count;
    size_t capacity;
};

/*
 * Writes a line for each cell of the value columns, column by column: name, labels, number, line feed.
 *
 * The first `labels` columns are rendered once per row, with escapes; numbers are scanned and passed through.
 * Returns the number of lines.
 */
size_t floor_encode(
    const struct floor_cell *cells, size_t rows, size_t columns, size_t labels, const char *const *names,
    struct floor_bytes *arena, size_t *starts, struct floor_bytes *out);

void floor_free(struct floor_bytes *bytes);

#endif
