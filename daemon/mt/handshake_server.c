#include "daemon/mt/handshake_server.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/crypto/dh.h"
#include "daemon/crypto/kdf.h"
#include "daemon/mt/handshake_server_internal.h"
#include "daemon/mt/ids.h"
#include "daemon/mt/plain.h"
#include "daemon/tl/writer.h"

enum { DRAWS_MAX = 16, TAIL = 84, TOO_MUCH_PADDING = 16 };

int mt_handshake_server_new(const struct mt_handshake_server_config *config, struct mt_handshake_server **ret)
{
    struct mt_handshake_server *h = calloc(1, sizeof(*h));

    if (!h)
        return TGC_ENOMEM;
    h->config = *config;
    for (size_t i = 0; i < HANDSHAKE_STEPS; i++) {
        buf_init(&h->done[i].query, HANDSHAKE_BODY_MAX);
        buf_init(&h->done[i].answer, HANDSHAKE_BODY_MAX);
    }
    handshake_choose_group(h);
    *ret = h;
    return 0;
}

void mt_handshake_server_free(struct mt_handshake_server *h)
{
    if (!h)
        return;
    for (size_t i = 0; i < HANDSHAKE_STEPS; i++) {
        buf_fini(&h->done[i].query);
        buf_fini(&h->done[i].answer);
    }
    mt_auth_key_free(h->result.key);
    explicit_bzero(h, sizeof(*h));
    free(h);
}

/* A nonce as the answer has it: false in one bit where LIE is told. */
void handshake_write_nonce(const struct mt_handshake_server *h, struct buf *b, const uint8_t nonce[static 16],
                           enum mt_handshake_lie lie)
{
    uint8_t told[16];

    memcpy(told, nonce, 16);
    if (handshake_tells(h, lie))
        told[15] ^= 1;
    tl_write_raw(b, told, 16);
}

static int draw_a(struct mt_handshake_server *h)
{
    int err = TGC_ECRYPTO;

    for (int i = 0; i < DRAWS_MAX && err == TGC_ECRYPTO; i++) {
        random_fill(h->config.random, h->a, sizeof(h->a));
        err = dh_power_small(h->prime, h->g, h->a, sizeof(h->a), h->g_a);
        if (!err)
            err = dh_check_public(h->prime, h->g_a);
    }
    return err;
}

static int write_answer(struct mt_handshake_server *h, struct buf *b)
{
    struct handshake_told told;
    struct buf inner;
    int64_t now_us = clock_wall_us(h->config.clock) + h->config.time_skew_us;

    handshake_tell_group(h, &told);
    buf_init(&inner, HANDSHAKE_BODY_MAX);
    tl_write_u32(&inner, MT_SERVER_DH_INNER_DATA);
    handshake_write_nonce(h, &inner, h->nonce, MT_LIE_INNER_NONCE);
    handshake_write_nonce(h, &inner, h->server_nonce, MT_LIE_INNER_SERVER_NONCE);
    tl_write_i32(&inner, told.g);
    tl_write_bytes(&inner, told.prime, told.prime_len);
    tl_write_bytes(&inner, told.g_a, told.g_a_len);
    tl_write_i32(&inner, (int32_t)(now_us / SECOND_US));

    kdf_tmp_aes(h->new_nonce, h->server_nonce, h->tmp.key, h->tmp.iv);
    struct handshake_spoilt spoilt = {
        .extra = handshake_tells(h, MT_LIE_ANSWER_LENGTH)    ? 4
                 : handshake_tells(h, MT_LIE_ANSWER_PADDING) ? TOO_MUCH_PADDING
                                                             : 0,
        .hash_xor = handshake_tells(h, MT_LIE_ANSWER_HASH),
    };
    int err = buf_err(&inner);
    if (!err)
        err = handshake_hashed_put(b, &h->tmp, inner.data, inner.len, &spoilt, h->config.random);
    buf_fini(&inner);
    return err;
}

