/* Which key the session speaks under: a temporary one is bound before anything else is asked ("Perfect Forward
 * Secrecy"), and the session goes from one key to the next with all that it carries. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/mt/bind.h"
#include "daemon/mt/session_internal.h"

int session_bind_begin(struct mt_session *s)
{
    if (!s->config.binding.permanent)
        return 0;
    int err = id_map_reserve(&s->by_request, 1);
    struct mt_request *r = err ? NULL : calloc(1, sizeof(*r));
    if (!r)
        return TGC_ENOMEM;
    r->method = MT_BIND_TEMP_AUTH_KEY;
    r->len = MT_BIND_QUERY_SIZE;
    r->id = s->bind_request = ++s->last_request;
    id_map_put(&s->by_request, r->id, r);
    mt_request_begin(s, r);
    s->is_unbound = true;
    return 0;
}

int session_bind_write(const struct mt_session *s, uint64_t msg_id, struct buf *out)
{
    const struct mt_bind bind = {.permanent = s->config.binding.permanent,
                                 .temporary = s->config.key,
                                 .nonce = random_u64(s->config.random),
                                 .session_id = s->session_id,
                                 .msg_id = msg_id,
                                 .expires_at = s->config.binding.expires_at};

    return mt_bind_write(&bind, s->config.random, out);
}

static bool is_bind(const struct mt_session *s, uint64_t request)
{
    return s->is_unbound && request == s->bind_request;
}

static void tell(struct mt_session *s, int err, const struct mt_rpc_error *refusal)
{
    s->bind_request = 0;
    s->is_unbound = err != 0;
    s->config.binding.on_bound(s->config.ctx, err, refusal);
}

void session_tell_result(struct mt_session *s, uint64_t request, const uint8_t *data, size_t len)
{
    if (is_bind(s, request))
        tell(s, len == 4 && le32_load(data) == TL_ID_BOOL_TRUE ? 0 : TGC_EPROTO, NULL);
    else
        s->config.handlers->on_result(s->config.ctx, request, data, len);
}

void session_tell_error(struct mt_session *s, uint64_t request, const struct mt_rpc_error *error)
{
    if (is_bind(s, request))
        tell(s, TGC_EREFUSED, error);
    else
        s->config.handlers->on_error(s->config.ctx, request, error);
}

void session_tell_failed(struct mt_session *s, uint64_t request, int err)
{
    if (is_bind(s, request))
        tell(s, err, NULL);
    else
        s->config.handlers->on_failed(s->config.ctx, request, err);
}

bool session_may_send(const struct mt_session *s, const struct mt_request *r)
{
    if (s->is_unbound)
        return r->id == s->bind_request;
    return !s->is_held;
}

bool session_is_of_key_before(const struct mt_session *s, const void *packet, size_t len)
{
    uint64_t id = mt_packed_key_id(packet, len);

    return id && id == s->key_id_before;
}

static void drop_binding(struct mt_session *s)
{
    struct mt_request *r = id_map_find(&s->by_request, s->bind_request);

    if (s->bind_request && r)
        mt_request_become(s, r, MT_REQUEST_DONE);
    s->bind_request = 0;
    s->is_unbound = false;
}

int mt_session_rekey(struct mt_session *s, const struct mt_session_config *with)
{
    uint64_t before = s->key_id;

    drop_binding(s);
    s->config.binding = with->binding;
    int err = session_bind_begin(s);
    if (err)
        return err;
    s->config.key = with->key;
    s->key_id = le64_load(with->key->id);
    s->key_id_before = before;
    s->salts = (struct salts){0};
    salts_set(&s->salts, with->salt, 0);
    s->salts_next_us = 0;
    s->is_held = false;
    if (with->time_is_trusted) {
        s->offset_us = with->time_offset_us;
        s->time_trusted = true;
    }
    session_begin_anew(s);
    s->was_connected = s->connected; /* the binding goes out alone, without the ping of a new connection */
    s->ping_next_us = session_now_us(s) + s->ping_interval_us;
    s->taken_msg_id = 0;
    mt_requests_tell_given_up(s);
    return 0;
}

bool mt_session_is_bound(const struct mt_session *s)
{
    return !s->is_unbound;
}

bool mt_session_is_quiet(const struct mt_session *s)
{
    return !s->flight.first;
}

void mt_session_hold(struct mt_session *s, bool hold)
{
    s->is_held = hold;
}
