#include "tests/fuzz/dc.h"

#include <stdarg.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/sandbox/conn.h"
#include "daemon/sandbox/control.h"
#include "daemon/sandbox/session.h"

enum { LOAD_CHATS = 2, TRANSPORT_PAD = 15 };

struct pending {
    uv_write_t *write; /* or */
    uv_shutdown_t *shutdown;
    uv_write_cb on_write;
    uv_shutdown_cb on_shutdown;
    uv_stream_t *stream;
};

static struct dc *at_hand;
static struct dc_line *accepted; /* whom uv_accept() is about */
static struct pending *pending;
static size_t pending_n, pending_cap;

/* --- what the linker sends here --- */

int __wrap_uv_accept(uv_stream_t *server, uv_stream_t *client);
int __wrap_uv_read_start(uv_stream_t *stream, uv_alloc_cb alloc, uv_read_cb read);
int __wrap_uv_read_stop(uv_stream_t *stream);
int __wrap_uv_is_readable(const uv_stream_t *stream);
int __wrap_uv_write(uv_write_t *req, uv_stream_t *stream, const uv_buf_t bufs[], unsigned n, uv_write_cb cb);
int __wrap_uv_shutdown(uv_shutdown_t *req, uv_stream_t *stream, uv_shutdown_cb cb);
void __wrap_uv_close(uv_handle_t *handle, uv_close_cb cb);
void __real_uv_close(uv_handle_t *handle, uv_close_cb cb);
void __wrap_log_write(enum log_level level, const char *room, const char *format, ...) TGC_PRINTF(3, 4);

static struct dc_line *line_of(const uv_stream_t *stream)
{
    for (size_t i = 0; i < DC_LINES_MAX; i++)
        if (at_hand->lines[i].conn && (const uv_stream_t *)&at_hand->lines[i].conn->tcp == stream)
            return &at_hand->lines[i];
    return NULL;
}

int __wrap_uv_accept(uv_stream_t *server, uv_stream_t *client)
{
    accepted->conn = client->data;
    return 0;
}

int __wrap_uv_read_start(uv_stream_t *stream, uv_alloc_cb alloc, uv_read_cb read)
{
    struct dc_line *line = line_of(stream);

    line->alloc = alloc;
    line->read = read;
    return 0;
}

int __wrap_uv_read_stop(uv_stream_t *stream)
{
    line_of(stream)->read = NULL;
    return 0;
}

int __wrap_uv_is_readable(const uv_stream_t *stream)
{
    return line_of(stream)->read != NULL;
}

static struct pending *add_pending(uv_stream_t *stream)
{
    if (pending_n == pending_cap) {
        pending_cap = pending_cap ? pending_cap * 2 : 64;
        pending = realloc(pending, pending_cap * sizeof(*pending));
        FUZZ_CHECK(pending != NULL);
    }
    pending[pending_n] = (struct pending){.stream = stream};
    return &pending[pending_n++];
}

int __wrap_uv_write(uv_write_t *req, uv_stream_t *stream, const uv_buf_t bufs[], unsigned n, uv_write_cb cb)
{
    struct dc_line *line = line_of(stream);
    struct pending *p = add_pending(stream);

    FUZZ_CHECK(line && !uv_is_closing((uv_handle_t *)stream));
    for (unsigned i = 0; i < n; i++)
        buf_put(&line->in, bufs[i].base, bufs[i].len);
    p->write = req;
    p->on_write = cb;
    return 0;
}

int __wrap_uv_shutdown(uv_shutdown_t *req, uv_stream_t *stream, uv_shutdown_cb cb)
{
    struct pending *p = add_pending(stream);

    FUZZ_CHECK(!uv_is_closing((uv_handle_t *)stream));
    p->shutdown = req;
    p->on_shutdown = cb;
    return 0;
}

static void end_pending(struct pending *p, int status)
{
    struct pending now = *p;

    p->stream = NULL;
    if (now.write)
        now.on_write(now.write, status);
    else if (now.shutdown)
        now.on_shutdown(now.shutdown, status);
}

/* Of all streams: the connections'. */
static uv_close_cb on_stream_closed;

/* What was not written is cancelled before its stream is gone. */
static void on_closed(uv_handle_t *handle)
{
    struct dc_line *line = line_of((uv_stream_t *)handle);

    for (size_t i = 0; i < pending_n; i++)
        if ((uv_handle_t *)pending[i].stream == handle)
            end_pending(&pending[i], UV_ECANCELED);
    if (line)
        line->conn = NULL;
    on_stream_closed(handle);
}

void __wrap_uv_close(uv_handle_t *handle, uv_close_cb cb)
{
    if (handle->type == UV_TCP)
        on_stream_closed = cb;
    __real_uv_close(handle, handle->type == UV_TCP ? on_closed : cb);
}

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

static void forget_ended(void)
{
    size_t left = 0;

    for (size_t i = 0; i < pending_n; i++)
        if (pending[i].stream)
            pending[left++] = pending[i];
    pending_n = left;
}

