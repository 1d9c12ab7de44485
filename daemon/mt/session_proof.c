/* Whether a packet answers something of ours. Only who got our message can name it, so such a packet is in time
 * whatever our clock says ("Checks": the window is for what proves nothing about its time), unless it claims to be
 * older than what it answers. */
#include "daemon/base/gzip.h"
#include "daemon/base/le.h"
#include "daemon/mt/container.h"
#include "daemon/mt/session_internal.h"

static bool is_of_ours(const struct mt_session *s, uint64_t id, uint64_t answer_id)
{
    return id_map_find(&s->by_msg_id, id) && msg_id_us(answer_id) + TIME_BEHIND_S * SECOND_US >= msg_id_us(id);
}

/* These have the id of what they answer behind their constructor. */
static bool answers(const struct mt_session *s, const uint8_t *body, size_t len, uint64_t answer_id)
{
    static const uint32_t ids[] = {MT_RPC_RESULT, MT_PONG, MT_FUTURE_SALTS, MT_MSGS_STATE_INFO};

    for (size_t i = 0; len >= 12 && i < sizeof(ids) / sizeof(ids[0]); i++) {
        if (le32_load(body) == ids[i])
            return is_of_ours(s, le64_load(body + 4), answer_id);
    }
    return false;
}

static bool answers_packed(const struct mt_session *s, const uint8_t *body, size_t len, uint64_t answer_id)
{
    struct tl_reader r;
    struct buf plain;
    size_t packed_len;

    tl_reader_init(&r, body, len);
    if (tl_read_u32(&r) != MT_GZIP_PACKED)
        return false;
    const uint8_t *packed = tl_read_bytes(&r, &packed_len);
    if (r.err)
        return false;
    buf_init(&plain, LIMIT_UNPACKED);
    bool ours = gzip_unpack(packed, packed_len, &plain, NULL) == 0 && answers(s, plain.data, plain.len, answer_id);
    buf_fini(&plain);
    return ours;
}

static bool answers_somehow(const struct mt_session *s, const struct mt_message *m)
{
    return answers(s, m->body, m->len, m->msg_id) || answers_packed(s, m->body, m->len, m->msg_id);
}

bool session_is_answered_by(const struct mt_session *s, const struct mt_message *m)
{
    struct mt_message inner;
    struct tl_reader r;
    uint32_t count;

    if (mt_container_open(m->body, m->len, &r, &count))
        return answers_somehow(s, m);
    while (count-- > 0 && mt_container_next(&r, &inner) == 0) {
        if (answers_somehow(s, &inner))
            return true;
    }
    return false;
}
