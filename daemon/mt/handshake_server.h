/* The server's side of the key exchange, as strict as the documents, for the sandbox and for tests. It can be told to
 * lie. */
#ifndef TGCALLD_MT_HANDSHAKE_SERVER_H
#define TGCALLD_MT_HANDSHAKE_SERVER_H

#include <stdbool.h>

#include "daemon/base/buf.h"
#include "daemon/base/clock.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/base/random.h"
#include "daemon/crypto/rsa.h"
#include "daemon/mt/auth_key.h"

/* Lies a handshake can tell, each of which a client must refuse; and legal oddities that it must accept. name, text */
#define MT_HANDSHAKE_LIES(X)                                                                                           \
    X(RES_PQ_NONCE, "res_pq_nonce")                                                                                    \
    X(FINGERPRINT_UNKNOWN, "fingerprint_unknown")                                                                      \
    X(PQ_PRIME, "pq_prime")                                                                                            \
    X(PQ_ONE, "pq_one")                                                                                                \
    X(DH_PARAMS_NONCE, "dh_params_nonce")                                                                              \
    X(DH_PARAMS_SERVER_NONCE, "dh_params_server_nonce")                                                                \
    X(DH_PARAMS_FAIL, "dh_params_fail")                                                                                \
    X(ANSWER_LENGTH, "answer_length")                                                                                  \
    X(ANSWER_HASH, "answer_hash")                                                                                      \
    X(ANSWER_PADDING, "answer_padding")                                                                                \
    X(INNER_NONCE, "inner_nonce")                                                                                      \
    X(INNER_SERVER_NONCE, "inner_server_nonce")                                                                        \
    X(PRIME_SIZE, "prime_size")                                                                                        \
    X(PRIME_NOT_PRIME, "prime_not_prime")                                                                              \
    X(PRIME_NOT_SAFE, "prime_not_safe")                                                                                \
    X(GENERATOR, "generator")                                                                                          \
    X(G_A_ONE, "g_a_one")                                                                                              \
    X(G_A_SMALL, "g_a_small")                                                                                          \
    X(G_A_LARGE, "g_a_large")                                                                                          \
    X(DH_GEN_NONCE, "dh_gen_nonce")                                                                                    \
    X(DH_GEN_SERVER_NONCE, "dh_gen_server_nonce")                                                                      \
    X(DH_GEN_HASH, "dh_gen_hash")                                                                                      \
    X(DH_GEN_FAIL, "dh_gen_fail")                                                                                      \
    X(DH_GEN_RETRY_ALWAYS, "dh_gen_retry_always")                                                                      \
    /* legal */                                                                                                        \
    X(LEGAL_RETRY_ONCE, "legal_retry_once")                                                                            \
    X(LEGAL_OTHER_PRIME, "legal_other_prime")                                                                          \
    X(LEGAL_LONG_TAIL, "legal_long_tail")                                                                              \
    X(LEGAL_MORE_FINGERPRINTS, "legal_more_fingerprints")

enum mt_handshake_lie {
    MT_LIE_NONE,
#define X(name, text) MT_LIE_##name,
    MT_HANDSHAKE_LIES(X)
#undef X
        MT_LIE_COUNT
};

/* By its text; MT_LIE_NONE where there is none of that name. */
enum mt_handshake_lie mt_handshake_lie_find(const char *text);
const char *mt_handshake_lie_text(enum mt_handshake_lie lie);

struct mt_handshake_server;

struct mt_handshake_server_config {
    const struct clock_source *clock;
    const struct random_source *random;
    const struct rsa_key *key; /* private */
    int32_t dc;                /* a query for another (by its absolute value, without TEST's offset) gets -444 */
    bool test;                 /* this DC is a test DC: its id is sent +10000 */
    bool any_dc;               /* take whatever DC the client names */
    enum mt_handshake_lie lie;
    int64_t time_skew_us; /* added to the server_time that is told */
};

struct mt_handshake_server_result {
    struct mt_auth_key *key; /* owned by who took it */
    uint64_t salt;
    bool temporary;
    int32_t dc;         /* as the client said; 0 for the old forms that carry none */
    int32_t expires_in; /* of a temporary key */
    unsigned oddities;  /* enum mt_handshake_oddity bits: served, but to be logged */
};

enum mt_handshake_oddity {
    MT_ODD_INNER_WITHOUT_DC = 1, /* p_q_inner_data#83c95aec, p_q_inner_data_temp#3c6a84d4 */
    MT_ODD_OLD_RSA = 2,          /* SHA1 + data + random in 255 bytes, raw RSA */
    MT_ODD_REQ_PQ = 4,           /* req_pq#60469778 */
};

int mt_handshake_server_new(const struct mt_handshake_server_config *config, struct mt_handshake_server **ret) TGC_MUST;
void mt_handshake_server_free(struct mt_handshake_server *h);

/* Takes one packet whose auth_key_id is 0. 0: an answer was appended to OUT (the same query again gets the same
 * answer); 1: the same, and the key is made; a positive transport error code (404, 444; FAULT says why) is to be sent
 * as its negative; negative: TGC_ENOMEM, or TGC_ECRYPTO where libcrypto fails. req_pq begins anew at any
 * time, and whatever its message id: TDLib checks connections with one by the id 1. */
int mt_handshake_server_feed(struct mt_handshake_server *h, const void *packet, size_t len, struct buf *out,
                             struct fault *fault) TGC_MUST;
/* Whether the query in PACKET was answered before: what mt_handshake_server_feed() answers again, after the end as
 * well. */
bool mt_handshake_server_knows(const struct mt_handshake_server *h, const void *packet, size_t len);
struct mt_handshake_server_result mt_handshake_server_take(struct mt_handshake_server *h);

#endif
