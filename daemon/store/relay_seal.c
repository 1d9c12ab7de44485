#include "daemon/store/relay_seal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"

enum { ROW_SIZE = 24 };

static struct seal_place place_of(enum relay_way way, int64_t id, char row[static ROW_SIZE])
{
    snprintf(row, ROW_SIZE, "%" PRId64, id);
    return (struct seal_place){"tgcalld_job", way == RELAY_REQUEST ? "request" : "answer", row};
}

static int load(struct relay_seal *s, struct fault *fault)
{
    struct store_ring ring;
    int err = store_ring_load(&s->config, true, &ring, fault);

    if (err)
        return err;
    store_ring_free(&s->ring);
    s->ring = ring;
    return 0;
}

int relay_seal_init(struct relay_seal *s, const char *key_path, bool key_is_given, const struct random_source *random,
                    struct fault *fault)
{
    *s = (struct relay_seal){.config = {.path = "of the cluster", .key_is_given = key_is_given, .random = random}};
    if (!(s->config.key_path = strdup(key_path)))
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    random_pool_init(&s->pool, random);
    s->random = random_pool_source(&s->pool);
    return load(s, fault);
}

void relay_seal_fini(struct relay_seal *s)
{
    store_ring_free(&s->ring);
    free((char *)(uintptr_t)s->config.key_path);
    s->config.key_path = NULL;
}

int relay_seal(struct relay_seal *s, enum relay_way way, int64_t id, const void *data, size_t len, struct buf *out)
{
    char row[ROW_SIZE];
    struct seal_place place = place_of(way, id, row);
    uint8_t *at = buf_room(out, len + SEAL_OVERHEAD);
    int err = at ? seal(s->ring.now, &s->random, &place, data, len, at) : buf_err(out);

    if (!err)
        buf_add(out, len + SEAL_OVERHEAD);
    return err;
}

static const struct seal_key *key_of(const struct relay_seal *s, const uint8_t *sealed, size_t len)
{
    if (s->ring.next && seal_is_of(s->ring.next, sealed, len))
        return s->ring.next;
    return seal_is_of(s->ring.now, sealed, len) ? s->ring.now : NULL;
}

int relay_open(struct relay_seal *s, enum relay_way way, int64_t id, const uint8_t *sealed, size_t len, struct buf *out)
{
    char row[ROW_SIZE];
    struct seal_place place = place_of(way, id, row);
    struct fault fault = {0};

    buf_reset(out);
    if (len < SEAL_OVERHEAD)
        return TGC_EDAMAGED;
    if (!key_of(s, sealed, len) && load(s, &fault) != 0)
        log_warning("cluster", "%s", fault.text);
    const struct seal_key *key = key_of(s, sealed, len);
    if (!key)
        return TGC_EWRONGKEY;
    /* Of nothing there is one byte too, which is not counted. */
    uint8_t *at = buf_room(out, len - SEAL_OVERHEAD + 1);
    int err = at ? seal_open(key, &place, sealed, len, at) : buf_err(out);
    if (!err)
        buf_add(out, len - SEAL_OVERHEAD);
    return err;
}
