/* req_pq: a new exchange, its nonce and its pq. */
#include <string.h>

#include "daemon/crypto/pq.h"
#include "daemon/mt/handshake_server_internal.h"
#include "daemon/mt/ids.h"
#include "daemon/tl/writer.h"

static const uint64_t a_prime = (UINT64_C(1) << 61) - 1;

static uint32_t draw_prime(struct mt_handshake_server *h)
{
    for (;;) {
        uint32_t n = (random_u32(h->config.random) >> 2) | UINT32_C(1) << 30 | 1;
        uint32_t d = 3;
        while ((uint64_t)d * d <= n && n % d != 0)
            d += 2;
        if ((uint64_t)d * d > n)
            return n;
    }
}

static void draw_pq(struct mt_handshake_server *h)
{
    uint64_t p = draw_prime(h), q = draw_prime(h), pq;

    while (p == q)
        q = draw_prime(h);
    pq = handshake_tells(h, MT_LIE_PQ_PRIME) ? a_prime : handshake_tells(h, MT_LIE_PQ_ONE) ? 1 : p * q;
    h->pq_len = pq_bytes(pq, h->pq);
    h->p_len = pq_bytes(p < q ? p : q, h->p);
    h->q_len = pq_bytes(p < q ? q : p, h->q);
}

static void write_fingerprints(struct mt_handshake_server *h, struct buf *b)
{
    uint64_t own = rsa_key_fingerprint(h->config.key);

    if (handshake_tells(h, MT_LIE_FINGERPRINT_UNKNOWN)) {
        tl_write_vector(b, 1);
        tl_write_u64(b, own ^ 1);
    } else if (handshake_tells(h, MT_LIE_LEGAL_MORE_FINGERPRINTS)) {
        tl_write_vector(b, 3);
        tl_write_u64(b, own ^ 2);
        tl_write_u64(b, own);
        tl_write_u64(b, own ^ 4);
    } else {
        tl_write_vector(b, 1);
        tl_write_u64(b, own);
    }
}

int handshake_server_on_req_pq(struct mt_handshake_server *h, struct tl_reader *r, struct buf *b, struct fault *fault)
{
    bool old = tl_read_u32(r) == HANDSHAKE_REQ_PQ;
    const uint8_t *nonce = tl_read_raw(r, 16);

    if (r->err)
        return fault_set(fault, HANDSHAKE_WRONG_QUERY, "req_pq is malformed");
    /* Whatever was under way before belongs to another exchange. */
    for (size_t i = 0; i < HANDSHAKE_STEPS; i++)
        buf_reset(&h->done[i].query);
    mt_auth_key_free(h->result.key);
    memset(&h->result, 0, sizeof(h->result));
    memset(h->retry_id, 0, sizeof(h->retry_id));
    h->retried = false;
    h->result.oddities = old ? MT_ODD_REQ_PQ : 0;
    memcpy(h->nonce, nonce, 16);
    random_fill(h->config.random, h->server_nonce, 16);
    draw_pq(h);
    tl_write_u32(b, MT_RES_PQ);
    handshake_write_nonce(h, b, h->nonce, MT_LIE_RES_PQ_NONCE);
    tl_write_raw(b, h->server_nonce, 16);
    tl_write_bytes(b, h->pq, h->pq_len);
    write_fingerprints(h, b);
    h->step = HANDSHAKE_WAIT_DH;
    return 0;
}