/* Writes end in their order, those of a closed stream are cancelled; then what was closed is freed. */
static void settle(struct dc *d)
{
    do {
        /* The list grows meanwhile: what leaves piece by piece. */
        for (size_t i = 0; i < pending_n; i++)
            if (pending[i].stream && !uv_is_closing((uv_handle_t *)pending[i].stream))
                end_pending(&pending[i], 0);
        forget_ended();
        uv_run(&d->s.loop, UV_RUN_NOWAIT);
        forget_ended();
    } while (pending_n);
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
    struct sandbox *s = &d->s;
    struct fault fault;

    memset(d, 0, sizeof(*d));
    at_hand = d;
    pending_n = 0;
    if (!key)
        FUZZ_CHECK(rsa_key_read(fuzz_config_path("keys/sandbox.pem"), &key, &fault) == 0);
    schemas[0] = fuzz_schema(0);
    schemas[1] = fuzz_schema(1);
    d->wall_us = INT64_C(1790000000) * SECOND_US;
    d->clock = (struct clock_source){dc_now, dc_now, d};
    s->schemas = schemas;
    s->schemas_n = 2;
    s->rsa = key;
    s->options.transport_pad = TRANSPORT_PAD;
    trace_init(&s->trace);
    random_seeded_init(&s->seeded, seed);
    s->world_random = random_seeded_source(&s->seeded);
    s->read_buffer = malloc(SANDBOX_READ_BUFFER);
    FUZZ_CHECK(s->read_buffer && world_init(&s->world, &d->clock, &s->world_random) == 0);
    FUZZ_CHECK(world_seed(&s->world, LOAD_CHATS) == 0);
    make_bob(&s->world, world_user_by_id(&s->world, DC_BOB));
    memcpy(s->keys.secret, s->world.secret, sizeof(s->keys.secret));
    s->world.push = sandbox_push;
    s->world.push_key = sandbox_push_key;
    s->world.push_ctx = s;
    for (int dc = 1; dc <= 2; dc++) {
        snprintf(s->world.dc[dc].host, sizeof(s->world.dc[dc].host), "127.0.0.1");
        s->world.dc[dc].port = 4000 + dc;
        s->dc[dc - 1].s = s;
        s->dc[dc - 1].dc = dc;
    }
    FUZZ_CHECK(uv_loop_init(&s->loop) == 0);
    s->loop_is_open = true;
    for (size_t i = 0; i < DC_LINES_MAX; i++)
        buf_init(&d->lines[i].in, 256 << 20);
}

static void strike(uv_handle_t *h, void *arg)
{
    if (h->type == UV_TIMER && uv_is_active(h) && !uv_is_closing(h))
        uv_timer_start((uv_timer_t *)h, ((uv_timer_t *)h)->timer_cb, 0, 0);
}

void dc_strike(struct dc *d)
{
    uv_walk(&d->s.loop, strike, NULL);
    settle(d);
}

void dc_fini(struct dc *d)
{
    struct sandbox *s = &d->s;

    for (struct conn *c = s->conns, *next; c; c = next) {
        next = c->next;
        conn_close(c);
    }
    dc_strike(d);
    FUZZ_CHECK(s->conns == NULL && s->conns_n == 0);
    FUZZ_CHECK(uv_loop_close(&s->loop) == 0);
    keys_fini(&s->keys);
    FUZZ_CHECK(s->keys.n == 0);
    inject_fini(&s->inject);
    trace_fini(&s->trace);
    world_fini(&s->world);
    free(s->read_buffer);
    for (size_t i = 0; i < DC_LINES_MAX; i++)
        buf_fini(&d->lines[i].in);
    at_hand = NULL;
}

void dc_connect(struct dc *d, struct dc_line *line, int dc)
{
    FUZZ_CHECK(!line->conn);
    buf_reset(&line->in);
    accepted = line;
    conn_accept(&d->s.dc[dc - 1]);
    FUZZ_CHECK(line->conn && line->read);
}

void dc_feed(struct dc *d, struct dc_line *line, const void *data, size_t len)
{
    const uint8_t *at = data;

    while (len && line->conn && !line->conn->closing && line->read) {
        uv_stream_t *stream = (uv_stream_t *)&line->conn->tcp;
        uv_buf_t room = {0};
        line->alloc((uv_handle_t *)stream, 65536, &room);
        size_t n = len < room.len ? len : room.len;
        memcpy(room.base, at, n);
        line->read(stream, (ssize_t)n, &room);
        at += n;
        len -= n;
    }
    settle(d);
}

void dc_hang_up(struct dc *d, struct dc_line *line)
{
    uv_buf_t none = {0};

    if (line->conn && line->read)
        line->read((uv_stream_t *)&line->conn->tcp, UV_EOF, &none);
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
    struct auth *a = keys_add(&d->s.keys, dc, dc_key(n), 1000u + n, sandbox_now_us(&d->s));

    FUZZ_CHECK(a != NULL);
    a->temporary = temporary;
    if (temporary)
        a->expires_at = sandbox_now_us(&d->s) / SECOND_US + 86400;
    return a;
}

void dc_log_in(struct dc *d, struct auth *a, int64_t user_id)
{
    a->account.user = user_id ? world_user_by_id(&d->s.world, user_id) : NULL;
    keys_file(&d->s.keys, a);
}
