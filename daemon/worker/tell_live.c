#include "daemon/worker/tell_live.h"

#include <string.h>

#include "daemon/tl/text.h"
#include "daemon/worker/live_internal.h"
#include "daemon/worker/op.h"
#include "daemon/worker/tell_internal.h"

void tell_live(struct tell_events *t, const struct live_wish *w, const char *what, enum live_state previous)
{
    const char *state = live_state_text(previous);
    int64_t at = tell_begin(t, w->key.account);
    json_t *j = live_json(w);

    buf_put_text(&t->text, ",\"what\":");
    tl_text_put_string(&t->text, what, strlen(what));
    buf_put_text(&t->text, ",\"previous\":");
    tl_text_put_string(&t->text, state, strlen(state));
    buf_put_text(&t->text, ",\"live\":");
    if (!j || json_dump_callback(j, op_dump_to_buf, &t->text, JSON_COMPACT) != 0)
        event_log_lose(t->log, w->key.account);
    else
        tell_end(t, w->key.account, "live", at);
    json_decref(j);
}
