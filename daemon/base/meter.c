#include "daemon/base/meter.h"

#include "daemon/base/meter_internal.h"

void meter_add(struct meter *m, enum meter_number number, int64_t by)
{
    if (!m)
        return;
    _Atomic(int64_t) *to = &m->numbers[number];
    atomic_store_explicit(to, atomic_load_explicit(to, memory_order_relaxed) + by, memory_order_relaxed);
}

void meter_time(struct meter *m, enum meter_timer timer, int64_t us)
{
    if (m)
        histogram_add(&m->timers[timer], us);
}

static size_t hash(const char *what, const char *how, unsigned status)
{
    uint64_t h = (uint64_t)(uintptr_t)what * UINT64_C(0x9e3779b97f4a7c15);

    h = (h ^ (uint64_t)(uintptr_t)how ^ status) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(h >> 32) % (2 * METER_ROWS_MAX);
}

static void name(struct meter_rows *rows, size_t at, const char *what, const char *how, unsigned status)
{
    rows->rows[at].what = what;
    rows->rows[at].how = how;
    rows->rows[at].status = status;
    atomic_store_explicit(&rows->n, at + 1, memory_order_release);
}

/* The row of those names, made where there is room for it; the index is never more than half full. */
static struct meter_row *row_of(struct meter_rows *rows, const char *what, const char *how, unsigned status)
{
    size_t n = atomic_load_explicit(&rows->n, memory_order_relaxed), i = hash(what, how, status);

    for (; rows->index[i]; i = (i + 1) % (2 * METER_ROWS_MAX)) {
        struct meter_row *row = &rows->rows[rows->index[i] - 1];
        if (row->what == what && row->how == how && row->status == status)
            return row;
    }
    if (n >= METER_ROWS_MAX - 1) {
        if (n == METER_ROWS_MAX - 1)
            name(rows, n, METER_OTHER, METER_OTHER, 0);
        return &rows->rows[METER_ROWS_MAX - 1];
    }
    name(rows, n, what, how, status);
    rows->index[i] = (uint16_t)(n + 1);
    return &rows->rows[n];
}

void meter_time_named(struct meter *m, enum meter_kind kind, const char *what, const char *how, unsigned status,
                      int64_t us)
{
    if (m)
        histogram_add(&row_of(&m->kinds[kind], what, how, status)->times, us);
}