static int on_req_dh_params(struct mt_handshake_server *h, struct tl_reader *r, struct buf *b, struct fault *fault)
{
    size_t p_len, q_len, encrypted_len;

    (void)tl_read_u32(r);
    bool nonces = handshake_read_nonce(r, h->nonce) && handshake_read_nonce(r, h->server_nonce);
    const uint8_t *p = tl_read_bytes(r, &p_len);
    const uint8_t *q = tl_read_bytes(r, &q_len);
    uint64_t fingerprint = tl_read_u64(r);
    const uint8_t *encrypted = tl_read_bytes(r, &encrypted_len);
    if (h->step != HANDSHAKE_WAIT_DH)
        return fault_set(fault, HANDSHAKE_WRONG_QUERY, "req_DH_params is not due");
    if (r->err || encrypted_len != 256)
        return fault_set(fault, HANDSHAKE_WRONG_QUERY, "req_DH_params is malformed");
    if (!nonces)
        return fault_set(fault, HANDSHAKE_WRONG_QUERY, "req_DH_params carries other nonces");
    if (p_len != h->p_len || memcmp(p, h->p, p_len) != 0 || q_len != h->q_len || memcmp(q, h->q, q_len) != 0)
        return fault_set(fault, HANDSHAKE_WRONG_QUERY,
                         "req_DH_params carries other factors than p < q in their shortest form");
    if (fingerprint != rsa_key_fingerprint(h->config.key))
        return fault_set(fault, HANDSHAKE_WRONG_QUERY, "req_DH_params names another key");
    int err = handshake_server_inner(h, encrypted, fault);
    if (!err)
        err = draw_a(h);
    if (err)
        return err;
    bool fails = handshake_tells(h, MT_LIE_DH_PARAMS_FAIL);
    tl_write_u32(b, fails ? MT_SERVER_DH_PARAMS_FAIL : MT_SERVER_DH_PARAMS_OK);
    handshake_write_nonce(h, b, h->nonce, MT_LIE_DH_PARAMS_NONCE);
    handshake_write_nonce(h, b, h->server_nonce, MT_LIE_DH_PARAMS_SERVER_NONCE);
    h->step = HANDSHAKE_WAIT_CLIENT_DH;
    if (!fails)
        return write_answer(h, b);
    uint8_t sha1[HANDSHAKE_SHA1];
    hash_sha1(HASH_PIECES({h->new_nonce, 32}), sha1);
    tl_write_raw(b, sha1 + 4, 16);
    return 0;
}

/* client_DH_inner_data → g_b, or a refusal. */
static int open_client_dh(struct mt_handshake_server *h, const uint8_t *enc, size_t len, uint8_t g_b[static 256],
                          struct fault *fault)
{
    uint8_t plain[HANDSHAKE_HASHED_MAX];
    struct tl_reader r;
    size_t g_b_len;

    int err = handshake_hashed_open(&h->tmp, enc, len, plain);
    if (err == TGC_ECRYPTO)
        return fault_set(fault, HANDSHAKE_WRONG_QUERY,
                         "encrypted_data of set_client_DH_params has an impossible length");
    if (err)
        return err;
    tl_reader_init(&r, plain + HANDSHAKE_SHA1, len - HANDSHAKE_SHA1);
    uint32_t id = tl_read_u32(&r);
    bool nonces = handshake_read_nonce(&r, h->nonce) && handshake_read_nonce(&r, h->server_nonce);
    const uint8_t *retry_id = tl_read_raw(&r, 8);
    const uint8_t *bytes = tl_read_bytes(&r, &g_b_len);
    if (id != MT_CLIENT_DH_INNER_DATA || r.err || handshake_hashed_check(plain, len, tl_reader_offset(&r)))
        return fault_set(fault, HANDSHAKE_WRONG_QUERY, "client_DH_inner_data is malformed or its SHA-1 wrong");
    if (!nonces)
        return fault_set(fault, HANDSHAKE_WRONG_QUERY, "client_DH_inner_data carries other nonces");
    if (memcmp(retry_id, h->retry_id, 8) != 0)
        return fault_set(fault, HANDSHAKE_WRONG_QUERY, "client_DH_inner_data carries another retry_id");
    if (dh_pad(bytes, g_b_len, g_b) || dh_check_public(h->prime, g_b))
        return fault_set(fault, HANDSHAKE_WRONG_QUERY, "The client's g_b is out of range");
    return 0;
}

