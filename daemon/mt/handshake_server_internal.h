/* The server's side of the key exchange, its parts. Internal to daemon/mt. */
#ifndef TGCALLD_MT_HANDSHAKE_SERVER_INTERNAL_H
#define TGCALLD_MT_HANDSHAKE_SERVER_INTERNAL_H

#include "daemon/mt/handshake_packets.h"
#include "daemon/mt/handshake_server.h"
#include "daemon/mt/msg_id.h"

enum { HANDSHAKE_WRONG_QUERY = 404, HANDSHAKE_WRONG_DC = 444, HANDSHAKE_REQ_PQ = 0x60469778 };

/* A query and what was answered, so that the same query again gets the same answer. */
struct handshake_exchange {
    struct buf query, answer;
};

enum handshake_step { HANDSHAKE_WAIT_PQ, HANDSHAKE_WAIT_DH, HANDSHAKE_WAIT_CLIENT_DH, HANDSHAKE_MADE, HANDSHAKE_STEPS };

struct mt_handshake_server {
    struct mt_handshake_server_config config;
    struct mt_msg_id_source ids;
    enum handshake_step step;
    struct handshake_exchange done[HANDSHAKE_STEPS];
    bool retried;
    uint8_t nonce[16], server_nonce[16], new_nonce[32];
    uint8_t pq[8], p[8], q[8];
    size_t pq_len, p_len, q_len;
    struct handshake_tmp tmp;
    const uint8_t *prime;
    int32_t g;
    uint8_t a[256], g_a[256];
    uint8_t retry_id[8];
    struct mt_handshake_server_result result;
};

static inline bool handshake_tells(const struct mt_handshake_server *h, enum mt_handshake_lie lie)
{
    return h->config.lie == lie;
}

/* A nonce as the answer has it: false in one bit where LIE is told. */
void handshake_write_nonce(const struct mt_handshake_server *h, struct buf *b, const uint8_t nonce[static 16],
                           enum mt_handshake_lie lie);

/* req_pq and req_pq_multi → resPQ, in B. */
int handshake_server_on_req_pq(struct mt_handshake_server *h, struct tl_reader *r, struct buf *b,
                               struct fault *fault) TGC_MUST;

/* The group as it is told to the client, lies applied. */
struct handshake_told {
    int32_t g;
    uint8_t prime[256], g_a[256];
    size_t prime_len, g_a_len;
};

/* The group the server works with: Telegram's, or another real one. */
void handshake_choose_group(struct mt_handshake_server *h);
void handshake_tell_group(const struct mt_handshake_server *h, struct handshake_told *told);

/* Decrypts and judges p_q_inner_data of all forms: 0 (new_nonce, dc, expires_in, oddities are set), HANDSHAKE_WRONG_*,
 * or TGC_*. */
int handshake_server_inner(struct mt_handshake_server *h, const uint8_t encrypted[static 256],
                           struct fault *fault) TGC_MUST;

#endif
