/* The session's public face and its timers. */
#include "daemon/mt/session.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/gzip.h"
#include "daemon/base/le.h"
#include "daemon/mt/session_internal.h"

/* Prefix, one query of the largest size, container and packing around them. */
enum { PREFIX_MAX = 4096, SCRATCH_MAX = LIMIT_QUERY + PREFIX_MAX + 4096 };

int mt_session_new(const struct mt_session_config *config, struct mt_session **ret)
{
    struct mt_session *s = calloc(1, sizeof(*s));

    if (!s)
        return TGC_ENOMEM;
    s->config = *config;
    s->answer_wait_us = (config->answer_wait_s ? config->answer_wait_s : ANSWER_WAIT_S) * SECOND_US;
    s->ping_interval_us = (config->ping_interval_s ? config->ping_interval_s : PING_INTERVAL_S) * SECOND_US;
    s->offset_us = config->time_offset_us;
    s->time_trusted = config->time_is_trusted;
    salts_set(&s->salts, config->salt, 0);
    do {
        s->session_id = random_u64(config->random);
    } while (s->session_id == 0);
    s->init_round = 1;
    s->check_us = INT64_MAX;
    s->ping_next_us = INT64_MAX;
    acks_init(&s->acks);
    buf_init(&s->prefix, PREFIX_MAX);
    buf_init_secret(&s->scratch, SCRATCH_MAX);
    s->key_id = le64_load(config->key->id);
    int err = session_bind_begin(s);
    if (err)
        mt_session_free(s);
    else
        *ret = s;
    return err;
}

static void end_all(struct mt_session *s, struct request_list *l)
{
    while (l->first)
        mt_request_become(s, l->first, MT_REQUEST_DONE);
}

void mt_session_free(struct mt_session *s)
{
    if (!s)
        return;
    end_all(s, &s->flight);
    end_all(s, &s->queue);
    end_all(s, &s->given_up);
    outbox_clear(s);
    id_map_fini(&s->by_request);
    window_fini(&s->window);
    acks_fini(&s->acks);
    buf_fini(&s->prefix);
    buf_fini(&s->scratch);
    explicit_bzero(s, sizeof(*s));
    free(s);
}

int mt_session_set_prefix(struct mt_session *s, const void *prefix, size_t len)
{
    if (len % 4 != 0)
        return TGC_EINVAL;
    buf_reset(&s->prefix);
    return buf_put(&s->prefix, prefix, len);
}

void mt_session_init_again(struct mt_session *s)
{
    s->inited = false;
    s->init_round++;
}

/* QUERY as gzip_packed into *RET where that is smaller, else a copy. Not behind the prefix: invokeWithLayer tells the
 * server how to read what follows, and not every server unpacks there. */
static int pack(const struct mt_session *s, const void *query, size_t len, uint8_t **ret, size_t *ret_len)
{
    struct buf gzip, body;
    int err = 0;

    buf_init_secret(&gzip, 2 * len + 1024); /* the packer wants room for its worst case */
    buf_init_secret(&body, len);
    if (len > GZIP_FROM && (s->inited || !s->prefix.len))
        err = gzip_pack(query, len, &gzip);
    if (gzip.len) {
        tl_write_u32(&body, MT_GZIP_PACKED);
        tl_write_bytes(&body, gzip.data, gzip.len);
    }
    if (err == TGC_ELIMIT || !gzip.len || buf_err(&body) || body.len >= len) {
        buf_reset(&body);
        err = buf_put(&body, query, len);
    }
    buf_fini(&gzip);
    if (!err)
        *ret = buf_take(&body, ret_len);
    buf_fini(&body);
    return err;
}

int mt_session_send(struct mt_session *s, const void *query, size_t len, uint64_t *ret_request)
{
    if (len < 4 || len % 4 != 0)
        return TGC_EINVAL;
    if (len > LIMIT_QUERY || s->requests_n >= LIMIT_SESSION_REQUESTS)
        return TGC_ELIMIT;
    int err = id_map_reserve(&s->by_request, 1);
    if (err)
        return err;
    struct mt_request *r = calloc(1, sizeof(*r));
    if (!r)
        return TGC_ENOMEM;
    err = pack(s, query, len, &r->body, &r->len);
    if (err) {
        free(r);
        return err;
    }
    r->method = le32_load(query);
    r->id = ++s->last_request;
    id_map_put(&s->by_request, r->id, r);
    mt_request_begin(s, r);
    *ret_request = r->id;
    return 0;
}

void mt_session_forget(struct mt_session *s, uint64_t request)
{
    struct mt_request *r = id_map_find(&s->by_request, request);

    if (r)
        mt_request_become(s, r, MT_REQUEST_DONE);
}

