#include "daemon/mt/request.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/mt/bind.h"
#include "daemon/mt/session_internal.h"

#define TO(state) (1u << MT_REQUEST_##state)

/* What may follow on what. */
static const unsigned next_of[] = {
    [MT_REQUEST_QUEUED] = TO(SENT) | TO(GIVEN_UP) | TO(DONE),
    [MT_REQUEST_SENT] = TO(QUEUED) | TO(ACKED) | TO(UNKNOWN) | TO(GIVEN_UP) | TO(DONE),
    [MT_REQUEST_ACKED] = TO(QUEUED) | TO(ACKED) | TO(UNKNOWN) | TO(GIVEN_UP) | TO(DONE),
    [MT_REQUEST_UNKNOWN] = TO(QUEUED) | TO(ACKED) | TO(UNKNOWN) | TO(ASKED) | TO(GIVEN_UP) | TO(DONE),
    [MT_REQUEST_ASKED] = TO(QUEUED) | TO(ACKED) | TO(UNKNOWN) | TO(GIVEN_UP) | TO(DONE),
    [MT_REQUEST_GIVEN_UP] = TO(DONE),
    [MT_REQUEST_DONE] = 0,
};

static void list_add(struct request_list *l, struct mt_request *r)
{
    r->next = NULL;
    r->prev = l->last;
    if (l->last)
        l->last->next = r;
    else
        l->first = r;
    l->last = r;
}

static void list_remove(struct request_list *l, struct mt_request *r)
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

void mt_request_begin(struct mt_session *s, struct mt_request *r)
{
    r->state = MT_REQUEST_QUEUED;
    list_add(&s->queue, r);
    s->requests_n++;
}

static struct request_list *list_of(struct mt_session *s, enum mt_request_state state)
{
    return state == MT_REQUEST_QUEUED ? &s->queue : state == MT_REQUEST_GIVEN_UP ? &s->given_up : &s->flight;
}

void mt_request_drop_ids(struct mt_session *s, struct mt_request *r)
{
    while (r->sent) {
        struct sent *e = r->sent;
        r->sent = e->next;
        id_map_drop(&s->by_msg_id, e->msg_id);
        sent_free(e);
    }
    r->sent_n = 0;
}

/* It may have a code in it. */
static void free_body(struct mt_request *r)
{
    if (r->body)
        explicit_bzero(r->body, r->len);
    free(r->body);
}

static void end(struct mt_session *s, struct mt_request *r)
{
    mt_request_drop_ids(s, r);
    id_map_drop(&s->by_request, r->id);
    s->requests_n--;
    free_body(r);
    free(r);
}

bool mt_request_become(struct mt_session *s, struct mt_request *r, enum mt_request_state to)
{
    if (!(next_of[r->state] & 1u << to))
        return false;
    struct request_list *from_list = list_of(s, r->state), *to_list = list_of(s, to);
    r->state = to;
    if (to == MT_REQUEST_DONE) {
        list_remove(from_list, r);
        end(s, r);
    } else if (from_list != to_list) {
        list_remove(from_list, r);
        list_add(to_list, r);
    }
    return true;
}

bool mt_request_in_flight(const struct mt_request *r)
{
    return r->state >= MT_REQUEST_SENT && r->state <= MT_REQUEST_ASKED;
}

bool mt_request_is_bare(const struct mt_request *r)
{
    return r->method == MT_BIND_TEMP_AUTH_KEY || r->method == MT_DESTROY_SESSION || r->method == MT_DESTROY_AUTH_KEY;
}

bool mt_request_may_go_again(const struct mt_request *r)
{
    return r->again == MT_AGAIN_ALWAYS || (r->again == MT_AGAIN_UNLESS_RUN && !r->may_run_n);
}

void mt_request_again(struct mt_session *s, struct mt_request *r)
{
    if (mt_request_may_go_again(r))
        mt_request_become(s, r, MT_REQUEST_QUEUED);
    else
        mt_request_give_up(s, r, TGC_ETIMEOUT);
}

void mt_request_give_up(struct mt_session *s, struct mt_request *r, int err)
{
    if (mt_request_become(s, r, MT_REQUEST_GIVEN_UP))
        r->give_up_err = err;
}

int mt_request_expire(struct mt_session *s, struct mt_request *r)
{
    int err = r->may_run_n ? TGC_ELOST : TGC_ETIMEOUT;

    if (mt_request_in_flight(r)) {
        r->again = MT_AGAIN_NEVER;
        free_body(r);
        r->body = NULL;
        return 0;
    }
    mt_request_become(s, r, MT_REQUEST_DONE);
    return err;
}

/* The oldest id goes when there are too many: an answer to it would come late and be dropped. */
static void forget_oldest_id(struct mt_session *s, struct mt_request *r)
{
    struct sent **at = &r->sent;

    while ((*at)->next)
        at = &(*at)->next;
    id_map_drop(&s->by_msg_id, (*at)->msg_id);
    sent_free(*at);
    *at = NULL;
    r->sent_n--;
}

void mt_request_sent(struct mt_session *s, struct mt_request *r, struct sent *e, int64_t now_us)
{
    e->request = r;
    e->next = r->sent;
    r->sent = e;
    r->sent_n++;
    id_map_put(&s->by_msg_id, e->msg_id, e);
    if (r->sent_n > REQUEST_IDS)
        forget_oldest_id(s, r);
    r->may_run_n++;
    mt_request_become(s, r, MT_REQUEST_SENT);
    mt_request_check_at(s, r, now_us + s->answer_wait_us);
}

void mt_request_not_taken(struct sent *e)
{
    if (e->not_taken)
        return;
    e->not_taken = true;
    e->request->may_run_n--;
}

void mt_request_doubt(struct mt_session *s, struct mt_request *r, int64_t now_us)
{
    if (!mt_request_become(s, r, MT_REQUEST_UNKNOWN))
        return;
    s->ask_state = true;
    mt_request_check_at(s, r, now_us + STATE_WAIT_S * SECOND_US);
}

void mt_request_check_at(struct mt_session *s, struct mt_request *r, int64_t at_us)
{
    r->check_us = at_us;
    if (at_us < s->check_us)
        s->check_us = at_us;
}

void mt_requests_tell_given_up(struct mt_session *s)
{
    struct mt_request *r;

    while ((r = s->given_up.first)) {
        uint64_t id = r->id;
        int err = r->may_run_n ? TGC_ELOST : r->give_up_err;
        mt_request_become(s, r, MT_REQUEST_DONE);
        session_tell_failed(s, id, err);
    }
}
