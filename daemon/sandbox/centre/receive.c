#include "daemon/sandbox/centre/receive.h"

#include "daemon/base/gzip.h"
#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/mt/container.h"
#include "daemon/mt/ids.h"
#include "daemon/sandbox/centre/check.h"
#include "daemon/sandbox/centre/invoke.h"
#include "daemon/sandbox/centre/service.h"
#include "daemon/sandbox/world/json.h"
#include "daemon/tl/reader.h"

static uint32_t body_id(const struct mt_message *m)
{
    return m->len >= 4 ? le32_load(m->body) : 0;
}

static void announce(struct session *ss, uint64_t first_msg_id)
{
    struct buf b;

    if (ss->is_announced)
        return;
    ss->is_announced = true;
    buf_init(&b, 64);
    buf_put_u32(&b, MT_NEW_SESSION_CREATED);
    buf_put_u64(&b, first_msg_id);
    buf_put_u64(&b, ss->unique_id);
    buf_put_u64(&b, session_salt(ss));
    if (!b.err)
        session_send(ss, b.data, b.len, true, 0);
    buf_fini(&b);
}

static void one_message(struct session *ss, const struct mt_message *m);

/* gzip_packed around a whole message: what is inside is handled in its place, one level deep. */
static void unpack(struct session *ss, const struct mt_message *m)
{
    struct tl_reader r;
    struct buf out;
    size_t len;
    int is_zlib = 0;

    tl_reader_init(&r, m->body + 4, m->len - 4);
    const uint8_t *packed = tl_read_bytes(&r, &len);
    buf_init(&out, CENTRES_QUERY_MAX);
    if (packed && !gzip_unpack(packed, len, &out, &is_zlib) && out.len >= 4 && out.len % 4 == 0 &&
        le32_load(out.data) != MT_GZIP_PACKED && le32_load(out.data) != MT_MSG_CONTAINER) {
        struct mt_message inner = *m;
        inner.body = out.data;
        inner.len = out.len;
        if (is_zlib)
            lint_note(&ss->s->lints, LINT_ZLIB, ss->auth->app, NULL);
        if (out.len < m->len)
            lint_note(&ss->s->lints, LINT_GZIP_SMALL, ss->auth->app, NULL);
        one_message(ss, &inner);
    } else {
        invoke(ss, m); /* which says what is wrong with it */
    }
    buf_fini(&out);
}

static void one_message(struct session *ss, const struct mt_message *m)
{
    uint32_t id = body_id(m);

    if (id == MT_GZIP_PACKED)
        unpack(ss, m);
    else if (!service_handle(ss, m, id))
        invoke(ss, m);
}

/* A message that came before: its answer again where it is kept, else an ack. */
static void duplicate(struct session *ss, const struct mt_message *m)
{
    lint_note(&ss->s->lints, LINT_DUPLICATE, ss->auth->app, NULL);
    if (!session_resend_answer(ss, m->msg_id) && m->seq_no & 1)
        session_ack_later(ss, m->msg_id);
}

static void accept_message(struct session *ss, const struct mt_message *m)
{
    if (session_seen(ss, m->msg_id)) {
        duplicate(ss, m);
        return;
    }
    session_remember(ss, m, false);
    if (body_id(m) == MT_MSGS_ACK && m->seq_no & 1)
        lint_note(&ss->s->lints, LINT_ACK_ODD_SEQNO, ss->auth->app, NULL);
    one_message(ss, m);
}

/* All of a container is judged before any of it is done: it is taken or refused as a whole. */
static int check_container(struct session *ss, const struct mt_message *m, uint64_t *ret_first)
{
    struct seen list[LIMIT_CONTAINER_READ + 1];
    struct tl_reader r;
    struct mt_message inner;
    uint32_t count;
    size_t n = 0;
    int bad = 0;

    *ret_first = m->msg_id;
    if (mt_container_open(m->body, m->len, &r, &count) || count == 0)
        return BAD_CONTAINER;
    for (uint32_t i = 0; !bad && i < count; i++) {
        if (mt_container_next(&r, &inner) || inner.len < 4 || inner.msg_id >= m->msg_id ||
            body_id(&inner) == MT_MSG_CONTAINER)
            return BAD_CONTAINER;
        if (!session_seen(ss, inner.msg_id)) {
            bad = check_window(ss, inner.msg_id);
            bad = bad ? bad : check_seq(ss, &inner);
            list[n++] = (struct seen){.msg_id = inner.msg_id, .seq_no = inner.seq_no};
        }
        if (!bad && inner.msg_id % 4 != 0)
            bad = BAD_ID_LOW_BITS;
        if (!bad && !inner.msg_id)
            bad = BAD_ID_TOO_LOW;
        if (inner.msg_id < *ret_first)
            *ret_first = inner.msg_id;
    }
    if (!bad && tl_reader_left(&r))
        return BAD_CONTAINER;
    list[n++] = (struct seen){.msg_id = m->msg_id, .seq_no = m->seq_no};
    return bad ? bad : check_order(list, n);
}

