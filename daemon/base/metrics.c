#include "daemon/base/metrics.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/meter_internal.h"
#include "daemon/base/pages.h"

struct metrics {
    void (*also)(void *ctx, struct buf *out);
    void *also_ctx;
    size_t n;
    struct meter *meters[];
};

int metrics_new(size_t n, struct metrics **ret)
{
    struct metrics *m = calloc(1, sizeof(*m) + n * sizeof(m->meters[0]));

    if (!m)
        return TGC_ENOMEM;
    /* Each by itself, so that no two threads write into one cache line; most of a meter is never touched. */
    for (; m->n < n; m->n++) {
        m->meters[m->n] = pages_new(sizeof(struct meter));
        if (!m->meters[m->n]) {
            metrics_free(m);
            return TGC_ENOMEM;
        }
    }
    *ret = m;
    return 0;
}

void metrics_free(struct metrics *m)
{
    for (size_t i = 0; m && i < m->n; i++)
        pages_free(m->meters[i], sizeof(struct meter));
    free(m);
}

struct meter *metrics_meter(struct metrics *m, size_t i)
{
    return m ? m->meters[i] : NULL;
}

void metrics_also(struct metrics *m, void (*put)(void *ctx, struct buf *out), void *ctx)
{
    m->also = put;
    m->also_ctx = ctx;
}

/* --- lines --- */

void metrics_put_family(struct buf *out, const char *family, const char *type, const char *help)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", family, help, family, type);
}

static void put_name(struct buf *out, const char *family, const char *suffix, const char *labels)
{
    buf_put_text(out, family);
    buf_put_text(out, suffix);
    if (labels[0]) {
        buf_put_byte(out, '{');
        buf_put_text(out, labels);
        buf_put_byte(out, '}');
    }
}

void metrics_put_number(struct buf *out, const char *family, const char *labels, int64_t value)
{
    put_name(out, family, "", labels);
    buf_printf(out, " %" PRId64 "\n", value);
}

/* --- sums --- */

struct sum {
    uint64_t counts[HISTOGRAM_BUCKETS_N + 1], sum_us;
};

static void add(struct sum *sum, const struct histogram *h)
{
    for (size_t i = 0; i <= HISTOGRAM_BUCKETS_N; i++)
        sum->counts[i] += atomic_load_explicit(&h->counts[i], memory_order_relaxed);
    sum->sum_us += atomic_load_explicit(&h->sum_us, memory_order_relaxed);
}

static uint64_t count_of(const struct sum *sum)
{
    uint64_t count = 0;

    for (size_t i = 0; i <= HISTOGRAM_BUCKETS_N; i++)
        count += sum->counts[i];
    return count;
}

static void put_histogram(struct buf *out, const char *family, const char *labels, const struct sum *sum)
{
    static const char *const bounds[HISTOGRAM_BUCKETS_N + 1] = {
#define X(us, text) text,
        HISTOGRAM_BUCKETS(X)
#undef X
            "+Inf"};
    uint64_t count = 0;

    for (size_t i = 0; i <= HISTOGRAM_BUCKETS_N; i++) {
        count += sum->counts[i];
        buf_printf(out, "%s_bucket{%s%sle=\"%s\"} %" PRIu64 "\n", family, labels, labels[0] ? "," : "", bounds[i],
                   count);
    }
    put_name(out, family, "_sum", labels);
    buf_printf(out, " %" PRIu64 ".%06" PRIu64 "\n", sum->sum_us / 1000000, sum->sum_us % 1000000);
    put_name(out, family, "_count", labels);
    buf_printf(out, " %" PRIu64 "\n", count);
}

void metrics_put_histogram(struct buf *out, const char *family, const char *help, const struct histogram *h)
{
    struct sum sum = {0};

    add(&sum, h);
    metrics_put_family(out, family, "histogram", help);
    put_histogram(out, family, "", &sum);
}

static void put_numbers(struct metrics *m, struct buf *out)
{
    static const struct {
        const char *family, *labels;
    } numbers[] = {
#define X(id, family, labels) {family, labels},
        METER_NUMBERS(X)
#undef X
    };
    static const char *const families[][3] = {
#define X(family, type, help) {family, type, help},
        METER_FAMILIES(X)
#undef X
    };
    size_t f = 0;

    for (size_t i = 0; i < METER_NUMBERS_N; i++) {
        int64_t value = 0;
        if (i == 0 || strcmp(numbers[i].family, numbers[i - 1].family) != 0) {
            metrics_put_family(out, families[f][0], families[f][1], families[f][2]);
            f++;
        }
        for (size_t k = 0; k < m->n; k++)
            value += atomic_load_explicit(&m->meters[k]->numbers[i], memory_order_relaxed);
        metrics_put_number(out, numbers[i].family, numbers[i].labels, value);
    }
}

