#include "api/poll.h"

#include <stdlib.h>
#include <string.h>

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
    uint64_t after, look; /* LOOK: where AFTER is ahead of the log (events_is_lost()) */
    int64_t until_us;
    bool has_to_know; /* whether it is lost; for nothing else it waits */
};

/* Where a log is another's, it is looked at every second; and that its database is away is no reason to wait for
 * long. */
#define KNOWN_US (5 * SECOND_US)

static struct poll *make(struct request *r, struct event_filter *filter, uint64_t after)
{
    struct poll *p = calloc(1, sizeof(*p));

    if (!p)
        return NULL;
    *p = (struct poll){.r = r, .filter = *filter, .after = after};
    *filter = (struct event_filter){0};
    r->poll = p;
    return p;
}

int poll_begin(struct request *r, struct event_filter *filter, uint64_t after, int64_t wait_us)
{
    struct front *f = r->door->front;
    struct poll *p = make(r, filter, after);

    if (!p)
        return reply_problem(r, NULL);
    p->has_to_know = wait_us == 0;
    if (wait_us < KNOWN_US && after > events_newest(f->api->config.events))
        wait_us = KNOWN_US;
    p->until_us = clock_mono_us(f->api->config.clock) + wait_us;
    p->next = f->polls;
    if (p->next)
        p->next->prev = p;
    f->polls = p;
    if (p->until_us < f->polls_us)
        f->polls_us = p->until_us;
    atomic_fetch_add(&f->followers, 1);
    /* What came since the look, when nobody was to be woken. */
    atomic_store(&f->has_news, true);
    wait_suspend(r);
    return 0;
}

static int ask_for_older(struct request *r)
{
    const struct api_config *c = &r->api->config;
    struct job *job = follow_older(r->poll->after, EVENT_PAGE_OLDER, clock_mono_us(c->clock) + c->request_timeout_us);

    return job ? wait_begin(r, job) : reply_problem(r, NULL);
}

int poll_older(struct request *r, struct event_filter *filter, uint64_t after)
{
    return make(r, filter, after) ? ask_for_older(r) : reply_problem(r, NULL);
}

int poll_read(struct request *r, struct job *job)
{
    struct event_page page;

    event_page_begin(&page, r->poll->after);
    event_page_take(&page, job, &r->poll->filter);
    event_page_end(&page);
    int err = reply_json(r, 200, &page.text, "");
    buf_fini(&page.text);
    return err;
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

static bool is_lost(const struct front *f, struct poll *p)
{
    uint64_t newest;

    return events_is_lost(f->api->config.events, p->after, &p->look, &newest);
}

/* Passes over what is not for it. */
static bool has_something(const struct front *f, struct poll *p)
{
    enum events_found found = EVENTS_NONE;
    struct event *event;
    bool passes = false;

    while (!passes && (found = events_next(f->api->config.events, p->after, &event)) == EVENTS_NEXT) {
        passes = event_filter_passes(&p->filter, &event->text);
        if (!passes)
            p->after = event->id;
        event_drop(event);
    }
    if (found == EVENTS_AHEAD)
        return is_lost(f, p);
    return passes || found == EVENTS_OLDER || p->has_to_know;
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

int poll_finish(struct request *r)
{
    const struct api_config *c = &r->api->config;
    struct event_page page;

    /* Who asked a minute ago may be nobody's friend by now. */
    if (!auth_holds(r))
        return reply_problem(r, problem_new(PROBLEM_UNAUTHORIZED, 0, "The %s is not known any more",
                                            auth_is_by_certificate(r) ? "certificate" : "token"));
    struct event *gap;
    if (follow_gap(c->events, c->clock, r->poll->after, &r->poll->look, &gap) != 0)
        return reply_problem(r, NULL);
    event_page_begin(&page, r->poll->after);
    event_page_add(&page, gap);
    event_drop(gap);
    bool is_older = event_page_fill(&page, c->events, &r->poll->filter) == EVENTS_OLDER;
    event_page_end(&page);
    r->poll->after = page.next;
    int err = page.n == 0 && is_older ? ask_for_older(r) : reply_json(r, 200, &page.text, "");
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
