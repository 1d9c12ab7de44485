#include "tests/unit/mt/peer.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/crypto/kdf.h"
#include "daemon/mt/container.h"
#include "daemon/mt/packed.h"

struct desk the_desk;

static struct event *add_event(struct desk *d, enum event_kind kind, uint64_t request)
{
    if (d->events_n == EVENTS_MAX)
        abort(); /* no check here: Check allocates, and a test may starve */
    struct event *e = &d->events[d->events_n++];
    *e = (struct event){.kind = kind, .request = request};
    return e;
}

static void keep_data(struct event *e, const uint8_t *data, size_t len)
{
    e->len = len;
    e->id = len >= 4 ? le32_load(data) : 0;
    e->value = len >= 8 ? le32_load(data + 4) : 0;
}

static void on_result(void *ctx, uint64_t request, const uint8_t *data, size_t len)
{
    struct desk *d = ctx;

    keep_data(add_event(d, EVENT_RESULT, request), data, len);
    if (d->on_result)
        d->on_result(d, request);
}

static void on_error(void *ctx, uint64_t request, const struct mt_rpc_error *error)
{
    add_event(ctx, EVENT_ERROR, request)->err = error->code;
}

static void on_failed(void *ctx, uint64_t request, int err)
{
    add_event(ctx, EVENT_FAILED, request)->err = err;
}

static void on_update(void *ctx, const uint8_t *data, size_t len)
{
    keep_data(add_event(ctx, EVENT_UPDATE, 0), data, len);
}

static void on_new_session(void *ctx)
{
    add_event(ctx, EVENT_NEW_SESSION, 0);
}

static void on_salt(void *ctx, uint64_t salt)
{
    add_event(ctx, EVENT_SALT, salt);
}

static const struct mt_session_handlers handlers = {on_result, on_error, on_failed, on_update, on_new_session, on_salt};

struct mt_session_config desk_config(struct desk *d)
{
    static const uint8_t bytes[256] = {1, 2, 3};

    memset(d, 0, sizeof(*d));
    fake_clock_init(&d->clock);
    script_init(&d->random, 1);
    script_init(&d->peer_random, 2);
    d->key = mt_auth_key_new(bytes);
    d->salt = 0x5a17;
    d->server_offset_us = d->clock.wall_us - d->clock.mono_us;
    buf_init(&d->packet, 4 << 20);
    buf_init(&d->body, 20 << 20);
    buf_init(&d->container, 20 << 20);
    return (struct mt_session_config){
        .clock = &d->clock.source,
        .random = &d->random.source,
        .handlers = &handlers,
        .ctx = d,
        .key = d->key,
        .salt = d->salt,
        .time_offset_us = d->server_offset_us,
        .time_is_trusted = true,
    };
}

void desk_init_with(struct desk *d, const struct mt_session_config *config)
{
    ck_assert_int_eq(mt_session_new(config, &d->s), 0);
    d->session_id = mt_session_id(d->s);
    mt_session_connected(d->s);
}

void desk_init(struct desk *d)
{
    struct mt_session_config config = desk_config(d);

    desk_init_with(d, &config);
}

void desk_forget_heard(struct desk *d)
{
    for (size_t i = 0; i < d->heard_n; i++)
        free(d->heard[i].body);
    d->heard_n = 0;
}

void desk_fini(struct desk *d)
{
    desk_forget_heard(d);
    mt_session_free(d->s);
    mt_auth_key_free(d->key);
    buf_fini(&d->packet);
    buf_fini(&d->body);
    buf_fini(&d->container);
}

uint64_t desk_query(struct desk *d, uint32_t value)
{
    uint8_t query[8];
    uint64_t request = 0;

    le32_store(query, QUERY_ID);
    le32_store(query + 4, value);
    ck_assert_int_eq(mt_session_send(d->s, query, sizeof(query), &request), 0);
    ck_assert_uint_ne(request, 0);
    return request;
}

