/* What was sent, by its ids: to know what a later word of the server is about, and to send it again. */
#include <string.h>

#include "daemon/mt/session_internal.h"

int outbox_push(struct mt_session *s, enum sent_kind kind, struct buf *body)
{
    int err = buf_err(body);
    struct sent *e = err ? NULL : sent_new(kind, body->data, body->len);

    if (!e)
        return err ? err : TGC_ENOMEM;
    if (s->to_send.n == SERVICES_MAX)
        sent_free(sent_list_take(&s->to_send));
    sent_list_add(&s->to_send, e);
    return 0;
}

void outbox_service_sent(struct mt_session *s, struct sent *e)
{
    id_map_put(&s->by_msg_id, e->msg_id, e);
    sent_list_add(&s->services, e);
    if (s->services.n > SERVICES_MAX)
        outbox_service_drop(s, s->services.first);
}

void outbox_service_drop(struct mt_session *s, struct sent *e)
{
    id_map_drop(&s->by_msg_id, e->msg_id);
    sent_list_remove(&s->services, e);
    sent_free(e);
}

void outbox_remember_id(struct mt_session *s, uint64_t msg_id)
{
    s->recent[s->recent_n++ % RECENT_IDS] = msg_id;
}

bool outbox_is_own(const struct mt_session *s, uint64_t id)
{
    if (!id || id_map_find(&s->by_msg_id, id))
        return id != 0;
    for (size_t i = 0; i < RECENT_IDS; i++) {
        if (s->recent[i] == id)
            return true;
    }
    for (const struct mt_request *r = s->flight.first; r; r = r->next) {
        if (r->sent->outer_id == id)
            return true;
    }
    return false;
}

struct sent *outbox_current(const struct mt_session *s, uint64_t id)
{
    struct sent *e = id_map_find(&s->by_msg_id, id);

    if (!e || e->kind != SENT_QUERY || !mt_request_in_flight(e->request) || e->request->sent != e)
        return NULL;
    return e;
}

void outbox_each(struct mt_session *s, uint64_t id, void (*fn)(struct mt_session *s, struct sent *e, void *ctx),
                 void *ctx)
{
    struct sent *e = id_map_find(&s->by_msg_id, id);

    if (e) {
        if (e->kind != SENT_QUERY || outbox_current(s, id))
            fn(s, e, ctx);
        return;
    }
    for (struct sent *next, *at = s->services.first; at; at = next) {
        next = at->next;
        if (at->outer_id == id)
            fn(s, at, ctx);
    }
    for (struct mt_request *next, *r = s->flight.first; r; r = next) {
        next = r->next;
        if (r->sent->outer_id == id)
            fn(s, r->sent, ctx);
    }
}

void outbox_resend(struct mt_session *s, struct sent *e)
{
    if (e->kind == SENT_QUERY) {
        mt_request_again(s, e->request);
        return;
    }
    id_map_drop(&s->by_msg_id, e->msg_id);
    sent_list_remove(&s->services, e);
    if (s->to_send.n == SERVICES_MAX)
        sent_free(e);
    else
        sent_list_add(&s->to_send, e);
}

void outbox_clear(struct mt_session *s)
{
    struct request_list *lists[] = {&s->queue, &s->flight, &s->given_up};

    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        for (struct mt_request *r = lists[i]->first; r; r = r->next)
            mt_request_drop_ids(s, r);
    }
    sent_list_clear(&s->to_send);
    sent_list_clear(&s->services);
    id_map_fini(&s->by_msg_id);
    memset(s->recent, 0, sizeof(s->recent));
    s->recent_n = 0;
}
