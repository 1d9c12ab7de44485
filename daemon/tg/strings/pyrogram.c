/* Pyrogram and Kurigram: base64url without padding of dc (1 byte), api_id (4), test (1), key, user id (8), bot (1), all
 * big-endian. Before 2.0 there was no api_id, and before that the user id had 4 bytes. No address. */
#include "daemon/tg/strings/session_string_internal.h"

static const struct form {
    size_t api_id, user_id; /* their sizes */
} forms[] = {{4, 8}, {0, 8}, {0, 4}};

static size_t size_of(const struct form *f)
{
    return 1 + f->api_id + 1 + SESSION_KEY_SIZE + f->user_id + 1;
}

static int unpack(const struct form *f, const uint8_t *b, struct session_string *ret, struct fault *fault)
{
    ret->dc = *b++;
    uint64_t api_id = be_load(b, f->api_id);
    b += f->api_id;
    const uint8_t *test = b++;
    memcpy(ret->key, b, sizeof(ret->key));
    b += sizeof(ret->key);
    uint64_t user_id = be_load(b, f->user_id);
    b += f->user_id;
    if (api_id > INT32_MAX || user_id > INT64_MAX)
        return fault_set(fault, TGC_EINVAL, "it has %s that is none", api_id > INT32_MAX ? "an api_id" : "a user id");
    ret->api_id = (int32_t)api_id;
    ret->user_id = (int64_t)user_id;
    int err = session_put_told(&ret->test, *test, fault);
    return err ? err : session_put_told(&ret->bot, *b, fault);
}

int session_read_pyrogram(const char *text, size_t len, struct session_string *ret, struct fault *fault)
{
    uint8_t b[SESSION_BYTES_MAX];
    size_t n, i = 0;
    int err = session_text_decode(SESSION_BASE64URL, text, len, b, &n, fault);

    while (!err && i < sizeof(forms) / sizeof(forms[0]) && size_of(&forms[i]) != n)
        i++;
    if (!err && i == sizeof(forms) / sizeof(forms[0]))
        err = fault_set(fault, TGC_EINVAL, "it has %zu bytes where %zu, %zu or %zu were expected", n,
                        size_of(&forms[0]), size_of(&forms[1]), size_of(&forms[2]));
    if (!err)
        err = unpack(&forms[i], b, ret, fault);
    explicit_bzero(b, sizeof(b));
    return err;
}

int session_write_pyrogram(const struct session_string *s, struct buf *out, struct fault *fault)
{
    uint8_t b[1 + 4 + 1 + SESSION_KEY_SIZE + 8 + 1], *p = b;

    if (s->api_id <= 0)
        return fault_set(fault, TGC_EINVAL, "Pyrogram's strings have an api_id, and none is known");
    *p++ = (uint8_t)s->dc;
    p = be_store(p, (uint64_t)s->api_id, 4);
    *p++ = s->test == SESSION_YES;
    p = bytes_store(p, s->key, sizeof(s->key));
    p = be_store(p, (uint64_t)s->user_id, 8);
    *p++ = s->bot == SESSION_YES;
    int err = session_text_encode(SESSION_BASE64URL, false, b, (size_t)(p - b), out);
    explicit_bzero(b, sizeof(b));
    return err;
}
