/* The client's side of the key exchange, its parts. Internal to daemon/mt. */
#ifndef TGCALLD_MT_HANDSHAKE_CLIENT_INTERNAL_H
#define TGCALLD_MT_HANDSHAKE_CLIENT_INTERNAL_H

#include "daemon/mt/handshake_client.h"
#include "daemon/mt/handshake_packets.h"
#include "daemon/mt/msg_id.h"

enum client_step { STEP_NEW, STEP_RES_PQ, STEP_DH_PARAMS, STEP_DH_GEN, STEP_DONE, STEP_FAILED };

/* Nonces and DH numbers are arrays of fixed width: as integers they would lose leading zeros. */
struct mt_handshake_client {
    struct mt_handshake_client_config config;
    struct mt_msg_id_source ids;
    enum client_step step;
    unsigned retries;
    uint8_t nonce[16], server_nonce[16], new_nonce[32];
    struct handshake_tmp tmp;
    int32_t g;
    uint8_t p[256], g_a[256];
    int32_t server_time;
    int64_t time_offset_us;
    uint8_t retry_id[8];
    struct mt_auth_key *key;
};

/* Packs BODY, a query, into OUT. */
int handshake_client_send(struct mt_handshake_client *h, struct buf *body, struct buf *out) TGC_MUST;

/* resPQ → req_DH_params. */
int handshake_client_on_res_pq(struct mt_handshake_client *h, struct tl_reader *r, struct buf *out,
                               struct fault *fault) TGC_MUST;

#endif
