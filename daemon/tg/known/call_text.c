#include "daemon/tg/known/call_text.h"

#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/tg/known/peers.h"
#include "daemon/tl/text.h"

/* Each answer about a call has this text in it, so that it is written without a tree in between. */
#define PUT(out, literal) buf_put(out, literal, sizeof(literal) - 1)

static void put_bool(struct buf *out, bool v)
{
    if (v)
        PUT(out, "true");
    else
        PUT(out, "false");
}

/* A call that runs was started, whoever did it. */
static void put_auto_start(const struct tg_call *call, struct buf *out)
{
    if (tg_call_is_to_start(call)) {
        PUT(out, ",\"auto_start\":true");
    } else if (tg_call_start_was_missed(call)) {
        PUT(out, ",\"auto_start\":false,\"auto_start_missed\":{\"at\":");
        tl_text_put_number(out, call->missed_at);
        PUT(out, ",\"reason\":");
        tl_text_put_string(out, call->missed_why, strlen(call->missed_why));
        buf_put_byte(out, '}');
    }
}

void tg_call_text(const struct tg_call *call, const char *account, struct buf *out)
{
    PUT(out, "{\"id\":\"");
    tl_text_put_number(out, call->id);
    PUT(out, "\",\"access_hash\":\"");
    tl_text_put_number(out, call->access_hash);
    PUT(out, "\",\"account\":");
    tl_text_put_string(out, account, strlen(account));
    if (call->conference)
        PUT(out, ",\"kind\":\"conference\"");
    else
        PUT(out, ",\"kind\":\"group\"");
    if (call->has_peer) {
        PUT(out, ",\"peer\":");
        tg_peer_text(call->peer_kind, call->peer_id, out);
    }
    if (call->invite_link) {
        PUT(out, ",\"invite_link\":");
        tl_text_put_tl_string(out, (const uint8_t *)call->invite_link, strlen(call->invite_link));
    }
    if (call->title) {
        PUT(out, ",\"title\":");
        tl_text_put_tl_string(out, (const uint8_t *)call->title, call->title_len);
    }
    if (call->schedule_date) {
        PUT(out, ",\"schedule_date\":");
        tl_text_put_number(out, call->schedule_date);
    }
    put_auto_start(call, out);
    PUT(out, ",\"rtmp_stream\":");
    put_bool(out, call->rtmp_stream);
    PUT(out, ",\"state\":\"");
    buf_put_text(out, tg_call_state_text(call->state));
    PUT(out, "\",\"created_at\":");
    tl_text_put_number(out, call->created_at);
    if (call->ended_at) {
        PUT(out, ",\"ended_at\":");
        tl_text_put_number(out, call->ended_at);
    }
    if (call->state == TG_CALL_DISCARDED && call->duration >= 0) {
        PUT(out, ",\"duration\":");
        tl_text_put_number(out, call->duration);
    }
    PUT(out, ",\"participants_count\":");
    tl_text_put_number(out, call->participants_count);
    PUT(out, ",\"version\":");
    tl_text_put_number(out, call->version < 0 ? 0 : call->version);
    PUT(out, ",\"join_muted\":");
    put_bool(out, call->join_muted);
    buf_put_byte(out, '}');
}

json_t *tg_call_json(const struct tg_call *call, const char *account)
{
    struct buf text;
    json_t *j = NULL;

    buf_init(&text, LIMIT_JSON_TEXT);
    tg_call_text(call, account, &text);
    if (!buf_err(&text))
        j = json_loadb((const char *)text.data, text.len, JSON_ALLOW_NUL, NULL);
    buf_fini(&text);
    return j;
}
