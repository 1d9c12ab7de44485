/* A wish as JSON. */
#include <inttypes.h>

#include "daemon/tg/known/call_text.h"
#include "daemon/worker/live_internal.h"
#include "daemon/worker/peer_json.h"

const char *live_state_text(enum live_state state)
{
    static const char *const texts[LIVE_STATES] = {
        [LIVE_RUNNING] = "running", [LIVE_RECREATING] = "recreating", [LIVE_PAUSED] = "paused"};

    return texts[state];
}

int64_t live_marked_id(const struct live_wish *w)
{
    return peer_marked_id((enum peer_kind)w->key.peer_kind, w->key.peer_id);
}

static json_t *wish_json(const struct live_wish *w)
{
    return json_pack("{s:s, s:o, s:O*, s:b, s:i, s:b, s:I}", "account", w->key.account, "peer",
                     peer_json((enum peer_kind)w->key.peer_kind, w->key.peer_id), "title", w->title, "rtmp_stream",
                     (int)w->rtmp_stream, "max_per_hour", w->max_per_hour, "rotate_key", (int)w->rotate_key, "since",
                     (json_int_t)w->since_s);
}

static json_t *end_json(const struct live_wish *w)
{
    static const char *const how[LIVE_END_N] = {[LIVE_END_ENDED] = "ended",
                                                [LIVE_END_ADMIN] = "admin",
                                                [LIVE_END_API] = "api",
                                                [LIVE_END_REPLACED] = "replaced"};

    if (w->end.how == LIVE_END_NONE)
        return NULL;
    return json_pack("{s:I, s:s, s:o*}", "at", (json_int_t)w->end.at_s, "how", how[w->end.how], "by",
                     w->end.has_by ? peer_json(w->end.by_kind, w->end.by_id) : NULL);
}

static json_t *recreations_json(const struct live_wish *w)
{
    int64_t now_s = live_now_s(w), last_hour = 0;

    for (size_t i = 0; i < w->times_n; i++)
        last_hour += w->times_s[i] + 3600 > now_s;
    return json_pack("{s:I, s:I}", "last_hour", (json_int_t)last_hour, "total", (json_int_t)w->total);
}

/* µs, while it is asked for something that is sent when Telegram's wait is over; 0. */
static int64_t flood_us(const struct live_wish *w)
{
    static const char *const methods[] = {"phone.createGroupCall", "phone.getGroupCallStreamRtmpUrl"};
    struct tg_account *a = w->job ? live_account(w) : NULL;
    int64_t longest = 0;

    for (size_t i = 0; a && i < sizeof(methods) / sizeof(methods[0]); i++) {
        int64_t us = tg_account_flood_us(a, methods[i]);
        longest = us > longest ? us : longest;
    }
    return longest;
}

static void put_flood(const struct live_wish *w, json_t *j)
{
    int64_t us = flood_us(w);

    if (!j || !us)
        return;
    json_object_set_new(j, "reason",
                        json_sprintf("Telegram asks to wait %" PRId64 " s", (us + SECOND_US - 1) / SECOND_US));
    json_object_set_new(j, "remedy", json_string("It goes on by itself at retry_at"));
    json_object_set_new(j, "retry_at", json_integer((live_now_us(w) + us) / SECOND_US));
}

json_t *live_json(const struct live_wish *w)
{
    const struct tg_call *call = w->state == LIVE_RUNNING ? live_call(w) : NULL;
    json_t *j = json_pack(
        "{s:o, s:s, s:s*, s:s*, s:o*, s:o*, s:o, s:o*}", "wish", wish_json(w), "state", live_state_text(w->state),
        "reason", w->reason[0] ? w->reason : NULL, "remedy", w->remedy[0] ? w->remedy : NULL, "retry_at",
        w->retry_at_s ? json_integer(w->retry_at_s) : NULL, "call", call ? tg_call_json(call, w->key.account) : NULL,
        "recreations", recreations_json(w), "last_end", end_json(w));

    if (w->state == LIVE_RECREATING && !w->reason[0])
        put_flood(w, j);
    return j;
}