uint64_t desk_send_one(struct desk *d, uint32_t value)
{
    desk_query(d, value);
    desk_flush(d);
    return desk_must_hear(d, QUERY_ID, 0)->msg_id;
}

static void hear(void *ctx, const struct mt_message *m, const struct mt_message *outer)
{
    struct desk *d = ctx;

    ck_assert_uint_lt(d->heard_n, HEARD_MAX);
    struct heard *h = &d->heard[d->heard_n++];
    *h = (struct heard){.msg_id = m->msg_id,
                        .outer_id = outer->msg_id,
                        .salt = outer->salt,
                        .session_id = outer->session_id,
                        .seq_no = m->seq_no,
                        .id = le32_load(m->body),
                        .body = malloc(m->len),
                        .len = m->len};
    memcpy(h->body, m->body, m->len);
}

void desk_hear_packet(struct desk *d)
{
    struct mt_message m;

    ck_assert_int_eq(mt_packed_open(d->key, KDF_TO_SERVER, d->packet.data, d->packet.len, &m), 0);
    mt_ear_hear(&d->ear, &m, hear, d);
    d->session_id = m.session_id;
    d->last_msg_id = d->ear.last_msg_id;
}

size_t desk_flush(struct desk *d)
{
    size_t packets = 0;
    int more;

    desk_forget_heard(d);
    for (;;) {
        buf_reset(&d->packet);
        more = mt_session_flush(d->s, &d->packet);
        if (more <= 0)
            break;
        packets++;
        desk_hear_packet(d);
    }
    ck_assert_int_eq(more, 0);
    ck_assert_uint_eq(d->packet.len, 0);
    return packets;
}

struct heard *desk_heard(struct desk *d, uint32_t id, size_t nth)
{
    for (size_t i = 0; i < d->heard_n; i++) {
        if (d->heard[i].id == id && nth-- == 0)
            return &d->heard[i];
    }
    return NULL;
}

struct heard *desk_must_hear(struct desk *d, uint32_t id, size_t nth)
{
    struct heard *h = desk_heard(d, id, nth);

    ck_assert_msg(h != NULL, "no message %08x number %zu was heard", id, nth);
    return h;
}

size_t desk_count(struct desk *d, uint32_t id)
{
    size_t n = 0;

    while (desk_heard(d, id, n))
        n++;
    return n;
}

int desk_pass(struct desk *d, int64_t us)
{
    fake_clock_pass(&d->clock, us);
    return mt_session_tick(d->s);
}

int desk_pass_s(struct desk *d, int64_t seconds)
{
    return desk_pass(d, seconds * SECOND_US);
}

struct buf *desk_begin(struct desk *d, uint32_t id)
{
    buf_reset(&d->body);
    tl_write_u32(&d->body, id);
    return &d->body;
}

void desk_begin_update(struct desk *d, uint32_t value)
{
    tl_write_u32(desk_begin(d, UPDATE_ID), value);
}

uint64_t desk_next_id(struct desk *d, enum mt_msg_id_low low)
{
    return mt_msg_id_next(&d->ids, d->clock.mono_us + d->server_offset_us, low);
}

static uint32_t next_seq_no(struct desk *d, bool content)
{
    uint32_t seq_no = 2 * d->content_n + content;

    d->content_n += content;
    return seq_no;
}

uint8_t *desk_seal(struct desk *d, uint64_t session_id, uint64_t msg_id, uint32_t seq_no, size_t *ret_len)
{
    struct mt_message m = {.salt = d->salt,
                           .session_id = session_id,
                           .msg_id = msg_id,
                           .seq_no = seq_no,
                           .body = d->body.data,
                           .len = d->body.len};
    struct buf out;

    ck_assert_int_eq(buf_err(&d->body), 0);
    buf_init(&out, 32 << 20);
    ck_assert_int_eq(mt_packed_seal(d->key, KDF_TO_CLIENT, &m, &d->peer_random.source, &out), 0);
    return buf_take(&out, ret_len);
}

