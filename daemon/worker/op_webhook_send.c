/* POST /v1/webhooks/{webhook}/test and …/replay, GET …/deliveries: what is sent, again, and what came of it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/worker/hook_errand.h"

enum { LIMIT_DEFAULT = 100 };

static int test(struct hook_errand *e)
{
    return hooks_test(e->hooks, e->name, e->id, &e->fault);
}

static void tested(struct hook_errand *e)
{
    op_reply_json(e->job, 202, json_pack("{s:s}", "id", e->id));
}

void op_webhook_test(struct worker *w, struct job *job)
{
    hook_errand_start(w, job, test, tested);
}

static int replay(struct hook_errand *e)
{
    const json_t *body = e->job->body;
    struct hook_replay what = {.after = (uint64_t)json_integer_value(json_object_get(body, "after")),
                               .until = (uint64_t)json_integer_value(json_object_get(body, "until")),
                               .failed = json_is_true(json_object_get(body, "failed"))};

    return hooks_replay(e->hooks, e->name, &what, &e->n, &e->fault);
}

static void replayed(struct hook_errand *e)
{
    op_reply_json(e->job, 202, json_pack("{s:I}", "events", (json_int_t)e->n));
}

void op_webhook_replay(struct worker *w, struct job *job)
{
    hook_errand_start(w, job, replay, replayed);
}

/* --- the tries --- */

static size_t limit_of(const struct job *job)
{
    const json_t *limit = json_object_get(job->query, "limit");

    return limit ? (size_t)json_integer_value(limit) : LIMIT_DEFAULT;
}

/* 0: from the newest; below 0: it is none that this daemon gave. */
static int64_t cursor_of(const struct job *job)
{
    const char *text = json_string_value(json_object_get(job->query, "cursor"));
    char *end;

    if (!text)
        return 0;
    errno = 0;
    long long n = strtoll(text, &end, 10);
    return errno || *end || n < 1 ? -1 : n;
}

/* One more than is wanted says that there are more. */
static void add(void *ctx, const struct hook_delivery *d)
{
    struct hook_errand *e = ctx;

    e->n++;
    e->has_more = json_array_size(e->list) == limit_of(e->job);
    if (e->has_more)
        return;
    e->cursor = d->number;
    if (json_array_append_new(e->list, hook_json_delivery(d)) < 0)
        e->err = TGC_ENOMEM;
}

/* The hooks' own pages may be shorter than what is asked for. */
static int deliveries(struct hook_errand *e)
{
    const char *state = json_string_value(json_object_get(e->job->query, "state"));
    struct hook_page page = {.state = state ? hook_delivery_state_parse(state) : HOOK_DELIVERY_ANY};
    int err;

    e->list = json_array();
    e->cursor = cursor_of(e->job);
    if (!e->list)
        return TGC_ENOMEM;
    do {
        page.cursor = e->cursor;
        page.limit = limit_of(e->job) + 1 - json_array_size(e->list);
        if (page.limit > HOOK_DELIVERIES_PAGE_MAX)
            page.limit = HOOK_DELIVERIES_PAGE_MAX;
        e->n = 0;
        err = hooks_deliveries(e->hooks, e->name, &page, add, e, &e->fault);
    } while (!err && !e->err && e->n == page.limit && !e->has_more);
    return err ? err : e->err;
}

static void listed(struct hook_errand *e)
{
    json_t *body = json_pack("{s:O}", "deliveries", e->list);
    char cursor[24];

    if (body && e->has_more) {
        snprintf(cursor, sizeof(cursor), "%" PRId64, e->cursor);
        json_object_set_new(body, "next_cursor", json_string(cursor));
    }
    op_reply_json(e->job, 200, body);
}

void op_webhook_deliveries(struct worker *w, struct job *job)
{
    if (cursor_of(job) < 0)
        op_reply_bad_cursor(job);
    else
        hook_errand_start(w, job, deliveries, listed);
}
