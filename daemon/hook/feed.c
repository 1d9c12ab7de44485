#include "daemon/hook/feed.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/store/event_rows.h"

/* A page is kept while its events are sent; of one that is loaded in vain little is lost. */
enum { PAGE_EVENTS = 64, RETRY_S = 1 };

void hook_feed_forget_page(struct hook_feed *f)
{
    free(f->page);
    f->page = NULL;
    f->page_n = 0;
    f->from = f->up_to = 0;
}

bool hook_feed_is_asking(const struct hook_feed *f)
{
    return f && (f->is_loading || f->is_writing);
}

void hook_feed_free(struct hook_feed *f)
{
    if (!f)
        return;
    hook_feed_forget_page(f);
    free(f);
}

void hook_feed_drop(struct hooks *h, struct hook_event *event)
{
    if (event->held)
        h->config.source.drop(h->config.source.ctx, event);
}

/* --- a page --- */

struct feed_ask {
    struct hooks *hooks;
    struct hook *hook;
    uint64_t after, newest;
    bool has_hole;
    uint64_t hole_after, hole_end;
};

/* A page that is being made: its events, then their texts, in one piece. */
struct making {
    struct hook_event *page;
    size_t n;
    char *at;
    const struct feed_ask *asked;
    int64_t now;
};

static const char *copy(struct making *m, const char *text, size_t len)
{
    char *to = m->at;

    memcpy(to, text, len);
    to[len] = '\0';
    m->at += len + 1;
    return to;
}

static uint64_t last_of(const struct making *m)
{
    return m->n ? m->page[m->n - 1].id : m->asked->after;
}

static void add_gap(struct making *m, uint64_t after, uint64_t end)
{
    char text[HOOK_GAP_MAX];
    uint64_t last = last_of(m);

    if (after < last)
        after = last;
    if (end <= after)
        return;
    size_t len = m->asked->hooks->config.source.gap(text, after, end, m->now);
    m->page[m->n++] = (struct hook_event){.id = end,
                                          .account = "",
                                          .type = "gap",
                                          .received_at = m->now,
                                          .data = copy(m, text, len),
                                          .len = len,
                                          .is_made = true};
}

static void add_row(struct making *m, const struct store_event *row)
{
    m->page[m->n++] = (struct hook_event){.id = (uint64_t)row->id,
                                          .account = copy(m, row->account, strlen(row->account)),
                                          .type = copy(m, row->type, strlen(row->type)),
                                          .received_at = row->received_at,
                                          .data = copy(m, row->data, row->len),
                                          .len = row->len};
}

/* Each row may be a gap, and there may be one before them all and one behind. */
static bool make_room(struct making *m, const struct store_event *list, size_t n)
{
    size_t events = n + 2, bytes = events * (sizeof(struct hook_event) + HOOK_GAP_MAX + 1);

    for (size_t i = 0; i < n; i++)
        if (list[i].type)
            bytes += strlen(list[i].account) + strlen(list[i].type) + list[i].len + 3;
    m->page = malloc(bytes);
    m->at = m->page ? (char *)(m->page + events) : NULL;
    return m->page != NULL;
}

/* As the log is read anywhere: what was dropped, what is damaged, and what missed the disk is a gap; and what was not
 * shown yet is not there. Where the page is not all that the disk has, the next one begins behind its last. */
static void fill(struct making *m, const struct store_event *list, size_t n, uint64_t dropped, uint64_t *ret_up_to)
{
    const struct feed_ask *a = m->asked;
    const struct hook_source *source = &a->hooks->config.source;
    size_t bytes = 0;
    bool has_passed = false;

    if (dropped > a->after)
        add_gap(m, a->after, dropped < a->newest ? dropped : a->newest);
    for (size_t i = 0; i < n; i++) {
        uint64_t id = (uint64_t)list[i].id;
        has_passed = has_passed || id > a->newest;
        bytes += list[i].len;
        if (!list[i].type)
            add_gap(m, (uint64_t)list[i].lost_after, id < a->newest ? id : a->newest);
        else if (id <= a->newest && id > last_of(m))
            add_row(m, &list[i]);
    }
    uint64_t up_to = last_of(m), here = source->oldest_here(source->ctx) - 1;
    if (has_passed || (n < PAGE_EVENTS && bytes < STORE_EVENTS_BYTES)) {
        uint64_t end = here < a->newest ? here : a->newest;
        up_to = end > up_to ? end : up_to;
    }
    if (a->has_hole)
        add_gap(m, a->hole_after, a->hole_end < up_to ? a->hole_end : up_to);
    *ret_up_to = up_to;
}

static void on_page(void *ctx, int err, const char *why, const struct store_event *list, size_t n, size_t damaged,
                    int64_t dropped)
{
    struct feed_ask *a = ctx;
    struct hooks *h = a->hooks;
    struct making m = {.asked = a, .now = clock_wall_us(h->config.clock) / SECOND_US};
    uint64_t up_to = a->after;

    if (damaged)
        log_error("hook", "%zu events in the store cannot be read", damaged);
    if (err)
        log_error("hook", "webhooks wait, since the event log cannot be read: %s", why ? why : tgc_err_text(err));
    else if (make_room(&m, list, n))
        fill(&m, list, n, (uint64_t)dropped, &up_to);
    pthread_mutex_lock(&h->lock);
    struct hook_feed *f = a->hook->feed;
    f->is_loading = false;
    if (up_to > a->after) {
        f->page = m.page;
        f->page_n = m.n;
        f->from = a->after;
        f->up_to = up_to;
    } else {
        free(m.page);
        f->not_before_us = clock_mono_us(h->config.clock) + RETRY_S * SECOND_US;
    }
    pthread_mutex_unlock(&h->lock);
    free(a);
}

static enum hook_feed_found load(struct hooks *h, struct hook *hook, struct store_desk *desk, uint64_t after)
{
    const struct hook_source *source = &h->config.source;
    struct feed_ask *a = calloc(1, sizeof(*a));

    hook_feed_forget_page(hook->feed);
    if (!a)
        return HOOK_FEED_FAILED;
    *a = (struct feed_ask){.hooks = h, .hook = hook, .after = after, .newest = source->newest(source->ctx)};
    a->has_hole = source->hole(source->ctx, &a->hole_after, &a->hole_end);
    if (store_load_events(desk, (int64_t)after, PAGE_EVENTS, on_page, a) != 0) {
        free(a);
        return HOOK_FEED_FAILED;
    }
    hook->feed->is_loading = true;
    return HOOK_FEED_LOADING;
}

enum hook_feed_found hook_feed_next(struct hooks *h, struct hook *hook, struct store_desk *desk, uint64_t after,
                                    struct hook_event *ret, uint64_t *ret_up_to)
{
    struct hook_feed *f = hook->feed;

    if (f->page && after >= f->from && after < f->up_to) {
        for (size_t i = 0; i < f->page_n; i++)
            if (f->page[i].id > after) {
                *ret = f->page[i];
                return HOOK_FEED_EVENT;
            }
        *ret_up_to = f->up_to;
        return HOOK_FEED_SKIP;
    }
    switch (h->config.source.next(h->config.source.ctx, after, ret)) {
    case HOOK_FOUND_NEXT:
        return HOOK_FEED_EVENT;
    case HOOK_FOUND_NONE:
        return HOOK_FEED_NONE;
    case HOOK_FOUND_OLDER:
        break;
    }
    return load(h, hook, desk, after);
}
