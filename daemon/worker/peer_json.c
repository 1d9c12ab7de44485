#include "daemon/worker/peer_json.h"

#include "daemon/tg/known/peers.h"

json_t *peer_json(enum peer_kind kind, int64_t id)
{
    struct buf text;
    json_t *j = NULL;

    buf_init(&text, 128);
    tg_peer_text(kind, id, &text);
    if (!buf_err(&text))
        j = json_loadb((const char *)text.data, text.len, 0, NULL);
    buf_fini(&text);
    return j;
}
