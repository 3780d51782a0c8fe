#include "floor.h"

#include <stdlib.h>
#include <string.h>

static void grow(struct floor_bytes *b, size_t more)
{
    size_t capacity = b->capacity * 2 > b->count + more ? b->capacity * 2 : b->count + more;
    unsigned char *base = realloc(b->base, capacity);
    if (!base) abort();
    b->base = base;
    b->capacity = capacity;
}

static inline void need(struct floor_bytes *b, size_t more)
{
    if (more > b->capacity - b->count) grow(b, more);
}

static inline void put(struct floor_bytes *b, const void *from, size_t count)
{
    memcpy(b->base + b->count, from, count);
    b->count += count;
}

static inline void put_byte(struct floor_bytes *b, unsigned char byte)
{
    b->base[b->count++] = byte;
}

/* Escapes; what is no ASCII is copied without a look at whether it is UTF-8, which the floor does not check. */
static void put_label(struct floor_bytes *b, const char *name, size_t length, struct floor_cell cell)
{
    need(b, length + cell.count * 2 + 4);
    put(b, name, length);
    put_byte(b, '=');
    put_byte(b, '"');
    for (size_t i = 0; i < cell.count; i++) {
        unsigned char c = cell.base[i];
        if (c == '\\' || c == '"') {
            put_byte(b, '\\');
            put_byte(b, c);
        } else if (c == '\n') {
            put_byte(b, '\\');
            put_byte(b, 'n');
        } else {
            put_byte(b, c);
        }
    }
    put_byte(b, '"');
}

/* Whether a cell is [-]digits[.digits]. */
static inline int is_number(const unsigned char *base, size_t count)
{
    size_t at = count > 0 && base[0] == '-';
    size_t first = at;
    while (at < count && (unsigned char)(base[at] - '0') < 10) at++;
    if (at == first) return 0;
    if (at == count) return 1;
    if (base[at] != '.') return 0;
    size_t second = ++at;
    while (at < count && (unsigned char)(base[at] - '0') < 10) at++;
    return at == count && at > second;
}

size_t floor_encode(
    const struct floor_cell *cells, size_t rows, size_t columns, size_t labels, const char *const *names,
    struct floor_bytes *arena, size_t *starts, struct floor_bytes *out)
{
    size_t lines = 0;
    size_t lengths[64];
    for (size_t column = 0; column < columns; column++) lengths[column] = strlen(names[column]);
    arena->count = 0;
    out->count = 0;
    for (size_t row = 0; row < rows; row++) {
        starts[row] = arena->count;
        need(arena, 2);
        put_byte(arena, '{');
        for (size_t column = 0; column < labels; column++) {
            need(arena, 1);
            if (column > 0) put_byte(arena, ',');
            put_label(arena, names[column], lengths[column], cells[row * columns + column]);
        }
        need(arena, 2);
        put(arena, "} ", 2);
    }
    starts[rows] = arena->count;
    for (size_t column = labels; column < columns; column++) {
        const char *name = names[column];
        size_t length = lengths[column];
        for (size_t row = 0; row < rows; row++) {
            struct floor_cell cell = cells[row * columns + column];
            if (!cell.base || !is_number(cell.base, cell.count)) continue;
            size_t set = starts[row + 1] - starts[row];
            need(out, length + set + cell.count + 1);
            put(out, name, length);
            put(out, arena->base + starts[row], set);
            put(out, cell.base, cell.count);
            put_byte(out, '\n');
            lines++;
        }
    }
    return lines;
}

void floor_free(struct floor_bytes *b)
{
    free(b->base);
    b->base = NULL;
    b->count = b->capacity = 0;
}
