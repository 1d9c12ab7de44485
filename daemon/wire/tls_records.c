/* The stream in records, once the greetings are over. */
#include "daemon/wire/fake_tls_internal.h"

enum { RECORD_OUT_MAX = 2878 /* as the official clients cut it */ };

/* One record's head, or what there is of it. */
static int take_head(struct tunnel *t, const uint8_t *p, size_t len, size_t *ret_used, struct fault *fault)
{
    size_t n = RECORD_HEAD - t->head_len;

    n = n < len ? n : len;
    for (size_t i = 0; i < n; i++)
        t->head[t->head_len++] = p[i];
    *ret_used = n;
    if (t->head_len < RECORD_HEAD)
        return 0;
    t->head_len = 0;
    int err = record_head(t->head, &t->record_left, fault);
    if (!err && t->head[0] == RECORD_ALERT)
        err = fault_set(fault, TGC_ECLOSED, "ended the connection with a TLS alert");
    return err;
}

/* Records of another type than data are passed over: some proxies send them to look like the true thing. */
int tunnel_unpack(struct tunnel *t, const uint8_t *p, size_t len, struct buf *clear, struct fault *fault)
{
    int err = 0;
    size_t n;

    for (; len > 0 && !err; p += n, len -= n) {
        if (t->record_left == 0) {
            err = take_head(t, p, len, &n, fault);
            continue;
        }
        n = t->record_left < len ? t->record_left : len;
        if (t->head[0] == RECORD_DATA)
            err = buf_put(clear, p, n);
        t->record_left -= n;
    }
    return err;
}

int tunnel_pack(struct tunnel *t, const void *data, size_t len, struct buf *out)
{
    const uint8_t *at = data;

    if (!t->has_sent)
        buf_put(out, "\x14\3\3\0\1\1", 6);
    while (len > 0) {
        size_t n = len < RECORD_OUT_MAX ? len : RECORD_OUT_MAX;
        const uint8_t head[RECORD_HEAD] = {RECORD_DATA, 3, 3, (uint8_t)(n >> 8), (uint8_t)n};
        buf_put(out, head, sizeof(head));
        buf_put(out, at, n);
        at += n;
        len -= n;
    }
    t->has_sent = true;
    return buf_err(out);
}
