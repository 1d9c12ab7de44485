#include "daemon/bridge/event.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct event *event_new(uint64_t id, const struct event_words *text)
{
    size_t account = strlen(text->account) + 1, type = strlen(text->type) + 1;
    struct event *e = malloc(sizeof(*e) + account + type + text->len + 1);

    if (!e)
        return NULL;
    char *data = e->bytes + account + type;
    memcpy(e->bytes, text->account, account);
    memcpy(e->bytes + account, text->type, type);
    memcpy(data, text->data, text->len);
    data[text->len] = '\0';
    atomic_init(&e->refs, 1);
    e->id = id;
    e->text = (struct event_words){.account = e->bytes,
                                   .type = e->bytes + account,
                                   .received_at = text->received_at,
                                   .data = data,
                                   .len = text->len};
    return e;
}

size_t event_gap_text(char out[static EVENT_GAP_MAX], uint64_t after, uint64_t id, int64_t received_at)
{
    return (size_t)snprintf(out, EVENT_GAP_MAX,
                            "{\"received_at\":%" PRId64 ",\"after\":%" PRIu64 ",\"resumes_after\":%" PRIu64 "}",
                            received_at, after, id);
}

struct event *event_new_gap(uint64_t id, uint64_t after, int64_t received_at)
{
    return event_new_gap_of("", id, after, received_at);
}

struct event *event_new_gap_of(const char *account, uint64_t id, uint64_t after, int64_t received_at)
{
    char data[EVENT_GAP_MAX];
    size_t len = event_gap_text(data, after, id, received_at);

    return event_new(id, &(struct event_words){
                             .account = account, .type = "gap", .received_at = received_at, .data = data, .len = len});
}

struct event *event_hold(struct event *event)
{
    atomic_fetch_add_explicit(&event->refs, 1, memory_order_relaxed);
    return event;
}

void event_drop(struct event *event)
{
    if (event && atomic_fetch_sub_explicit(&event->refs, 1, memory_order_acq_rel) == 1)
        free(event);
}

size_t event_size(const struct event *event)
{
    return sizeof(*event) + event->text.len;
}
