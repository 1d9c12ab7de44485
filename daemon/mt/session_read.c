/* A received packet: its checks, its messages, its acknowledgements ("Checks" of the security guidelines). */
#include "daemon/base/le.h"
#include "daemon/base/log.h"
#include "daemon/mt/container.h"
#include "daemon/mt/session_internal.h"

/* What may be heard outside the time window, because it repairs exactly that. */
static bool can_repair(const struct incoming *in)
{
    static const uint32_t ids[] = {MT_BAD_SERVER_SALT, MT_BAD_MSG_NOTIFICATION, MT_NEW_SESSION_CREATED};

    for (size_t i = 0; in->len >= 4 && i < sizeof(ids) / sizeof(ids[0]); i++) {
        if (le32_load(in->body) == ids[i])
            return true;
    }
    return false;
}

int session_take(struct mt_session *s, const struct incoming *in)
{
    uint64_t session_id = s->session_id;

    if (in->repair_only && !can_repair(in)) {
        s->missed |= in->seq_no % 2 == 1;
        return 0;
    }
    int verdict = window_add(&s->window, in->msg_id);
    if (verdict < 0 || verdict == WINDOW_OLD)
        return verdict < 0 ? verdict : 0;
    int err = 0;
    if (verdict == WINDOW_NEW) {
        err = session_dispatch(s, in);
        if (err == TGC_EPROTO) {
            log_debug("mt", "A message of the server cannot be read: %08x, %zu bytes",
                      (unsigned)(in->len >= 4 ? le32_load(in->body) : 0), in->len);
            err = 0;
        }
        /* Memory is gone: sent again, it is no duplicate. */
        if (err)
            window_drop(&s->window, in->msg_id);
    }
    /* A message that began another session has nobody to be acknowledged to. */
    if (!err && in->seq_no % 2 == 1 && session_id == s->session_id)
        err = acks_add(&s->acks, in->msg_id, session_now_us(s));
    return err;
}

static bool is_container(const struct mt_message *m)
{
    return m->len >= 4 && le32_load(m->body) == MT_MSG_CONTAINER;
}

/* The whole container before any of its messages is heard. */
static int check_container(const struct mt_message *m)
{
    struct mt_message inner;
    struct tl_reader r;
    uint32_t count;

    if (mt_container_open(m->body, m->len, &r, &count))
        return TGC_EPROTO;
    while (count-- > 0) {
        if (mt_container_next(&r, &inner) || is_container(&inner))
            return TGC_EPROTO;
        if (inner.msg_id % 2 == 0 || inner.msg_id >= m->msg_id)
            return TGC_EPROTO;
    }
    return 0;
}

static int take_container(struct mt_session *s, const struct mt_message *m, bool repair_only)
{
    uint64_t session_id = s->session_id;
    struct mt_message inner;
    struct tl_reader r;
    uint32_t count;
    int first_err = 0;

    /* A duplicate container still has its messages acknowledged anew: each is looked at by itself. */
    int err = repair_only ? 0 : window_add(&s->window, m->msg_id);
    if (err < 0 || err == WINDOW_OLD)
        return err < 0 ? err : 0;
    if (mt_container_open(m->body, m->len, &r, &count))
        return TGC_EPROTO;
    /* One that began another session leaves the rest without a meaning. */
    while (count-- > 0 && session_id == s->session_id) {
        if (mt_container_next(&r, &inner))
            return TGC_EPROTO;
        struct incoming in = {.msg_id = inner.msg_id,
                              .seq_no = inner.seq_no,
                              .body = inner.body,
                              .len = inner.len,
                              .repair_only = repair_only};
        err = session_take(s, &in);
        first_err = first_err ? first_err : err;
    }
    return first_err;
}

static int refuse(struct mt_session *s, struct fault *fault, int err, const char *text)
{
    if (++s->faults >= FAULTS_MAX)
        session_restart(s, "too many refused packets in a row");
    return fault_set(fault, err, "%s", text);
}

static int open_packet(struct mt_session *s, uint8_t *packet, size_t len, struct mt_message *m, struct fault *fault)
{
    if (session_is_of_key_before(s, packet, len))
        return TGC_ESTATE;
    int err = mt_packed_open(s->config.key, KDF_TO_CLIENT, packet, len, m);

    if (err == TGC_ECRYPTO)
        return refuse(s, fault, err, "The packet is not encrypted with our key");
    if (err == TGC_EPROTO)
        return refuse(s, fault, err, "The packet's length or padding is wrong");
    if (err)
        return err;
    if (m->session_id != s->session_id) {
        if (session_was_ours(s, m->session_id))
            return TGC_ESTATE;
        return refuse(s, fault, TGC_EPROTO, "The packet is for another session");
    }
    if (m->msg_id % 2 == 0)
        return refuse(s, fault, TGC_EPROTO, "The server's message has a client's id");
    if (is_container(m) && check_container(m))
        return refuse(s, fault, TGC_EPROTO, "The container is malformed");
    return 0;
}

static int feed(struct mt_session *s, uint8_t *packet, size_t len, struct fault *fault)
{
    struct mt_message m;
    int err = open_packet(s, packet, len, &m, fault);
    if (err)
        return err == TGC_ESTATE ? 0 : err; /* of a session or key of ours that is over */
    s->faults = 0;
    s->ping_sent_us = 0; /* whatever arrives is proof of life, not only the pong */
    /* Too old and seen before it is decided on the time: a replayed packet must not move it. */
    bool replayed = window_has(&s->window, m.msg_id) || window_is_below(&s->window, m.msg_id);
    bool repair_only = false;
    if (!replayed && !session_time_fits(s, m.msg_id)) {
        repair_only = !session_is_answered_by(s, &m);
        if (repair_only)
            session_time_stray(s);
        else
            session_time_prove(s, m.msg_id);
    }
    if (is_container(&m)) {
        err = take_container(s, &m, repair_only);
    } else {
        struct incoming in = {
            .msg_id = m.msg_id, .seq_no = m.seq_no, .body = m.body, .len = m.len, .repair_only = repair_only};
        err = session_take(s, &in);
    }
    if (s->missed && !repair_only) {
        s->missed = false;
        s->config.handlers->on_new_session(s->config.ctx);
    }
    if (s->strays >= STRAYS_MAX) {
        s->time_trusted = false;
        session_restart(s, "the server's time is far from ours");
    }
    if (!err && s->too_many_restarts) {
        s->too_many_restarts = false;
        s->restarts_n = 0;
        return fault_set(fault, TGC_EPROTO, "Too many new sessions in a short time");
    }
    return err;
}

int mt_session_feed(struct mt_session *s, uint8_t *packet, size_t len, struct fault *fault)
{
    fault_clear(fault);
    int err = feed(s, packet, len, fault);
    /* Only now: no list is walked and no message is being heard. */
    mt_requests_tell_given_up(s);
    return err;
}