/* 1 ok, 2 retry, 3 fail: also the N of new_nonce_hashN. */
static int verdict(struct mt_handshake_server *h)
{
    if (handshake_tells(h, MT_LIE_DH_GEN_FAIL))
        return 3;
    if (handshake_tells(h, MT_LIE_DH_GEN_RETRY_ALWAYS) || (handshake_tells(h, MT_LIE_LEGAL_RETRY_ONCE) && !h->retried))
        return 2;
    return 1;
}

static void write_dh_gen(struct mt_handshake_server *h, struct buf *b, int n)
{
    static const uint32_t ids[] = {0, MT_DH_GEN_OK, MT_DH_GEN_RETRY, MT_DH_GEN_FAIL};
    uint8_t hash[16];

    kdf_new_nonce_hash(h->new_nonce, n, h->result.key->aux_hash, hash);
    tl_write_u32(b, ids[n]);
    handshake_write_nonce(h, b, h->nonce, MT_LIE_DH_GEN_NONCE);
    handshake_write_nonce(h, b, h->server_nonce, MT_LIE_DH_GEN_SERVER_NONCE);
    handshake_write_nonce(h, b, hash, MT_LIE_DH_GEN_HASH);
}

static int on_set_client_dh(struct mt_handshake_server *h, struct tl_reader *r, struct buf *b, struct fault *fault)
{
    uint8_t g_b[256], key[256];
    size_t len;

    (void)tl_read_u32(r);
    bool nonces = handshake_read_nonce(r, h->nonce) && handshake_read_nonce(r, h->server_nonce);
    const uint8_t *enc = tl_read_bytes(r, &len);
    if (h->step != HANDSHAKE_WAIT_CLIENT_DH)
        return fault_set(fault, HANDSHAKE_WRONG_QUERY, "set_client_DH_params is not due");
    if (r->err || !nonces)
        return fault_set(fault, HANDSHAKE_WRONG_QUERY, "set_client_DH_params is malformed or carries other nonces");
    int err = open_client_dh(h, enc, len, g_b, fault);
    if (!err)
        err = dh_power(h->prime, g_b, h->a, sizeof(h->a), key);
    if (err)
        return err;
    mt_auth_key_free(h->result.key);
    h->result.key = mt_auth_key_new(key);
    explicit_bzero(key, sizeof(key));
    if (!h->result.key)
        return TGC_ENOMEM;
    int n = verdict(h);
    write_dh_gen(h, b, n);
    if (n == 2) {
        memcpy(h->retry_id, h->result.key->aux_hash, 8);
        h->retried = true;
    } else {
        h->step = n == 1 ? HANDSHAKE_MADE : HANDSHAKE_WAIT_PQ;
    }
    return n == 1;
}

static const struct {
    uint32_t id;
    enum handshake_step slot;
    int (*handler)(struct mt_handshake_server *h, struct tl_reader *r, struct buf *b, struct fault *fault);
} queries[] = {
    {MT_REQ_PQ_MULTI, HANDSHAKE_WAIT_PQ, handshake_server_on_req_pq},
    {HANDSHAKE_REQ_PQ, HANDSHAKE_WAIT_PQ, handshake_server_on_req_pq},
    {MT_REQ_DH_PARAMS, HANDSHAKE_WAIT_DH, on_req_dh_params},
    {MT_SET_CLIENT_DH_PARAMS, HANDSHAKE_WAIT_CLIENT_DH, on_set_client_dh},
};

