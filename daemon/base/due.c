#include "daemon/base/due.h"

#include <stdlib.h>

void due_fini(struct due_line *line)
{
    free(line->heap);
    *line = (struct due_line){0};
}

static void set(struct due_line *line, size_t place, struct due *d)
{
    line->heap[place - 1] = d;
    d->place = place;
}

static void rise(struct due_line *line, struct due *d)
{
    size_t place = d->place;

    for (; place > 1 && line->heap[place / 2 - 1]->at_us > d->at_us; place /= 2)
        set(line, place, line->heap[place / 2 - 1]);
    set(line, place, d);
}

static void sink(struct due_line *line, struct due *d)
{
    size_t place = d->place;

    for (size_t next; (next = 2 * place) <= line->n; place = next) {
        if (next < line->n && line->heap[next]->at_us < line->heap[next - 1]->at_us)
            next++;
        if (line->heap[next - 1]->at_us >= d->at_us)
            break;
        set(line, place, line->heap[next - 1]);
    }
    set(line, place, d);
}

static int make_room(struct due_line *line)
{
    if (line->n < line->cap)
        return 0;
    size_t cap = line->cap ? 2 * line->cap : 16;
    struct due **heap = realloc(line->heap, cap * sizeof(struct due *));
    if (!heap)
        return TGC_ENOMEM;
    line->heap = heap;
    line->cap = cap;
    return 0;
}

int due_put(struct due_line *line, struct due *d, int64_t at_us)
{
    if (!d->place) {
        int err = make_room(line);
        if (err)
            return err;
        set(line, ++line->n, d);
    }
    d->at_us = at_us;
    rise(line, d);
    sink(line, d);
    return 0;
}

void due_drop(struct due_line *line, struct due *d)
{
    if (!d->place)
        return;
    struct due *last = line->heap[--line->n];
    if (last != d) {
        set(line, d->place, last);
        rise(line, last);
        sink(line, last);
    }
    d->place = 0;
}

struct due *due_first(const struct due_line *line)
{
    return line->n ? line->heap[0] : NULL;
}

struct due *due_take(struct due_line *line, int64_t now_us)
{
    struct due *first = due_first(line);

    if (!first || first->at_us > now_us)
        return NULL;
    due_drop(line, first);
    return first;
}