int desk_feed(struct desk *d, const uint8_t *packet, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);

    memcpy(copy, packet, len);
    int err = mt_session_feed(d->s, copy, len, &d->fault);
    ck_assert(err >= 0 || err == TGC_ENOMEM || d->fault.err == err);
    free(copy);
    return err;
}

int desk_tell_as(struct desk *d, uint64_t session_id, uint64_t msg_id, uint32_t seq_no)
{
    size_t len;
    uint8_t *packet = desk_seal(d, session_id, msg_id, seq_no, &len);
    int err = desk_feed(d, packet, len);

    free(packet);
    return err;
}

int desk_tell(struct desk *d, bool content)
{
    uint32_t seq_no = next_seq_no(d, content);

    return desk_tell_as(d, d->session_id, desk_next_id(d, MT_MSG_ID_SERVER), seq_no);
}

void desk_tell_update(struct desk *d, bool content)
{
    desk_begin_update(d, 1);
    ck_assert_int_eq(desk_tell(d, content), 0);
}

void desk_put_as(struct desk *d, uint64_t msg_id, uint32_t seq_no)
{
    if (d->container_count++ == 0) {
        buf_reset(&d->container);
        mt_container_begin(&d->container, 0);
    }
    mt_container_put(&d->container, msg_id, seq_no, d->body.data, d->body.len);
}

uint64_t desk_put(struct desk *d, bool content)
{
    uint64_t msg_id = desk_next_id(d, MT_MSG_ID_SERVER);

    desk_put_as(d, msg_id, next_seq_no(d, content));
    return msg_id;
}

int desk_tell_container(struct desk *d)
{
    le32_store(d->container.data + 4, d->container_count);
    buf_reset(&d->body);
    buf_put(&d->body, d->container.data, d->container.len);
    d->container_count = 0;
    return desk_tell(d, false);
}

int desk_answer(struct desk *d, uint64_t req_msg_id, uint32_t value)
{
    struct buf *b = desk_begin(d, MT_RPC_RESULT);

    tl_write_u64(b, req_msg_id);
    tl_write_u32(b, ANSWER_ID);
    tl_write_u32(b, value);
    return desk_tell(d, true);
}

int desk_ack(struct desk *d, uint64_t msg_id)
{
    struct buf *b = desk_begin(d, MT_MSGS_ACK);

    tl_write_vector(b, 1);
    tl_write_u64(b, msg_id);
    return desk_tell(d, false);
}

int desk_bad_msg(struct desk *d, uint64_t bad_msg_id, uint32_t code)
{
    struct buf *b = desk_begin(d, MT_BAD_MSG_NOTIFICATION);

    tl_write_u64(b, bad_msg_id);
    tl_write_u32(b, 1);
    tl_write_u32(b, code);
    return desk_tell(d, false);
}

int desk_bad_salt(struct desk *d, uint64_t bad_msg_id, uint64_t salt)
{
    struct buf *b = desk_begin(d, MT_BAD_SERVER_SALT);

    tl_write_u64(b, bad_msg_id);
    tl_write_u32(b, 1);
    tl_write_u32(b, 48);
    tl_write_u64(b, salt);
    return desk_tell(d, false);
}

int desk_new_session(struct desk *d, uint64_t first_msg_id, uint64_t unique_id)
{
    struct buf *b = desk_begin(d, MT_NEW_SESSION_CREATED);

    tl_write_u64(b, first_msg_id);
    tl_write_u64(b, unique_id);
    tl_write_u64(b, d->salt);
    return desk_tell(d, true);
}

struct event *desk_event(struct desk *d, enum event_kind kind, size_t nth)
{
    for (size_t i = 0; i < d->events_n; i++) {
        if (d->events[i].kind == kind && nth-- == 0)
            return &d->events[i];
    }
    return NULL;
}

size_t desk_events(struct desk *d, enum event_kind kind)
{
    size_t n = 0;

    for (size_t i = 0; i < d->events_n; i++)
        n += d->events[i].kind == kind;
    return n;
}

void desk_forget_events(struct desk *d)
{
    d->events_n = 0;
}
