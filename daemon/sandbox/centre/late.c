#include "daemon/sandbox/centre/late.h"

#include <stdlib.h>

struct late {
    struct late *next;
    int64_t due_us;
    int dc;
    uint64_t key_id, session_id, request;
    uint8_t *body;
    size_t len;
};

void late_send(struct session *ss, struct buf *body, uint64_t request, uint64_t ms)
{
    struct late *l = calloc(1, sizeof(*l)), **at = &ss->s->late;

    if (!l)
        return;
    *l = (struct late){.due_us = clock_mono_us(ss->s->world.clock) + (int64_t)ms * 1000,
                       .dc = ss->auth->dc,
                       .key_id = ss->auth->id,
                       .session_id = ss->id,
                       .request = request};
    l->body = buf_take(body, &l->len);
    while (*at && (*at)->due_us <= l->due_us)
        at = &(*at)->next;
    l->next = *at;
    *at = l;
}

int64_t late_deadline_us(const struct centres *s)
{
    return s->late ? s->late->due_us : INT64_MAX;
}

static struct late *take_first(struct centres *s)
{
    struct late *l = s->late;

    s->late = l->next;
    return l;
}

static void late_free(struct late *l)
{
    free(l->body);
    free(l);
}

void late_tick(struct centres *s, int64_t now_us)
{
    while (s->late && s->late->due_us <= now_us) {
        struct late *l = take_first(s);
        struct auth *a = keys_find(&s->keys, l->dc, l->key_id);
        struct session *ss = a ? session_find(a, l->session_id) : NULL;
        if (ss) {
            session_send_late(ss, l->body, l->len, l->request);
            session_flush(ss);
        }
        late_free(l);
    }
}

void late_fini(struct centres *s)
{
    while (s->late)
        late_free(take_first(s));
}