static void put_timers(struct metrics *m, struct buf *out)
{
    static const char *const timers[][2] = {
#define X(id, family, help) {family, help},
        METER_TIMERS(X)
#undef X
    };

    for (size_t i = 0; i < METER_TIMERS_N; i++) {
        struct sum sum = {0};
        for (size_t k = 0; k < m->n; k++)
            add(&sum, &m->meters[k]->timers[i]);
        metrics_put_family(out, timers[i][0], "histogram", timers[i][1]);
        put_histogram(out, timers[i][0], "", &sum);
    }
}

/* --- what has names --- */

static int compare(const void *a, const void *b)
{
    const struct meter_row *x = *(struct meter_row *const *)a, *y = *(struct meter_row *const *)b;
    int order = strcmp(x->what, y->what);

    if (!order)
        order = strcmp(x->how, y->how);
    return order ? order : (x->status > y->status) - (x->status < y->status);
}

/* The same names of several meters become one. */
struct named {
    const struct meter_row *row;
    struct sum sum;
};

/* Those of all meters in their order; NULL with *RET_N 0 where there are none, and OUT's error where memory is gone. */
static struct named *gather(struct metrics *m, enum meter_kind kind, struct buf *out, size_t *ret_n)
{
    struct meter_row **rows = calloc(m->n * METER_ROWS_MAX + 1, sizeof(rows[0]));
    struct named *named = NULL;
    size_t rows_n = 0, n = 0;

    *ret_n = 0;
    for (size_t k = 0; rows && k < m->n; k++) {
        struct meter_rows *of = &m->meters[k]->kinds[kind];
        size_t of_n = atomic_load_explicit(&of->n, memory_order_acquire);
        for (size_t i = 0; i < of_n; i++)
            rows[rows_n++] = &of->rows[i];
    }
    if (rows && rows_n) {
        qsort(rows, rows_n, sizeof(rows[0]), compare);
        named = calloc(rows_n, sizeof(*named));
    }
    for (size_t i = 0; named && i < rows_n; i++) {
        if (i == 0 || compare(&rows[i - 1], &rows[i]) != 0)
            named[n++].row = rows[i];
        add(&named[n - 1].sum, &rows[i]->times);
    }
    if (!rows || (rows_n && !named))
        out->err = TGC_ENOMEM;
    free(rows);
    *ret_n = n;
    return named;
}

/* Method and route, status, outcome: all are identifiers of ours or of the schema, so nothing is to be escaped. */
enum { LABELS_MAX = 320 };

static void put_labels(enum meter_kind kind, const struct meter_row *row, struct buf *labels)
{
    buf_reset(labels);
    if (kind == METER_RPC)
        buf_printf(labels, "method=\"%s\",outcome=\"%s\"", row->what, row->how);
    else if (row->status)
        buf_printf(labels, "method=\"%s\",route=\"%s\",status=\"%u\"", row->how, row->what, row->status);
    else
        buf_printf(labels, "method=\"%s\",route=\"%s\",status=\"%s\"", row->how, row->what, METER_OTHER);
}

static void put_kind(struct metrics *m, enum meter_kind kind, struct buf *out)
{
    static const struct {
        const char *total, *total_help, *seconds, *seconds_help;
    } kinds[METER_KINDS] = {
        [METER_HTTP] = {"tgcalld_http_requests_total", "HTTP requests that were answered.",
                        "tgcalld_http_request_seconds",
                        "From a request's first line until its answer is ready; for GET /v1/events as long as a client "
                        "waited."},
        [METER_RPC] = {"tgcalld_rpcs_total", "Requests to Telegram by how they ended.", "tgcalld_rpc_seconds",
                       "From a request to Telegram until its end, with all waits that the daemon waited out."},
    };
    struct buf labels;
    size_t n;
    struct named *named = gather(m, kind, out, &n);

    buf_init(&labels, LABELS_MAX);
    metrics_put_family(out, kinds[kind].total, "counter", kinds[kind].total_help);
    for (size_t i = 0; i < n; i++) {
        put_labels(kind, named[i].row, &labels);
        const char *text = buf_text(&labels);
        if (text)
            metrics_put_number(out, kinds[kind].total, text, (int64_t)count_of(&named[i].sum));
    }
    metrics_put_family(out, kinds[kind].seconds, "histogram", kinds[kind].seconds_help);
    for (size_t i = 0; i < n; i++) {
        put_labels(kind, named[i].row, &labels);
        const char *text = buf_text(&labels);
        if (text)
            put_histogram(out, kinds[kind].seconds, text, &named[i].sum);
    }
    buf_fini(&labels);
    free(named);
}

void metrics_put(struct metrics *m, struct buf *out)
{
    if (!m)
        return;
    for (size_t i = 0; i < METER_KINDS; i++)
        put_kind(m, i, out);
    put_numbers(m, out);
    put_timers(m, out);
    if (m->also)
        m->also(m->also_ctx, out);
}
