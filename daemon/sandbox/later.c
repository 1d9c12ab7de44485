#include "daemon/sandbox/later.h"

#include <stdlib.h>

struct later {
    uv_timer_t timer; /* first: the handle is the allocation */
    struct sandbox *s;
    int dc;
    uint64_t key_id, session_id, request;
    uint8_t *body;
    size_t len;
};

static void on_closed(uv_handle_t *h)
{
    struct later *l = h->data;

    free(l->body);
    free(l);
}

static void on_timer(uv_timer_t *t)
{
    struct later *l = t->data;
    struct auth *a = keys_find(&l->s->keys, l->dc, l->key_id);
    struct session *ss = a ? session_find(a, l->session_id) : NULL;

    if (ss) {
        session_send_late(ss, l->body, l->len, l->request);
        session_flush(ss);
    }
    uv_close((uv_handle_t *)t, on_closed);
}

void later_send(struct session *ss, struct buf *body, uint64_t request, uint64_t ms)
{
    struct later *l = calloc(1, sizeof(*l));

    if (!l)
        return;
    *l = (struct later){
        .s = ss->s, .dc = ss->auth->dc, .key_id = ss->auth->id, .session_id = ss->id, .request = request};
    l->body = buf_take(body, &l->len);
    uv_timer_init(&ss->s->loop, &l->timer);
    l->timer.data = l;
    uv_timer_start(&l->timer, on_timer, ms, 0);
}
