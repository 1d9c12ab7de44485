#include "tests/fuzz/dc.h"

#include <stdarg.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/sandbox/centre/hear.h"
#include "daemon/sandbox/centre/late.h"
#include "daemon/sandbox/centre/setup.h"

enum { LOAD_CHATS = 2, READ_MAX = 64 << 10 };

void __wrap_log_write(enum log_level level, const char *room, const char *format, ...) TGC_PRINTF(3, 4);

/* The linker sends it here. */
void __wrap_log_write(enum log_level level, const char *room, const char *format, ...)
{
    va_list ap;

    if (level != LOG_LEVEL_ERROR)
        return;
    fprintf(stderr, "logged as an error: %s: ", room);
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputc('\n', stderr);
    abort();
}

/* --- */

/* What lines have goes to their clients; a line that ended is gone. */
static void settle(struct dc *d)
{
    struct line *l;
    size_t len;

    while ((l = line_next_ready(&d->s))) {
        struct dc_line *line = l->owner;
        uint8_t *data = line_take(l, &len);
        FUZZ_CHECK(line->line == l && !data == !len);
        if (data)
            buf_put(&line->in, data, len);
        free(data);
        if (l->state == LINE_CLOSED) {
            line->line = NULL;
            line_free(l);
        } else if (l->state == LINE_ENDS) {
            line_close(l);
        }
    }
}

static int64_t dc_now(void *ctx)
{
    return ((struct dc *)ctx)->wall_us;
}

/* His verifier takes a tenth of a second: once a process. */
static struct {
    bool made;
    struct srp_algo algo;
    uint8_t x[32], verifier[256];
} bob;

static void make_bob(struct world *w, struct world_user *user)
{
    if (!bob.made) {
        FUZZ_CHECK(world_user_verifier(w, user) == 0);
        bob.algo = user->algo;
        memcpy(bob.verifier, user->verifier, sizeof(bob.verifier));
        FUZZ_CHECK(srp_password_hash(&bob.algo, user->password, strlen(user->password), bob.x) == 0);
        bob.made = true;
    }
    user->algo = bob.algo;
    memcpy(user->verifier, bob.verifier, sizeof(user->verifier));
    user->has_verifier = true;
}

const uint8_t *dc_bob_x(void)
{
    return bob.x;
}

void dc_init(struct dc *d, uint64_t seed)
{
    static const struct tl_schema *schemas[2];
    static struct rsa_key *key;
    struct fault fault;

    memset(d, 0, sizeof(*d));
    if (!key)
        FUZZ_CHECK(rsa_key_read(fuzz_config_path("keys/sandbox.pem"), &key, &fault) == 0);
    schemas[0] = fuzz_schema(0);
    schemas[1] = fuzz_schema(1);
    d->wall_us = INT64_C(1790000000) * SECOND_US;
    d->clock = (struct clock_source){dc_now, dc_now, d};
    struct centres_config config = {.clock = &d->clock,
                                    .random = &random_system,
                                    .rsa = key,
                                    .schemas = schemas,
                                    .schemas_n = 2,
                                    .seeded = true,
                                    .seed = seed,
                                    .chats = LOAD_CHATS};
    FUZZ_CHECK(centres_init(&d->s, &config, &fault) == 0);
    make_bob(&d->s.world, world_user_by_id(&d->s.world, DC_BOB));
    for (int dc = 1; dc <= 2; dc++) {
        snprintf(d->s.world.dc[dc].host, sizeof(d->s.world.dc[dc].host), "127.0.0.1");
        d->s.world.dc[dc].port = 4000 + dc;
    }
    for (size_t i = 0; i < DC_LINES_MAX; i++)
        buf_init(&d->lines[i].in, 256 << 20);
}

void dc_strike(struct dc *d)
{
    for (size_t i = 0; i < DC_LINES_MAX; i++)
        if (d->lines[i].line && d->lines[i].line->deadline_us != INT64_MAX)
            line_tick(d->lines[i].line, INT64_MAX);
    late_tick(&d->s, INT64_MAX);
    settle(d);
}

void dc_fini(struct dc *d)
{
    for (size_t i = 0; i < DC_LINES_MAX; i++)
        dc_hang_up(d, &d->lines[i]);
    dc_strike(d);
    FUZZ_CHECK(d->s.lines_n == 0 && !d->s.ready && !d->s.late);
    centres_fini(&d->s);
    FUZZ_CHECK(d->s.keys.n == 0);
    for (size_t i = 0; i < DC_LINES_MAX; i++)
        buf_fini(&d->lines[i].in);
}

void dc_connect(struct dc *d, struct dc_line *line, int dc)
{
    FUZZ_CHECK(!line->line);
    buf_reset(&line->in);
    line->line = line_new(&d->s, dc, line);
    FUZZ_CHECK(line->line);
}

void dc_feed(struct dc *d, struct dc_line *line, const void *data, size_t len)
{
    const uint8_t *at = data;

    while (len && line->line && line->line->state == LINE_OPEN) {
        size_t n = len < READ_MAX ? len : READ_MAX;
        hear_bytes(line->line, at, n);
        while (line->line && hear_packet(line->line))
            settle(d);
        settle(d);
        at += n;
        len -= n;
    }
}

void dc_hang_up(struct dc *d, struct dc_line *line)
{
    if (line->line)
        line_close(line->line);
    settle(d);
}

/* --- keys --- */

struct mt_auth_key *dc_key(uint8_t n)
{
    uint8_t bytes[256] = {n, 1, 2, 3};
    struct mt_auth_key *key = mt_auth_key_new(bytes);

    FUZZ_CHECK(key != NULL);
    return key;
}

struct auth *dc_add_key(struct dc *d, int dc, uint8_t n, bool temporary)
{
    struct auth *a = keys_add(&d->s.keys, dc, dc_key(n), 1000u + n, centres_now_us(&d->s));

    FUZZ_CHECK(a != NULL);
    a->temporary = temporary;
    if (temporary)
        a->expires_at = centres_now_us(&d->s) / SECOND_US + 86400;
    return a;
}

void dc_log_in(struct dc *d, struct auth *a, int64_t user_id)
{
    a->account.user = user_id ? world_user_by_id(&d->s.world, user_id) : NULL;
    keys_file(&d->s.keys, a);
}
