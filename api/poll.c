#include "api/poll.h"

#include <stdlib.h>

#include "api/api_internal.h"
#include "api/auth.h"
#include "api/event_page.h"
#include "api/follow.h"
#include "api/front.h"
#include "api/reply.h"
#include "api/request.h"
#include "api/wait.h"

struct poll {
    struct poll *prev, *next; /* of those that wait */
    struct request *r;
    struct event_filter filter;
    uint64_t after;
    int64_t until_us;
};

int poll_begin(struct request *r, struct event_filter *filter, uint64_t after, int64_t wait_us)
{
    struct front *f = r->door->front;
    struct poll *p = calloc(1, sizeof(*p));

    if (!p)
        return reply_problem(r, NULL);
    *p = (struct poll){.next = f->polls, .r = r, .filter = *filter, .after = after};
    *filter = (struct event_filter){0};
    p->until_us = clock_mono_us(f->api->config.clock) + wait_us;
    if (p->next)
        p->next->prev = p;
    f->polls = p;
    r->poll = p;
    if (p->until_us < f->polls_us)
        f->polls_us = p->until_us;
    atomic_fetch_add(&f->followers, 1);
    /* What came since the look, when nobody was to be woken. */
    atomic_store(&f->has_news, true);
    wait_suspend(r);
    return 0;
}

static void leave(struct front *f, struct poll *p)
{
    if (p->next)
        p->next->prev = p->prev;
    if (p->prev)
        p->prev->next = p->next;
    else
        f->polls = p->next;
    atomic_fetch_sub(&f->followers, 1);
}

/* Passes over what is not for it. */
static bool has_something(const struct front *f, struct poll *p)
{
    const struct api_config *c = &f->api->config;
    struct event *event;
    bool found = false;

    while (!found && follow_next(c->events, c->clock, p->after, &event) == EVENTS_NEXT) {
        found = event_filter_passes(&p->filter, &event->text);
        if (!found)
            p->after = event->id;
        event_drop(event);
    }
    return found;
}

int64_t polls_turn(struct front *f, int64_t now, bool has_news)
{
    bool is_stopping = atomic_load(&f->api->stopping);

    if (!is_stopping && !has_news && now < f->polls_us)
        return f->polls_us;
    f->polls_us = INT64_MAX;
    for (struct poll *p = f->polls, *next; p; p = next) {
        next = p->next;
        if (is_stopping || p->until_us <= now || (has_news && has_something(f, p))) {
            leave(f, p);
            front_resume(p->r);
        } else if (p->until_us < f->polls_us) {
            f->polls_us = p->until_us;
        }
    }
    return f->polls_us;
}

/* Who asked a minute ago may be nobody's friend by now. */
static bool may_read(struct request *r)
{
    return auth_is_by_uid(r) || tokens_holds(r->api->config.tokens, &r->conn->token);
}

int poll_finish(struct request *r)
{
    const struct api_config *c = &r->api->config;
    struct event_page page;

    if (!may_read(r))
        return reply_problem(r, problem_new(PROBLEM_UNAUTHORIZED, 0, "The token is not known any more"));
    event_page_begin(&page, r->poll->after);
    event_page_fill(&page, c->events, c->clock, &r->poll->filter);
    event_page_end(&page);
    int err = reply_json(r, 200, &page.text, "");
    buf_fini(&page.text);
    return err;
}

void poll_free(struct poll *p)
{
    if (!p)
        return;
    event_filter_fini(&p->filter);
    free(p);
}
