#include "daemon/bridge/audit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/limits.h"

enum {
    /* Addresses and statuses of one minute that are told apart; what comes beyond them is one more. */
    CROWDS = 32,
    /* Enough for a page of its own. */
    PAGE = 64 << 10,
};
#define MINUTE_US (60 * SECOND_US)

/* Strangers' refusals of one address and status, in this minute. */
struct audit_crowd {
    enum audit_family family;
    uint8_t address[16];
    uint16_t status;
    uint32_t count; /* beyond the first */
    uint8_t last[AUDIT_RECORD_MAX];
};

struct audit {
    pthread_mutex_t lock;
    struct audit_batch waiting;
    atomic_size_t bytes;  /* of it; changes under the lock */
    atomic_bool has_more; /* crowds with a count */
    size_t lost;
    struct audit_crowd crowds[CROWDS];
    size_t crowds_n;
    int64_t minute_us; /* when it began; 0: none has */
};

void audit_batch_init(struct audit_batch *b)
{
    for (size_t i = 0; i < AUDIT_KINDS; i++) {
        buf_init(&b->records[i], LIMIT_AUDIT_WAITING);
        b->n[i] = 0;
    }
}

void audit_batch_fini(struct audit_batch *b)
{
    for (size_t i = 0; i < AUDIT_KINDS; i++)
        buf_fini(&b->records[i]);
}

int audit_new(struct audit **ret)
{
    struct audit *a = calloc(1, sizeof(*a));

    if (!a)
        return TGC_ENOMEM;
    pthread_mutex_init(&a->lock, NULL);
    audit_batch_init(&a->waiting);
    *ret = a;
    return 0;
}

void audit_free(struct audit *a)
{
    if (!a)
        return;
    audit_batch_fini(&a->waiting);
    pthread_mutex_destroy(&a->lock);
    free(a);
}

/* --- noting, under the lock --- */

static void see_bytes(struct audit *a)
{
    size_t bytes = 0;

    for (size_t i = 0; i < AUDIT_KINDS; i++)
        bytes += a->waiting.records[i].len;
    atomic_store_explicit(&a->bytes, bytes, memory_order_relaxed);
}

static void put(struct audit *a, enum audit_kind kind, const struct audit_record *r)
{
    struct buf *out = &a->waiting.records[kind];
    uint8_t *to = out->len + AUDIT_RECORD_MAX <= LIMIT_AUDIT_WAITING ? buf_room(out, AUDIT_RECORD_MAX) : NULL;

    if (!to) {
        a->lost += r->count;
        return;
    }
    buf_add(out, audit_pack(r, to));
    a->waiting.n[kind]++;
}

static void end_minute(struct audit *a)
{
    struct audit_record r;

    for (size_t i = 0; i < a->crowds_n; i++) {
        const struct audit_crowd *c = &a->crowds[i];
        const uint8_t *at = c->last;
        if (!c->count || audit_unpack(&at, c->last + sizeof(c->last), &r) != 0)
            continue;
        r.count = c->count;
        put(a, AUDIT_STRANGERS, &r);
    }
    a->crowds_n = 0;
    a->minute_us = 0;
    atomic_store_explicit(&a->has_more, false, memory_order_relaxed);
}

static bool is_over(const struct audit *a, int64_t now_us)
{
    /* Before it began: the clock was set back. */
    return a->minute_us && (now_us < a->minute_us || now_us - a->minute_us >= MINUTE_US);
}

/* The one of R's address and status; the last one for all that find no place. NULL: R is the first of a new one. */
static struct audit_crowd *crowd_of(struct audit *a, const struct audit_record *r)
{
    for (size_t i = 0; i < a->crowds_n; i++) {
        struct audit_crowd *c = &a->crowds[i];
        if (c->status == r->status && c->family == r->family && memcmp(c->address, r->address, sizeof(c->address)) == 0)
            return c;
    }
    if (a->crowds_n == CROWDS)
        return &a->crowds[CROWDS - 1];
    struct audit_crowd *c = &a->crowds[a->crowds_n++];
    c->family = r->family;
    memcpy(c->address, r->address, sizeof(c->address));
    c->status = r->status;
    c->count = 0;
    return NULL;
}

static void add_stranger(struct audit *a, const struct audit_record *r)
{
    if (is_over(a, r->at_us))
        end_minute(a);
    if (!a->minute_us)
        a->minute_us = r->at_us;
    struct audit_crowd *c = crowd_of(a, r);
    if (!c) {
        put(a, AUDIT_STRANGERS, r);
        return;
    }
    c->count += c->count < UINT32_MAX;
    audit_pack(r, c->last);
    atomic_store_explicit(&a->has_more, true, memory_order_relaxed);
}

void audit_add(struct audit *a, enum audit_kind kind, const struct audit_record *r)
{
    if (!a)
        return;
    pthread_mutex_lock(&a->lock);
    if (kind == AUDIT_STRANGERS)
        add_stranger(a, r);
    else
        put(a, kind, r);
    see_bytes(a);
    pthread_mutex_unlock(&a->lock);
}

/* --- taking --- */

enum audit_haste audit_haste(const struct audit *a)
{
    size_t bytes = atomic_load_explicit(&a->bytes, memory_order_relaxed);

    if (bytes)
        return bytes >= PAGE ? AUDIT_NOW : AUDIT_SOON;
    return atomic_load_explicit(&a->has_more, memory_order_relaxed) ? AUDIT_MINUTE : AUDIT_NOTHING;
}

size_t audit_take(struct audit *a, bool all, int64_t now_us, struct audit_batch *b)
{
    pthread_mutex_lock(&a->lock);
    if (all || is_over(a, now_us))
        end_minute(a);
    struct audit_batch taken = a->waiting;
    a->waiting = *b;
    *b = taken;
    size_t lost = a->lost;
    a->lost = 0;
    see_bytes(a);
    pthread_mutex_unlock(&a->lock);
    return lost;
}

void audit_give_back(struct audit *a, struct audit_batch *b)
{
    pthread_mutex_lock(&a->lock);
    for (size_t i = 0; i < AUDIT_KINDS; i++) {
        struct buf *older = &b->records[i], *newer = &a->waiting.records[i];
        if (older->len + newer->len > LIMIT_AUDIT_WAITING || buf_put(older, newer->data, newer->len) != 0) {
            a->lost += b->n[i];
            buf_reset(older);
        } else {
            struct buf all = *older;
            *older = *newer;
            *newer = all;
            a->waiting.n[i] += b->n[i];
            buf_reset(older);
        }
        b->n[i] = 0;
    }
    see_bytes(a);
    pthread_mutex_unlock(&a->lock);
}
