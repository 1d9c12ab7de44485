/* The sessions of the data centres: what a packet must be, service messages, and how answers are told. */
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <utlist.h>

#include "daemon/base/le.h"
#include "daemon/crypto/kdf.h"
#include "daemon/tl/reader.h"
#include "daemon/tl/writer.h"
#include "tests/support/fake_dc_internal.h"

enum { TOO_OLD_S = 300, TOO_NEW_S = 30, ID_TOO_LOW = 16, ID_TOO_HIGH = 17, STATE_MISSING = 2, STATE_RECEIVED = 4 };

/* --- telling --- */

static void send_as(struct fake_session *s, const struct buf *body, uint64_t msg_id, uint32_t seq_no)
{
    struct mt_message m = {.salt = s->key->salt,
                           .session_id = s->ear.session_id,
                           .msg_id = msg_id,
                           .seq_no = seq_no,
                           .body = body->data,
                           .len = body->len};
    struct buf out;

    ck_assert_int_eq(buf_err(body), 0);
    if (!s->conn || s->conn->is_dropped)
        return;
    buf_init(&out, FAKE_BODY_MAX + 4096);
    ck_assert_int_eq(mt_packed_seal(s->key->key, KDF_TO_CLIENT, &m, &s->dc->random, &out), 0);
    fake_link_send(s->conn->link, out.data, out.len);
    buf_fini(&out);
}

static uint32_t next_seq_no(struct fake_session *s, bool is_content)
{
    uint32_t seq_no = 2 * s->content_n + is_content;

    s->content_n += is_content;
    return seq_no;
}

void fake_session_tell(struct fake_session *s, const struct buf *body, bool is_content, enum mt_msg_id_low low)
{
    send_as(s, body, mt_msg_id_next(&s->ids, fake_dc_now_us(s->dc), low), next_seq_no(s, is_content));
}

void fake_session_answer(struct fake_query *q)
{
    struct fake_session *s = q->session;

    if (!q->has_answer) {
        q->has_answer = true;
        q->answer_id = mt_msg_id_next(&s->ids, fake_dc_now_us(s->dc), MT_MSG_ID_ANSWER);
        q->answer_seq_no = next_seq_no(s, true);
    }
    send_as(s, &q->answer, q->answer_id, q->answer_seq_no);
}

static void begin(struct buf *b, uint32_t id)
{
    buf_init(b, FAKE_BODY_MAX);
    tl_write_u32(b, id);
}

static void tell(struct fake_session *s, struct buf *b, enum mt_msg_id_low low)
{
    fake_session_tell(s, b, false, low);
    buf_fini(b);
}

void fake_session_ack(struct fake_session *s, uint64_t msg_id)
{
    struct buf b;

    begin(&b, MT_MSGS_ACK);
    tl_write_vector(&b, 1);
    tl_write_u64(&b, msg_id);
    tell(s, &b, MT_MSG_ID_SERVER);
}

/* --- service messages --- */

static struct fake_query *find_query(struct fake_session *s, uint64_t msg_id)
{
    struct fake_query *q;

    DL_FOREACH (s->queries, q)
        if (q->msg_id == msg_id)
            return q;
    return NULL;
}

static void on_acks(struct fake_session *s, struct tl_reader *r)
{
    struct fake_query *q, *next;

    for (uint32_t n = tl_read_vector(r, 8); n > 0; n--) {
        uint64_t id = tl_read_u64(r);
        DL_FOREACH_SAFE(s->queries, q, next)
        if (q->has_answer && q->answer_id == id)
            fake_query_free(q);
    }
}

static void on_resend(struct fake_session *s, struct tl_reader *r)
{
    struct fake_query *q;

    for (uint32_t n = tl_read_vector(r, 8); n > 0; n--) {
        uint64_t id = tl_read_u64(r);
        DL_FOREACH (s->queries, q)
            if (q->has_answer && q->answer_id == id)
                fake_session_answer(q);
    }
}

/* What was answered and not acknowledged is answered again. */
static void on_state_req(struct fake_session *s, uint64_t msg_id, struct tl_reader *r)
{
    struct buf b;
    struct tl_reader again = *r;
    uint32_t n = tl_read_vector(r, 8);
    uint8_t info[8192]; /* no message of ids has more */

    ck_assert_uint_le(n, sizeof(info));
    for (uint32_t i = 0; i < n; i++)
        info[i] = find_query(s, tl_read_u64(r)) ? STATE_RECEIVED : STATE_MISSING;
    begin(&b, MT_MSGS_STATE_INFO);
    tl_write_u64(&b, msg_id);
    tl_write_bytes(&b, info, n);
    tell(s, &b, MT_MSG_ID_SERVER);
    for (n = tl_read_vector(&again, 8); n > 0; n--) {
        struct fake_query *q = find_query(s, tl_read_u64(&again));
        if (q && q->has_answer)
            fake_session_answer(q);
    }
}

static void on_ping(struct fake_session *s, uint64_t msg_id, struct tl_reader *r)
{
    struct buf b;

    begin(&b, MT_PONG);
    tl_write_u64(&b, msg_id);
    tl_write_u64(&b, tl_read_u64(r));
    tell(s, &b, MT_MSG_ID_ANSWER);
}

