/* What was sent, by its ids: to know what a later word of the server is about, and to send it again. */
#include <stdlib.h>
#include <string.h>

#include "daemon/mt/session_internal.h"

struct sent *sent_new(enum sent_kind kind, const void *body, size_t len)
{
    struct sent *e = calloc(1, sizeof(*e));

    if (!e)
        return NULL;
    e->kind = kind;
    if (len) {
        e->body = malloc(len);
        if (!e->body) {
            free(e);
            return NULL;
        }
        memcpy(e->body, body, len);
        e->len = len;
    }
    return e;
}

void sent_free(struct sent *e)
{
    if (!e)
        return;
    free(e->body);
    free(e);
}

void sent_list_add(struct sent_list *l, struct sent *e)
{
    e->next = NULL;
    if (l->last)
        l->last->next = e;
    else
        l->first = e;
    l->last = e;
    l->n++;
}

struct sent *sent_list_take(struct sent_list *l)
{
    struct sent *e = l->first;

    if (!e)
        return NULL;
    l->first = e->next;
    if (!l->first)
        l->last = NULL;
    l->n--;
    e->next = NULL;
    return e;
}

void sent_list_clear(struct sent_list *l)
{
    while (l->first)
        sent_free(sent_list_take(l));
}

static void sent_list_remove(struct sent_list *l, struct sent *e)
{
    struct sent **at = &l->first, *before = NULL;

    while (*at != e) {
        before = *at;
        at = &(*at)->next;
    }
    *at = e->next;
    if (l->last == e)
        l->last = before;
    l->n--;
    e->next = NULL;
}

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
    for (const struct request *r = s->flight.first; r; r = r->next) {
        if (r->sent->outer_id == id)
            return true;
    }
    return false;
}

struct sent *outbox_current(const struct mt_session *s, uint64_t id)
{
    struct sent *e = id_map_find(&s->by_msg_id, id);

    if (!e || e->kind != SENT_QUERY || !e->request->in_flight || e->request->sent != e)
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
    for (struct request *next, *r = s->flight.first; r; r = next) {
        next = r->next;
        if (r->sent->outer_id == id)
            fn(s, r->sent, ctx);
    }
}

void outbox_resend(struct mt_session *s, struct sent *e)
{
    if (e->kind == SENT_QUERY) {
        request_requeue(s, e->request);
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
    for (struct request *r = s->flight.first; r; r = r->next)
        request_drop_ids(s, r);
    for (struct request *r = s->queue.first; r; r = r->next)
        request_drop_ids(s, r);
    sent_list_clear(&s->to_send);
    sent_list_clear(&s->services);
    id_map_fini(&s->by_msg_id);
    memset(s->recent, 0, sizeof(s->recent));
    s->recent_n = 0;
}