static void take_container(struct session *ss, const struct mt_message *m)
{
    struct centres *s = ss->s;
    struct auth *a = ss->auth;
    struct line *l = ss->seat.line;
    struct tl_reader r;
    struct mt_message inner;
    uint32_t count;
    uint64_t session_id = ss->id;
    int dc = a->dc;
    uint64_t key_id = a->id;

    if (mt_container_open(m->body, m->len, &r, &count))
        return;
    session_remember(ss, m, true);
    for (uint32_t i = 0; i < count && !mt_container_next(&r, &inner); i++) {
        inner.salt = m->salt;
        inner.session_id = m->session_id;
        accept_message(ss, &inner);
        /* The message may have ended its session or key (destroy_…) or, by a fault, the connection. */
        if (l->state == LINE_CLOSED || !(a = keys_find(&s->keys, dc, key_id)) || !(ss = session_find(a, session_id)))
            return;
    }
}

static int check_packet(struct session *ss, const struct mt_message *m, uint64_t *ret_first)
{
    int64_t now = centres_now_us(ss->s);
    bool is_container = body_id(m) == MT_MSG_CONTAINER;
    const struct seen *before = session_seen(ss, m->msg_id);
    json_t *rule;

    *ret_first = m->msg_id;
    if ((rule = inject_take(&ss->s->inject, "bad_msg", NULL))) {
        int code = (int)json_get_long(rule, "code");
        json_decref(rule);
        return code;
    }
    if ((rule = inject_take(&ss->s->inject, "bad_server_salt", NULL))) {
        json_decref(rule);
        keys_salt_expire(&ss->s->keys, ss->auth); /* no server refuses the very salt it then tells */
        return BAD_SALT;
    }
    int bad = check_time(ss, m->msg_id);
    if (!bad && !keys_salt_is_valid(&ss->s->keys, ss->auth, m->salt, now))
        bad = BAD_SALT;
    if (!bad && before && (is_container || before->is_container))
        bad = BAD_ID_CONTAINER_SAME;
    if (!bad && !before)
        bad = check_seq(ss, m);
    if (!bad && is_container)
        bad = check_container(ss, m, ret_first);
    return bad;
}

/* What an earlier packet's answer was held back for has happened. */
static void release_held(struct session *ss, struct buf *held, uint64_t request)
{
    if (held->len)
        session_send_late(ss, held->data, held->len, request);
    buf_fini(held);
}

void receive_packet(struct line *l, struct auth *a, const struct mt_message *m)
{
    struct centres *s = l->s;
    struct session *ss = session_find(a, m->session_id);
    int dc = a->dc;
    uint64_t first, key_id = a->id, session_id = m->session_id;
    json_t *rule;

    if (ss && (rule = inject_take(&s->inject, "forget_session", NULL))) {
        json_decref(rule);
        session_free(ss);
        ss = NULL;
    }
    if (!ss)
        ss = session_new(s, a, m->session_id);
    if (!ss) {
        line_close(l);
        return;
    }
    session_attach(ss, l);
    struct buf held = ss->held;
    uint64_t held_request = ss->held_request;
    ss->held = (struct buf){0};
    int bad = check_packet(ss, m, &first);
    if (bad) {
        session_send_bad(ss, m, bad);
    } else {
        announce(ss, first);
        if (body_id(m) == MT_MSG_CONTAINER)
            take_container(ss, m);
        else
            accept_message(ss, m);
    }
    a = keys_find(&s->keys, dc, key_id);
    ss = a ? session_find(a, session_id) : NULL;
    if (ss) {
        release_held(ss, &held, held_request);
        session_flush(ss);
    }
    buf_fini(&held);
}
