#include "daemon/mt/session_internal.h"

int on_new_session_created(struct mt_session *s, const struct incoming *in, struct tl_reader *r)
{
    uint64_t first_msg_id = tl_read_u64(r);
    uint64_t unique_id = tl_read_u64(r);
    uint64_t salt = tl_read_u64(r);

    if (r->err)
        return TGC_EPROTO;
    if (s->has_unique_id && unique_id == s->unique_id)
        return 0;
    s->has_unique_id = true;
    s->unique_id = unique_id;
    session_salt_set(s, salt);
    /* The server knows nothing from before: neither those queries nor, perhaps, whose layer this is. */
    s->inited = false;
    for (struct mt_request *next, *q = s->flight.first; q; q = next) {
        next = q->next;
        if (q->sent->outer_id < first_msg_id) {
            q->sent->init_round = 0;
            mt_request_again(s, q);
        }
    }
    s->config.handlers->on_new_session(s->config.ctx);
    return 0;
}
