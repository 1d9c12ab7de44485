/* resPQ: which key, which factors, and the query that carries the new nonce. */
#include <string.h>

#include "daemon/crypto/pq.h"
#include "daemon/mt/handshake_client_internal.h"
#include "daemon/mt/ids.h"
#include "daemon/tl/writer.h"

enum { FINGERPRINTS_MAX = 64 };

static const struct rsa_key *choose_key(const struct mt_handshake_client *h, struct tl_reader *r, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t fingerprint = tl_read_u64(r);
        for (size_t k = 0; k < h->config.keys_n; k++) {
            if (rsa_key_fingerprint(h->config.keys[k]) == fingerprint)
                return h->config.keys[k];
        }
    }
    return NULL;
}

struct pq {
    const uint8_t *bytes; /* as received: echoed as it came */
    size_t len;
    uint8_t p[8], q[8];
    size_t p_len, q_len;
};

static int factor(struct pq *pq, struct fault *fault)
{
    uint64_t v, p, q;

    if (pq_parse(pq->bytes, pq->len, &v) || pq_factor(v, &p, &q))
        return fault_set(fault, TGC_ECRYPTO, "The server's pq is not the product of two primes");
    if (p <= 1 || q <= 1 || p >= q || (unsigned __int128)p * q != v)
        return fault_set(fault, TGC_ECRYPTO, "The server's pq has no two different factors");
    pq->p_len = pq_bytes(p, pq->p);
    pq->q_len = pq_bytes(q, pq->q);
    return 0;
}

static void write_inner(const struct mt_handshake_client *h, const struct pq *pq, struct buf *b)
{
    tl_write_u32(b, h->config.expires_in ? MT_P_Q_INNER_DATA_TEMP_DC : MT_P_Q_INNER_DATA_DC);
    tl_write_bytes(b, pq->bytes, pq->len);
    tl_write_bytes(b, pq->p, pq->p_len);
    tl_write_bytes(b, pq->q, pq->q_len);
    tl_write_raw(b, h->nonce, 16);
    tl_write_raw(b, h->server_nonce, 16);
    tl_write_raw(b, h->new_nonce, 32);
    tl_write_i32(b, h->config.dc);
    if (h->config.expires_in)
        tl_write_i32(b, h->config.expires_in);
}

static int send_dh_params(struct mt_handshake_client *h, const struct pq *pq, const struct rsa_key *key,
                          struct buf *out)
{
    struct buf inner, body;
    uint8_t encrypted[256];

    buf_init(&inner, HANDSHAKE_BODY_MAX);
    buf_init(&body, HANDSHAKE_BODY_MAX);
    random_fill(h->config.random, h->new_nonce, sizeof(h->new_nonce));
    write_inner(h, pq, &inner);
    int err = buf_err(&inner);
    if (!err)
        err = rsa_pad_encrypt(key, inner.data, inner.len, h->config.random, encrypted);
    if (err)
        goto done;
    tl_write_u32(&body, MT_REQ_DH_PARAMS);
    tl_write_raw(&body, h->nonce, 16);
    tl_write_raw(&body, h->server_nonce, 16);
    tl_write_bytes(&body, pq->p, pq->p_len);
    tl_write_bytes(&body, pq->q, pq->q_len);
    tl_write_u64(&body, rsa_key_fingerprint(key));
    tl_write_bytes(&body, encrypted, sizeof(encrypted));
    err = handshake_client_send(h, &body, out);
done:
    buf_fini_secret(&inner);
    buf_fini(&body);
    return err;
}

int handshake_client_on_res_pq(struct mt_handshake_client *h, struct tl_reader *r, struct buf *out, struct fault *fault)
{
    struct pq pq;

    if (tl_read_u32(r) != MT_RES_PQ)
        return fault_set(fault, TGC_EPROTO, "The server answered req_pq_multi with another message than resPQ");
    if (!handshake_read_nonce(r, h->nonce))
        return fault_set(fault, TGC_ECRYPTO, "resPQ carries another nonce than ours");
    const uint8_t *server_nonce = tl_read_raw(r, 16);
    pq.bytes = tl_read_bytes(r, &pq.len);
    uint32_t count = tl_read_vector(r, 8);
    if (r->err || count > FINGERPRINTS_MAX)
        return fault_set(fault, TGC_EPROTO, "resPQ is malformed");
    const struct rsa_key *key = choose_key(h, r, count);
    if (!key)
        return fault_set(fault, TGC_EUNKNOWN, "None of the server's keys is one that we trust");
    memcpy(h->server_nonce, server_nonce, 16);
    int err = factor(&pq, fault);
    if (!err)
        err = send_dh_params(h, &pq, key, out);
    if (!err)
        h->step = STEP_DH_PARAMS;
    return err;
}
