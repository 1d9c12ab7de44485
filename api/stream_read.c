#include <stddef.h>

#include "api/api_internal.h"
#include "api/follow.h"
#include "api/stream_internal.h"

enum {
    /* Pages that are in memory at once, for all streams of a loop; others wait for their turn. */
    PAGES_MAX = 8,
    PAGE_EVENTS = 64,
};

static void on_page(struct asker *w, struct job *job)
{
    struct stream *s = (struct stream *)(void *)((char *)w - offsetof(struct stream, asker));
    struct streams *all = w->front->streams;

    w->front->waiting--;
    s->is_reading = false;
    s->page = job;
    s->page_at = 0;
    if (s->is_over) {
        stream_drop_page(all, s);
        if (!s->is_ready)
            stream_free(s);
    } else if (job->problem || (!job->events_n && job->events_up_to <= s->after)) {
        /* The worker has said why. Its client comes back, and asks again. */
        stream_end_in_order(all, s);
    } else {
        stream_make_ready(all, s);
    }
}

static int post(struct streams *all, struct stream *s, struct job *job)
{
    const struct workers *workers = all->front->api->config.workers;
    struct problem *problem = NULL;
    struct mailbox *mailbox;
    int err = workers_choose(workers, job, &mailbox, &problem);

    problem_free(problem);
    if (!err)
        err = mailbox_admit(mailbox);
    if (err)
        return err;
    s->asker = (struct asker){all->front, pthread_self(), on_page};
    job->done = front_done;
    job->done_ctx = &s->asker;
    mailbox_post(mailbox, job);
    return 0;
}

void stream_read(struct streams *all, struct stream *s)
{
    int64_t deadline_us = clock_mono_us(all->clock) + all->front->api->config.request_timeout_us;
    struct job *job = all->pages < PAGES_MAX ? follow_older(s->after, PAGE_EVENTS, deadline_us) : NULL;

    s->is_reading = job && post(all, s, job) == 0;
    if (s->is_reading) {
        all->pages++;
        all->front->waiting++;
        return;
    }
    job_free(job);
    all->wanting += !s->wants_page;
    s->wants_page = true;
}

void stream_drop_page(struct streams *all, struct stream *s)
{
    job_free(s->page);
    s->page = NULL;
    all->pages--;
    stream_room_for_pages(all);
}

void stream_room_for_pages(struct streams *all)
{
    for (struct stream *s = all->wanting ? all->first : NULL; s; s = s->next) {
        if (!s->wants_page)
            continue;
        s->wants_page = false;
        all->wanting--;
        stream_make_ready(all, s);
    }
}