/* Packs BODY into OUT and keeps query and answer. */
static int answer(struct mt_handshake_server *h, struct handshake_exchange *e, const uint8_t *query, size_t len,
                  struct buf *body, struct buf *out)
{
    uint8_t tail[TAIL];

    if (handshake_tells(h, MT_LIE_LEGAL_LONG_TAIL)) {
        random_fill(h->config.random, tail, sizeof(tail));
        buf_put(body, tail, sizeof(tail));
    }
    buf_reset(&e->query);
    buf_reset(&e->answer);
    if (buf_err(body))
        return buf_err(body);
    int64_t now_us = clock_wall_us(h->config.clock) + h->config.time_skew_us;
    mt_plain_pack(&e->answer, mt_msg_id_next(&h->ids, now_us, MT_MSG_ID_ANSWER), body->data, body->len);
    buf_put(&e->query, query, len);
    if (buf_err(&e->answer) || buf_err(&e->query))
        return TGC_ENOMEM;
    return buf_put(out, e->answer.data, e->answer.len);
}

static bool is_same(const struct handshake_exchange *e, const uint8_t *query, size_t len)
{
    return e->query.len == len && memcmp(e->query.data, query, len) == 0;
}

bool mt_handshake_server_knows(const struct mt_handshake_server *h, const void *packet, size_t len)
{
    uint64_t msg_id;
    const uint8_t *query;
    size_t query_len;

    if (mt_plain_parse(packet, len, &msg_id, &query, &query_len))
        return false;
    for (size_t i = 0; i < HANDSHAKE_STEPS; i++)
        if (is_same(&h->done[i], query, query_len))
            return true;
    return false;
}

int mt_handshake_server_feed(struct mt_handshake_server *h, const void *packet, size_t len, struct buf *out,
                             struct fault *fault)
{
    uint64_t msg_id;
    const uint8_t *query;
    size_t query_len, i = 0;
    struct tl_reader r;
    struct buf body;

    fault_clear(fault);
    if (mt_plain_parse(packet, len, &msg_id, &query, &query_len) || query_len > HANDSHAKE_BODY_MAX)
        return fault_set(fault, HANDSHAKE_WRONG_QUERY, "The client sent no plain message");
    uint32_t id = le32_load(query);
    while (i < sizeof(queries) / sizeof(queries[0]) && queries[i].id != id)
        i++;
    if (i == sizeof(queries) / sizeof(queries[0]))
        return fault_set(fault, HANDSHAKE_WRONG_QUERY,
                         "The client sent a query that does not belong to the key exchange");
    if (msg_id % 4 != 0 && queries[i].slot != HANDSHAKE_WAIT_PQ)
        return fault_set(fault, HANDSHAKE_WRONG_QUERY, "The client sent a message id that is no multiple of 4");
    struct handshake_exchange *e = &h->done[queries[i].slot];
    if (is_same(e, query, query_len))
        return buf_put(out, e->answer.data, e->answer.len);

    tl_reader_init(&r, query, query_len);
    buf_init(&body, HANDSHAKE_BODY_MAX);
    int verdict_of = queries[i].handler(h, &r, &body, fault);
    if (verdict_of == 0 || verdict_of == 1) {
        int err = answer(h, e, query, query_len, &body, out);
        verdict_of = err ? err : verdict_of;
    }
    buf_fini(&body);
    return verdict_of;
}

struct mt_handshake_server_result mt_handshake_server_take(struct mt_handshake_server *h)
{
    struct mt_handshake_server_result result = h->result;

    if (h->step != HANDSHAKE_MADE)
        return (struct mt_handshake_server_result){0};
    result.salt = le64_load(h->new_nonce) ^ le64_load(h->server_nonce);
    h->result.key = NULL;
    return result;
}