void mt_session_once(struct mt_session *s, uint64_t request)
{
    struct mt_request *r = id_map_find(&s->by_request, request);

    if (r && r->again == MT_AGAIN_ALWAYS)
        r->again = MT_AGAIN_UNLESS_RUN;
}

int mt_session_expire(struct mt_session *s, uint64_t request)
{
    struct mt_request *r = id_map_find(&s->by_request, request);

    return r ? mt_request_expire(s, r) : TGC_ETIMEOUT;
}

void mt_session_repeat(struct mt_session *s, uint64_t request)
{
    struct mt_request *r = id_map_find(&s->by_request, request);

    if (r && r->again == MT_AGAIN_ALWAYS)
        mt_request_become(s, r, MT_REQUEST_QUEUED);
}

bool mt_session_may_have_run(const struct mt_session *s, uint64_t request)
{
    const struct mt_request *r = id_map_find(&s->by_request, request);

    return r && r->may_run_n > 0;
}

void mt_session_denied(struct mt_session *s)
{
    for (struct mt_request *r = s->flight.first; r; r = r->next)
        for (struct sent *e = r->sent; e; e = e->next)
            if (e->msg_id > s->taken_msg_id)
                mt_request_not_taken(e);
}

void mt_session_connected(struct mt_session *s)
{
    int64_t now_us = session_now_us(s);

    s->connected = true;
    s->ping_sent_us = 0;
    /* A server learns of a session's new connection only when it hears something on it. */
    s->ping_next_us = s->was_connected ? now_us : now_us + s->ping_interval_us;
    s->was_connected = true;
    for (struct mt_request *r = s->flight.first; r; r = r->next)
        mt_request_doubt(s, r, now_us);
}

void mt_session_heard(struct mt_session *s)
{
    s->heard_us = session_now_us(s);
}

void mt_session_settle(struct mt_session *s)
{
    if (s->acks.n)
        s->acks.due_us = session_now_us(s);
}

void mt_session_disconnected(struct mt_session *s)
{
    struct sent_list keep = {0};
    struct sent *e;

    s->connected = false;
    s->ping_sent_us = 0;
    s->taken_msg_id = s->ids.last; /* the next link's denial is none of what this one carried */
    session_salt_trust(s);
    for (struct mt_request *r = s->flight.first; r; r = r->next)
        mt_request_become(s, r, MT_REQUEST_UNKNOWN);
    /* Questions are asked anew on the next connection; acknowledgements are still owed. */
    while ((e = sent_list_take(&s->to_send))) {
        if (e->kind == SENT_ACKS)
            sent_list_add(&keep, e);
        else
            sent_free(e);
    }
    s->to_send = keep;
}

static int64_t lower(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t mt_session_deadline(const struct mt_session *s)
{
    if (!s->connected)
        return INT64_MAX;
    if (s->probe_id) /* nothing is sent before */
        return lower(s->probe_until_us, s->check_us);
    int64_t at = lower(lower(s->acks.due_us, s->check_us), ping_deadline_us(s));
    if (s->inited && salts_left(&s->salts, session_server_us(s) / SECOND_US) < SALTS_FEW)
        at = lower(at, s->salts_next_us);
    return at;
}

static void doubt_overdue(struct mt_session *s, int64_t now_us)
{
    s->check_us = INT64_MAX;
    for (struct mt_request *r = s->flight.first; r; r = r->next) {
        if (now_us >= r->check_us) {
            mt_request_doubt(s, r, now_us);
            /* Whether anybody is there at all shows sooner than with the next ping that is due. */
            if (!s->ping_sent_us)
                s->ping_next_us = now_us;
        }
        s->check_us = lower(s->check_us, r->check_us);
    }
}

int mt_session_tick(struct mt_session *s)
{
    int64_t now_us = session_now_us(s);

    if (!s->connected)
        return 0;
    if (ping_is_dead(s, now_us)) {
        mt_session_disconnected(s);
        return TGC_ETIMEOUT;
    }
    if (now_us >= s->check_us)
        doubt_overdue(s, now_us);
    return 0;
}

uint64_t mt_session_salt(const struct mt_session *s)
{
    return s->salts.now;
}

bool mt_session_server_us(const struct mt_session *s, int64_t *ret_us)
{
    if (!s->time_trusted)
        return false;
    *ret_us = session_server_us(s);
    return true;
}

int64_t mt_session_time_offset_us(const struct mt_session *s)
{
    return s->offset_us;
}

uint64_t mt_session_id(const struct mt_session *s)
{
    return s->session_id;
}

size_t mt_session_pending(const struct mt_session *s)
{
    return s->requests_n;
}

bool mt_session_in_doubt(const struct mt_session *s)
{
    for (const struct mt_request *r = s->flight.first; r; r = r->next) {
        if (r->state == MT_REQUEST_UNKNOWN || r->state == MT_REQUEST_ASKED)
            return true;
    }
    return false;
}
