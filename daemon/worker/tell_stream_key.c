#include "daemon/worker/tell_stream_key.h"

#include <string.h>

#include "daemon/tg/account/account.h"
#include "daemon/tl/text.h"
#include "daemon/worker/tell_internal.h"

void tell_stream_key(struct tell_events *t, const struct tg_account *account, const json_t *peer,
                     const char *rotated_by)
{
    const char *name = tg_account_name(account);
    int64_t at = tell_begin(t, name), id;
    enum peer_kind kind;

    if (tg_peer_of_json(peer, tg_account_self_id(account), &kind, &id)) {
        buf_put_text(&t->text, ",\"peer\":");
        tg_peer_text(kind, id, &t->text);
    }
    buf_put_text(&t->text, ",\"rotated_by\":");
    tl_text_put_string(&t->text, rotated_by, strlen(rotated_by));
    tell_end(t, name, "stream_key", at);
}
