#include "daemon/worker/journal_kind.h"

#include <string.h>

#include "daemon/tg/account/repeat.h"
#include "daemon/worker/op.h"

/* Without a line: JOURNAL_NEVER. */
static const enum journal_again kinds[JOB_METHOD_COUNT] = {
    [JOB_CALL_CREATE] = JOURNAL_ALWAYS, [JOB_CALL_START] = JOURNAL_ALWAYS,       [JOB_CALL_DISCARD] = JOURNAL_ALWAYS,
    [JOB_CALL_INVITE] = JOURNAL_UNSENT, [JOB_CALL_INVITE_LINK] = JOURNAL_ALWAYS, [JOB_CALL_JOIN] = JOURNAL_UNSENT,
    [JOB_CALL_LEAVE] = JOURNAL_UNSENT,  [JOB_CALL_CHECK] = JOURNAL_ALWAYS,       [JOB_CALL_MESSAGE] = JOURNAL_ALWAYS,
    [JOB_PEER_RTMP] = JOURNAL_ALWAYS,
};

enum journal_again journal_again(const struct worker *w, enum job_method method, const json_t *path, const json_t *body)
{
    const char *name = json_string_value(json_object_get(path, "method"));

    if (method == JOB_PEER_RTMP && json_is_true(json_object_get(body, "revoke")))
        return JOURNAL_UNSENT;
    if (method != JOB_METHOD_INVOKE)
        return kinds[method];
    const struct tl_comb *comb = name ? tl_find_method(w->env.schema, name) : NULL;
    if (!comb || strncmp(name, "auth.", 5) == 0)
        return JOURNAL_NEVER;
    return tg_repeat_judge(comb, body) == TG_REPEAT_NEVER ? JOURNAL_UNSENT : JOURNAL_ALWAYS;
}

static int put(json_t *body, json_t *id)
{
    return id && json_object_set_new(body, "random_id", id) == 0 ? 0 : TGC_ENOMEM;
}

int journal_fill_random_id(const struct worker *w, enum job_method method, const json_t *path, json_t *body,
                           bool (*is_taken)(void *ctx, int32_t id), void *ctx)
{
    if (json_object_get(body, "random_id"))
        return 0;
    if (method == JOB_CALL_MESSAGE) {
        json_t *text = op_draw_random_id(w);
        json_t *id = text ? json_integer(strtoll(json_string_value(text), NULL, 10)) : NULL;
        json_decref(text);
        return put(body, id);
    }
    if (method == JOB_METHOD_INVOKE) {
        op_fill_random_id(w, json_string_value(json_object_get(path, "method")), body);
        return 0;
    }
    if (method != JOB_CALL_CREATE)
        return 0;
    int32_t id;
    do
        id = random_id32(w->env.random);
    while (is_taken(ctx, id));
    return put(body, json_integer(id));
}
