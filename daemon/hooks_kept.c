#include "daemon/hooks_kept.h"

#include <string.h>

#include "config.h"
#include "daemon/base/event_type.h"
#include "daemon/base/log.h"

static enum hook_found next(void *ctx, uint64_t after, struct hook_event *ret)
{
    struct event *event;

    switch (events_next(ctx, after, &event)) {
    case EVENTS_NEXT:
        *ret = (struct hook_event){.id = event->id,
                                   .account = event->text.account,
                                   .type = event->text.type,
                                   .received_at = event->text.received_at,
                                   .data = event->text.data,
                                   .len = event->text.len,
                                   .held = event};
        return HOOK_FOUND_NEXT;
    case EVENTS_NONE:
    case EVENTS_AHEAD:
        return HOOK_FOUND_NONE;
    case EVENTS_OLDER:
        break;
    }
    return HOOK_FOUND_OLDER;
}

static void drop(void *ctx, struct hook_event *event)
{
    (void)ctx;
    event_drop(event->held);
}

static uint64_t newest(void *ctx)
{
    return events_newest(ctx);
}

static uint64_t oldest_here(void *ctx)
{
    return events_oldest_here(ctx);
}

static void skipped(void *ctx, uint64_t *ret_after, uint64_t *ret_end)
{
    events_skipped(ctx, ret_after, ret_end);
}

static bool hole(void *ctx, uint64_t *ret_after, uint64_t *ret_end)
{
    return events_hole(ctx, ret_after, ret_end);
}

static size_t gap(char out[static HOOK_GAP_MAX], uint64_t after, uint64_t id, int64_t received_at)
{
    _Static_assert((int)HOOK_GAP_MAX >= (int)EVENT_GAP_MAX, "a gap has room");
    return event_gap_text(out, after, id, received_at);
}

int hooks_kept_open(const struct settings *s, struct store *store, struct events *events, struct meter *meter,
                    struct hooks **ret, struct fault *fault)
{
    const struct hooks_config config = {
        .store = store,
        .clock = &clock_system,
        .random = &random_system,
        .source = {.next = next,
                   .drop = drop,
                   .newest = newest,
                   .oldest_here = oldest_here,
                   .skipped = skipped,
                   .hole = hole,
                   .gap = gap,
                   .ctx = events},
        .allow = (const char *const *)s->webhooks_allow.items,
        .allow_n = s->webhooks_allow.n,
        .parallel = s->webhooks_parallel,
        .meter = meter,
        .user_agent = "tgcalld/" PACKAGE_VERSION,
    };

    return hooks_open(&config, ret, fault);
}

static void wake(void *ctx)
{
    hooks_wake(ctx);
}

int hooks_kept_start(struct hooks *h, struct events *events, struct events_reader **ret)
{
    struct fault fault = {0};
    int err = events_subscribe(events, wake, h, ret);

    if (!err && hooks_start(h, &fault) != 0)
        log_error("hook", "webhooks get no events: %s", fault.text);
    return err;
}

void hooks_kept_close(struct hooks *h, struct events *events, struct events_reader *reader)
{
    if (!h)
        return;
    events_unsubscribe(events, reader);
    hooks_stop(h);
    hooks_free(h);
}
