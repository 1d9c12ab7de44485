/* Queries of the owner on their way: waiting in the queue, or in flight. */
#include <stdlib.h>

#include "daemon/mt/session_internal.h"

void request_list_add(struct request_list *l, struct request *r)
{
    r->next = NULL;
    r->prev = l->last;
    if (l->last)
        l->last->next = r;
    else
        l->first = r;
    l->last = r;
}

void request_list_remove(struct request_list *l, struct request *r)
{
    if (r->prev)
        r->prev->next = r->next;
    else
        l->first = r->next;
    if (r->next)
        r->next->prev = r->prev;
    else
        l->last = r->prev;
    r->prev = r->next = NULL;
}

static void move(struct mt_session *s, struct request *r, bool to_flight)
{
    request_list_remove(r->in_flight ? &s->flight : &s->queue, r);
    r->in_flight = to_flight;
    request_list_add(to_flight ? &s->flight : &s->queue, r);
}

void request_doom(struct mt_session *s, struct request *r, int err)
{
    r->doom = err;
    s->any_doomed = true;
}

void request_requeue(struct mt_session *s, struct request *r)
{
    r->ask = r->refused = false;
    if (!r->in_flight)
        return;
    move(s, r, false);
    if (r->expired || (r->once && r->may_have_run))
        request_doom(s, r, r->may_have_run ? TGC_ELOST : TGC_ETIMEOUT);
}

void request_requeue_unsure(struct mt_session *s, struct request *r)
{
    r->may_have_run |= r->in_flight && !r->refused;
    request_requeue(s, r);
}

void request_check_at(struct mt_session *s, struct request *r, int64_t at_us)
{
    r->check_us = at_us;
    if (at_us < s->check_us)
        s->check_us = at_us;
}

/* The oldest id goes when there are too many: an answer to it would come late and be dropped. */
static void forget_oldest_id(struct mt_session *s, struct request *r)
{
    struct sent **at = &r->sent;

    while ((*at)->next)
        at = &(*at)->next;
    id_map_drop(&s->by_msg_id, (*at)->msg_id);
    sent_free(*at);
    *at = NULL;
    r->sent_n--;
}

void request_sent(struct mt_session *s, struct request *r, struct sent *e, int64_t now_us)
{
    e->request = r;
    e->next = r->sent;
    r->sent = e;
    r->sent_n++;
    id_map_put(&s->by_msg_id, e->msg_id, e);
    if (r->sent_n > REQUEST_IDS)
        forget_oldest_id(s, r);
    move(s, r, true);
    request_check_at(s, r, now_us + s->answer_wait_us);
}

void request_drop_ids(struct mt_session *s, struct request *r)
{
    while (r->sent) {
        struct sent *e = r->sent;
        r->sent = e->next;
        id_map_drop(&s->by_msg_id, e->msg_id);
        sent_free(e);
    }
    r->sent_n = 0;
}

void request_detach(struct mt_session *s, struct request *r)
{
    request_drop_ids(s, r);
    request_list_remove(r->in_flight ? &s->flight : &s->queue, r);
    id_map_drop(&s->by_request, r->id);
    s->requests_n--;
}

void request_free(struct request *r)
{
    free(r->body);
    free(r);
}

/* A handler may forget any other request, so the search begins anew after each. */
static struct request *find_doomed(const struct request_list *l)
{
    struct request *r = l->first;

    while (r && !r->doom)
        r = r->next;
    return r;
}

void requests_fail_doomed(struct mt_session *s)
{
    struct request *r;

    if (!s->any_doomed)
        return;
    s->any_doomed = false;
    while ((r = find_doomed(&s->queue)) || (r = find_doomed(&s->flight))) {
        uint64_t id = r->id;
        int err = r->doom;
        request_detach(s, r);
        request_free(r);
        s->config.handlers->on_failed(s->config.ctx, id, err);
    }
}
