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
    buf_init(&s->scratch, SCRATCH_MAX);
    *ret = s;
    return 0;
}

static void free_all(struct mt_session *s, struct request_list *l)
{
    while (l->first) {
        struct request *r = l->first;
        request_detach(s, r);
        request_free(r);
    }
}

void mt_session_free(struct mt_session *s)
{
    if (!s)
        return;
    free_all(s, &s->flight);
    free_all(s, &s->queue);
    outbox_clear(s);
    id_map_fini(&s->by_request);
    window_fini(&s->window);
    acks_fini(&s->acks);
    buf_fini(&s->prefix);
    buf_fini_secret(&s->scratch);
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

    buf_init(&gzip, 2 * len + 1024); /* the packer wants room for its worst case */
    buf_init(&body, len);
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
    struct request *r = calloc(1, sizeof(*r));
    if (!r)
        return TGC_ENOMEM;
    err = pack(s, query, len, &r->body, &r->len);
    if (err) {
        free(r);
        return err;
    }
    uint32_t method = le32_load(query);
    r->bare = method == MT_DESTROY_SESSION || method == MT_DESTROY_AUTH_KEY;
    r->id = ++s->last_request;
    id_map_put(&s->by_request, r->id, r);
    request_list_add(&s->queue, r);
    s->requests_n++;
    *ret_request = r->id;
    return 0;
}

void mt_session_forget(struct mt_session *s, uint64_t request)
{
    struct request *r = id_map_find(&s->by_request, request);

    if (!r)
        return;
    request_detach(s, r);
    request_free(r);
}

void mt_session_repeat(struct mt_session *s, uint64_t request)
{
    struct request *r = id_map_find(&s->by_request, request);

    if (r && !r->once && !r->expired)
        request_requeue_unsure(s, r);
}

void mt_session_once(struct mt_session *s, uint64_t request)
{
    struct request *r = id_map_find(&s->by_request, request);

    if (r)
        r->once = true;
}

int mt_session_expire(struct mt_session *s, uint64_t request)
{
    struct request *r = id_map_find(&s->by_request, request);

    if (!r)
        return TGC_ETIMEOUT;
    r->expired = true;
    if (r->in_flight)
        return 0;
    int err = r->may_have_run ? TGC_ELOST : TGC_ETIMEOUT;
    request_detach(s, r);
    request_free(r);
    return err;
}

bool mt_session_may_have_run(const struct mt_session *s, uint64_t request)
{
    const struct request *r = id_map_find(&s->by_request, request);

    return r && (r->in_flight || r->may_have_run);
}

void mt_session_connected(struct mt_session *s)
{
    int64_t now_us = session_now_us(s);

    s->connected = true;
    s->ping_sent_us = 0;
    /* A server learns of a session's new connection only when it hears something on it. */
    s->ping_next_us = s->was_connected ? now_us : now_us + s->ping_interval_us;
    s->was_connected = true;
    for (struct request *r = s->flight.first; r; r = r->next) {
        r->ask = true;
        s->ask_state = true;
        request_check_at(s, r, now_us + STATE_WAIT_S * SECOND_US);
    }
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
    session_salt_trust(s);
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

static void mark_overdue(struct mt_session *s, int64_t now_us)
{
    s->check_us = INT64_MAX;
    for (struct request *r = s->flight.first; r; r = r->next) {
        if (now_us >= r->check_us) {
            r->ask = true;
            s->ask_state = true;
            /* Whether anybody is there at all shows sooner than with the next ping that is due. */
            if (!s->ping_sent_us)
                s->ping_next_us = now_us;
            r->check_us = now_us + STATE_WAIT_S * SECOND_US;
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
        mark_overdue(s, now_us);
    return 0;
}

uint64_t mt_session_salt(const struct mt_session *s)
{
    return s->salts.now;
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
