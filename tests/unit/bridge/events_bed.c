#include "tests/unit/bridge/events_bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/unit.h"

struct events *log_make(struct events_config config)
{
    struct events *e;

    if (!config.ring)
        config.ring = 4;
    if (!config.ring_bytes)
        config.ring_bytes = 1 << 20;
    if (!config.reserved)
        config.reserved = UINT64_MAX;
    config.clock = &clock_system;
    ck_assert_int_eq(events_new(&config, &e), 0);
    return e;
}

int log_say(struct events *e, const char *account, const char *data)
{
    return events_append(
        e,
        &(struct event_words){
            .account = account, .type = "call", .received_at = 1700000000, .data = data, .len = strlen(data)},
        NULL);
}

void log_says(struct events *e, const char *data)
{
    ck_assert_int_eq(log_say(e, "", data), 0);
}

const char *log_told(struct events *e, uint64_t after)
{
    static char out[4096];
    struct event *event;
    size_t len = 0;

    out[0] = '\0';
    while (events_next(e, after, &event) == EVENTS_NEXT) {
        const char *from = strstr(event->text.data, "\"after\":");
        len += (size_t)(strcmp(event->text.type, "gap") == 0
                            ? snprintf(out + len, sizeof(out) - len, "%s%d:gap(%d)", len ? " " : "", (int)event->id,
                                       atoi(from + strlen("\"after\":")))
                            : snprintf(out + len, sizeof(out) - len, "%s%d:%s", len ? " " : "", (int)event->id,
                                       event->text.data));
        ck_assert_uint_gt(event->id, after);
        after = event->id;
        event_drop(event);
    }
    return out;
}

const char *log_taken(struct events *e, uint64_t *ret_reserved)
{
    static char out[4096];
    struct event *list[64];
    uint64_t reserved;
    size_t n = events_to_write(e, 64, list, &reserved), len = 0;

    out[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        bool is_gap = strcmp(list[i]->text.type, "gap") == 0;
        len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%d:%s", i ? " " : "", (int)list[i]->id,
                                is_gap ? "gap" : list[i]->text.data);
        event_drop(list[i]);
    }
    if (n && ret_reserved)
        *ret_reserved = reserved;
    return out;
}

void log_count_wake(void *ctx)
{
    ++*(int *)ctx;
}
