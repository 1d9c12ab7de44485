#include "daemon/base/le.h"
#include "daemon/mt/session_internal.h"

enum { PING_ID_AT = 4 };

int on_pong(struct mt_session *s, const struct incoming *in, struct tl_reader *r)
{
    uint64_t msg_id = tl_read_u64(r);
    uint64_t ping_id = tl_read_u64(r);
    struct sent *e = id_map_find(&s->by_msg_id, msg_id);

    /* That something came was noticed already; what is left is not to remember the ping any longer. */
    if (r->err || !e || e->kind != SENT_PING || le64_load(e->body + PING_ID_AT) != ping_id)
        return TGC_EPROTO;
    session_salt_proved(s, e);
    outbox_service_drop(s, e);
    return 0;
}