static void on_salts(struct fake_session *s, uint64_t msg_id)
{
    uint32_t now = (uint32_t)(fake_dc_now_us(s->dc) / SECOND_US);
    struct buf b;

    begin(&b, MT_FUTURE_SALTS);
    tl_write_u64(&b, msg_id);
    tl_write_u32(&b, now);
    tl_write_u32(&b, 1);
    tl_write_u32(&b, now - 3600);
    tl_write_u32(&b, now + 7 * 86400);
    tl_write_u64(&b, s->key->salt);
    tell(s, &b, MT_MSG_ID_ANSWER);
}

static void on_destroy_key(struct fake_session *s)
{
    struct buf b;

    begin(&b, MT_DESTROY_AUTH_KEY_OK);
    tell(s, &b, MT_MSG_ID_ANSWER);
    s->key->is_gone = true;
}

static void on_query(struct fake_session *s, const struct mt_message *m)
{
    struct fake_query *q = calloc(1, sizeof(*q));

    ck_assert_ptr_nonnull(q);
    *q = (struct fake_query){.session = s, .msg_id = m->msg_id};
    buf_init(&q->answer, FAKE_BODY_MAX);
    DL_APPEND(s->queries, q);
    fake_query_serve(q, m->body, m->len);
}

static void serve(struct fake_session *s, const struct mt_message *m)
{
    struct tl_reader r;

    tl_reader_init(&r, m->body, m->len);
    switch (tl_read_u32(&r)) {
    case MT_MSGS_ACK:
        on_acks(s, &r);
        break;
    case MT_MSG_RESEND_REQ:
        on_resend(s, &r);
        break;
    case MT_MSGS_STATE_REQ:
        on_state_req(s, m->msg_id, &r);
        break;
    case MT_MSGS_STATE_INFO:
        break;
    case MT_PING:
    case MT_PING_DELAY_DISCONNECT:
        on_ping(s, m->msg_id, &r);
        break;
    case MT_GET_FUTURE_SALTS:
        on_salts(s, m->msg_id);
        break;
    case MT_DESTROY_AUTH_KEY:
        on_destroy_key(s);
        break;
    default:
        on_query(s, m);
        break;
    }
    ck_assert_int_eq(r.err, 0);
}

/* --- packets --- */

static struct fake_session *session_of(struct fake_dc *dc, struct fake_key *key, uint64_t id)
{
    struct fake_session *s;

    DL_FOREACH (key->sessions, s)
        if (s->ear.session_id == id)
            return s;
    s = calloc(1, sizeof(*s));
    ck_assert_ptr_nonnull(s);
    s->dc = dc;
    s->key = key;
    s->ear.session_id = id;
    DL_APPEND(key->sessions, s);
    return s;
}

static void tell_new(struct fake_session *s, const struct mt_message *m)
{
    bool boxed = le32_load(m->body) == MT_MSG_CONTAINER;
    struct buf b;

    begin(&b, MT_NEW_SESSION_CREATED);
    tl_write_u64(&b, boxed ? le64_load(m->body + 8) : m->msg_id);
    tl_write_u64(&b, ++s->dc->unique_id);
    tl_write_u64(&b, s->key->salt);
    fake_session_tell(s, &b, true, MT_MSG_ID_SERVER);
    buf_fini(&b);
    s->is_known = true;
}

static bool is_refused(struct fake_session *s, const struct mt_message *m)
{
    int64_t ahead_s = mt_msg_id_seconds(m->msg_id) - fake_dc_now_us(s->dc) / SECOND_US;
    struct buf b;

    if (ahead_s > TOO_NEW_S || ahead_s < -TOO_OLD_S) {
        begin(&b, MT_BAD_MSG_NOTIFICATION);
        tl_write_u64(&b, m->msg_id);
        tl_write_u32(&b, m->seq_no);
        tl_write_u32(&b, ahead_s > 0 ? ID_TOO_HIGH : ID_TOO_LOW);
        tell(s, &b, MT_MSG_ID_SERVER);
        return true;
    }
    if (m->salt == s->key->salt)
        return false;
    begin(&b, MT_BAD_SERVER_SALT);
    tl_write_u64(&b, m->msg_id);
    tl_write_u32(&b, m->seq_no);
    tl_write_u32(&b, 48);
    tl_write_u64(&b, s->key->salt);
    tell(s, &b, MT_MSG_ID_SERVER);
    return true;
}

struct hearing {
    struct fake_session *session;
    bool is_refused;
};

/* What a link that was dropped in the middle of a packet still had to say was never seen. */
static void hear(void *ctx, const struct mt_message *m, const struct mt_message *outer)
{
    struct hearing *h = ctx;

    (void)outer;
    if (!h->is_refused && h->session->conn)
        serve(h->session, m);
}

void fake_session_hear(struct fake_dc *dc, struct fake_key *key, struct fake_conn *c, const struct mt_message *m)
{
    struct hearing h = {.session = session_of(dc, key, m->session_id)};

    /* What was on its way when the link before ended was never heard. */
    h.session->ear.has_missed |= h.session->conn != c;
    h.session->conn = c;
    h.is_refused = is_refused(h.session, m);
    if (!h.is_refused && !h.session->is_known)
        tell_new(h.session, m);
    mt_ear_hear(&h.session->ear, m, hear, &h);
}

void fake_session_forget(struct fake_session *s)
{
    while (s->queries)
        fake_query_free(s->queries);
    s->is_known = s->is_inited = false;
}

void fake_session_free(struct fake_session *s)
{
    fake_session_forget(s);
    DL_DELETE(s->key->sessions, s);
    free(s);
}
