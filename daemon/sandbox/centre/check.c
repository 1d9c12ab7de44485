#include "daemon/sandbox/centre/check.h"

#include <stdlib.h>

#include "daemon/base/le.h"
#include "daemon/mt/ids.h"
#include "daemon/sandbox/centre/service.h"

enum { TOO_OLD_S = 300, TOO_NEW_S = 30 };

int check_window(const struct session *ss, uint64_t msg_id)
{
    uint64_t lowest = UINT64_MAX;

    if (msg_id > ss->highest_id || ss->seen_n < SESSION_SEEN)
        return 0;
    for (size_t i = 0; i < SESSION_SEEN; i++)
        if (ss->seen[i].msg_id && ss->seen[i].msg_id < lowest)
            lowest = ss->seen[i].msg_id;
    return msg_id < lowest ? BAD_ID_TOO_OLD : 0;
}

int check_time(const struct session *ss, uint64_t msg_id)
{
    int64_t now = centres_now_us(ss->s) / SECOND_US;

    if (msg_id % 4 != 0)
        return BAD_ID_LOW_BITS;
    if (mt_msg_id_seconds(msg_id) > now + TOO_NEW_S)
        return BAD_ID_TOO_HIGH;
    if (mt_msg_id_seconds(msg_id) < now - TOO_OLD_S)
        return BAD_ID_TOO_LOW;
    return check_window(ss, msg_id);
}

int check_seq(const struct session *ss, const struct mt_message *m)
{
    uint32_t id = m->len >= 4 ? le32_load(m->body) : 0;
    size_t n = ss->seen_n < SESSION_SEEN ? ss->seen_n : SESSION_SEEN;
    bool odd = m->seq_no & 1;

    if (odd && (id == MT_MSG_CONTAINER || id == MT_HTTP_WAIT))
        return BAD_SEQNO_ODD;
    if (!odd && service_is_content(id))
        return BAD_SEQNO_EVEN;
    if (m->msg_id > ss->highest_id && m->seq_no > ss->highest_seq)
        return 0;
    for (size_t i = 0; i < n; i++) {
        const struct seen *o = &ss->seen[i];
        if (o->msg_id < m->msg_id && (o->seq_no > m->seq_no || (o->seq_no == m->seq_no && odd)))
            return BAD_SEQNO_TOO_LOW;
        if (o->msg_id > m->msg_id && (o->seq_no < m->seq_no || (o->seq_no == m->seq_no && odd)))
            return BAD_SEQNO_TOO_HIGH;
    }
    return 0;
}

static int by_msg_id(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;

    return x->msg_id < y->msg_id ? -1 : x->msg_id > y->msg_id;
}

int check_order(struct seen *list, size_t n)
{
    qsort(list, n, sizeof(*list), by_msg_id);
    for (size_t i = 1; i < n; i++) {
        const struct seen *o = &list[i - 1], *m = &list[i];
        if (o->msg_id != m->msg_id && (o->seq_no > m->seq_no || (o->seq_no == m->seq_no && m->seq_no & 1)))
            return BAD_SEQNO_TOO_LOW;
    }
    return 0;
}
