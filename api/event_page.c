#include "api/event_page.h"

#include <inttypes.h>

void event_page_begin(struct event_page *p, uint64_t after)
{
    *p = (struct event_page){.next = after};
    buf_init(&p->text, EVENT_PAGE_TEXT);
    buf_put_text(&p->text, "{\"events\":[");
}

void event_page_add(struct event_page *p, const struct event *event)
{
    if (!event)
        return;
    p->next = event->id;
    buf_printf(&p->text, "%s{\"id\":%" PRIu64 ",\"event\":\"%s\",\"data\":", p->n ? "," : "", event->id,
               event->text.type);
    buf_put(&p->text, event->text.data, event->text.len);
    buf_put_byte(&p->text, '}');
    p->n++;
}

enum events_found event_page_fill(struct event_page *p, struct events *e, const struct event_filter *f)
{
    enum events_found found = EVENTS_NEXT;
    struct event *event;

    while (p->n < EVENT_PAGE_EVENTS && p->text.len < EVENT_PAGE_BYTES &&
           (found = events_next(e, p->next, &event)) == EVENTS_NEXT) {
        if (event_filter_passes(f, &event->text))
            event_page_add(p, event);
        p->next = event->id;
        event_drop(event);
    }
    return found;
}

void event_page_take(struct event_page *p, const struct job *job, const struct event_filter *f)
{
    for (size_t i = 0; i < job->events_n; i++)
        if (event_filter_passes(f, &job->events[i]->text))
            event_page_add(p, job->events[i]);
    p->next = job->events_up_to;
}

void event_page_end(struct event_page *p)
{
    buf_printf(&p->text, "],\"next\":%" PRIu64 "}", p->next);
}
