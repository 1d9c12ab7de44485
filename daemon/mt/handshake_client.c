#include "daemon/mt/handshake_client.h"

#include <string.h>

#include "daemon/base/le.h"
#include "daemon/base/secret.h"
#include "daemon/crypto/dh.h"
#include "daemon/crypto/kdf.h"
#include "daemon/mt/handshake_client_internal.h"
#include "daemon/mt/ids.h"
#include "daemon/mt/plain.h"
#include "daemon/tl/writer.h"

enum { RETRIES_MAX = 5, DRAWS_MAX = 16 };

int mt_handshake_client_new(const struct mt_handshake_client_config *config, struct mt_handshake_client **ret)
{
    _Static_assert(sizeof(struct mt_handshake_client) <= SECRET_MAX, "fits the memory for secrets");
    struct mt_handshake_client *h = secret_new(sizeof(*h));

    if (!h)
        return TGC_ENOMEM;
    h->config = *config;
    *ret = h;
    return 0;
}

void mt_handshake_client_free(struct mt_handshake_client *h)
{
    if (!h)
        return;
    mt_auth_key_free(h->key);
    secret_free(h);
}

int handshake_client_send(struct mt_handshake_client *h, struct buf *body, struct buf *out)
{
    int err = buf_err(body);

    if (err)
        return err;
    /* The server's time is not known yet; the wall clock is the only guess there is. */
    mt_plain_pack(out, mt_msg_id_next(&h->ids, clock_wall_us(h->config.clock), MT_MSG_ID_CLIENT), body->data,
                  body->len);
    return buf_err(out);
}

int mt_handshake_client_start(struct mt_handshake_client *h, struct buf *out)
{
    struct buf body;

    if (h->step != STEP_NEW)
        return TGC_ESTATE;
    random_fill(h->config.random, h->nonce, sizeof(h->nonce));
    buf_init(&body, HANDSHAKE_BODY_MAX);
    tl_write_u32(&body, MT_REQ_PQ_MULTI);
    tl_write_raw(&body, h->nonce, sizeof(h->nonce));
    int err = handshake_client_send(h, &body, out);
    buf_fini(&body);
    if (!err)
        h->step = STEP_RES_PQ;
    return err;
}

/* Draws b until g_b is in range, takes the powers, and makes the key that this b leads to. */
static int make_key(struct mt_handshake_client *h, uint8_t g_b[static 256])
{
    uint8_t b[256], key[256];
    int err = TGC_ECRYPTO;

    for (int i = 0; i < DRAWS_MAX; i++) {
        random_fill(h->config.random, b, sizeof(b));
        err = dh_power_small(h->p, h->g, b, sizeof(b), g_b);
        if (!err)
            err = dh_check_public(h->p, g_b);
        if (err != TGC_ECRYPTO)
            break;
    }
    if (!err)
        err = dh_power(h->p, h->g_a, b, sizeof(b), key);
    if (!err) {
        mt_auth_key_free(h->key);
        h->key = mt_auth_key_new(key);
        err = h->key ? 0 : TGC_ENOMEM;
    }
    explicit_bzero(b, sizeof(b));
    explicit_bzero(key, sizeof(key));
    return err;
}

static int send_client_dh(struct mt_handshake_client *h, struct buf *out)
{
    struct buf inner, body;
    uint8_t g_b[256];

    buf_init(&inner, HANDSHAKE_BODY_MAX);
    buf_init(&body, HANDSHAKE_BODY_MAX);
    int err = make_key(h, g_b);
    if (err)
        goto done;
    tl_write_u32(&inner, MT_CLIENT_DH_INNER_DATA);
    tl_write_raw(&inner, h->nonce, 16);
    tl_write_raw(&inner, h->server_nonce, 16);
    tl_write_raw(&inner, h->retry_id, 8);
    tl_write_bytes(&inner, g_b, sizeof(g_b));
    tl_write_u32(&body, MT_SET_CLIENT_DH_PARAMS);
    tl_write_raw(&body, h->nonce, 16);
    tl_write_raw(&body, h->server_nonce, 16);
    err = buf_err(&inner);
    if (!err)
        err = handshake_hashed_put(&body, &h->tmp, inner.data, inner.len, NULL, h->config.random);
    if (!err)
        err = handshake_client_send(h, &body, out);
    if (!err)
        h->step = STEP_DH_GEN;
done:
    buf_fini_secret(&inner);
    buf_fini(&body);
    return err;
}

static int parse_inner(struct mt_handshake_client *h, const uint8_t *plain, size_t len, struct fault *fault)
{
    struct tl_reader r;
    size_t p_len, g_a_len;

    tl_reader_init(&r, plain + HANDSHAKE_SHA1, len - HANDSHAKE_SHA1);
    uint32_t id = tl_read_u32(&r);
    const uint8_t *nonce = tl_read_raw(&r, 16);
    const uint8_t *server_nonce = tl_read_raw(&r, 16);
    int32_t g = tl_read_i32(&r);
    const uint8_t *p = tl_read_bytes(&r, &p_len);
    const uint8_t *g_a = tl_read_bytes(&r, &g_a_len);
    int32_t server_time = tl_read_i32(&r);
    if (id != MT_SERVER_DH_INNER_DATA || r.err)
        return fault_set(fault, TGC_ECRYPTO, "The server's encrypted answer is not server_DH_inner_data");
    int err = handshake_hashed_check(plain, len, tl_reader_offset(&r));
    if (err)
        return fault_set(fault, TGC_ECRYPTO,
                         err == TGC_EPROTO ? "The server's encrypted answer has too much padding"
                                           : "The server's encrypted answer has a wrong SHA-1");
    if (!handshake_same(nonce, h->nonce, 16))
        return fault_set(fault, TGC_ECRYPTO, "server_DH_inner_data carries another nonce than ours");
    if (!handshake_same(server_nonce, h->server_nonce, 16))
        return fault_set(fault, TGC_ECRYPTO, "server_DH_inner_data carries another server_nonce than before");
    err = dh_check_group(p, p_len, g, fault);
    if (err)
        return err;
    if (dh_pad(p, p_len, h->p) || dh_pad(g_a, g_a_len, h->g_a) || dh_check_public(h->p, h->g_a))
        return fault_set(fault, TGC_ECRYPTO, "The server's g_a is out of range");
    h->g = g;
    h->server_time = server_time;
    h->time_offset_us = server_time * SECOND_US - clock_mono_us(h->config.clock);
    return 0;
}

static int on_dh_params(struct mt_handshake_client *h, struct tl_reader *r, struct buf *out, struct fault *fault)
{
    uint8_t plain[HANDSHAKE_HASHED_MAX];
    size_t len;

    uint32_t id = tl_read_u32(r);
    if (id != MT_SERVER_DH_PARAMS_OK && id != MT_SERVER_DH_PARAMS_FAIL)
        return fault_set(fault, TGC_EPROTO,
                         "The server answered req_DH_params with another message than server_DH_params");
    if (!handshake_read_nonce(r, h->nonce))
        return fault_set(fault, TGC_ECRYPTO, "server_DH_params carries another nonce than ours");
    if (!handshake_read_nonce(r, h->server_nonce))
        return fault_set(fault, TGC_ECRYPTO, "server_DH_params carries another server_nonce than before");
    if (id == MT_SERVER_DH_PARAMS_FAIL)
        return fault_set(fault, TGC_EPROTO, "The server refused our req_DH_params");
    const uint8_t *enc = tl_read_bytes(r, &len);
    if (r->err)
        return fault_set(fault, TGC_EPROTO, "server_DH_params_ok is malformed");
    kdf_tmp_aes(h->new_nonce, h->server_nonce, h->tmp.key, h->tmp.iv);
    int err = handshake_hashed_open(&h->tmp, enc, len, plain);
    if (err == TGC_ECRYPTO)
        return fault_set(fault, err, "The server's encrypted answer has an impossible length");
    if (!err)
        err = parse_inner(h, plain, len, fault);
    explicit_bzero(plain, sizeof(plain));
    return err ? err : send_client_dh(h, out);
}

static const struct {
    uint32_t id;
    int n;
} dh_gen[] = {{MT_DH_GEN_OK, 1}, {MT_DH_GEN_RETRY, 2}, {MT_DH_GEN_FAIL, 3}};

static int on_dh_gen(struct mt_handshake_client *h, struct tl_reader *r, struct buf *out, struct fault *fault)
{
    uint8_t hash[16];
    int n = 0;

    uint32_t id = tl_read_u32(r);
    for (size_t i = 0; i < sizeof(dh_gen) / sizeof(dh_gen[0]); i++) {
        if (dh_gen[i].id == id)
            n = dh_gen[i].n;
    }
    if (!n)
        return fault_set(fault, TGC_EPROTO,
                         "The server answered set_client_DH_params with another message than dh_gen");
    if (!handshake_read_nonce(r, h->nonce))
        return fault_set(fault, TGC_ECRYPTO, "dh_gen carries another nonce than ours");
    if (!handshake_read_nonce(r, h->server_nonce))
        return fault_set(fault, TGC_ECRYPTO, "dh_gen carries another server_nonce than before");
    kdf_new_nonce_hash(h->new_nonce, n, h->key->aux_hash, hash);
    if (!handshake_read_nonce(r, hash))
        return fault_set(fault, TGC_ECRYPTO, "dh_gen carries a wrong new_nonce_hash");
    if (id == MT_DH_GEN_FAIL)
        return fault_set(fault, TGC_EPROTO, "The server refused to make the key");
    if (id == MT_DH_GEN_OK) {
        h->step = STEP_DONE;
        return 1;
    }
    if (h->retries++ >= RETRIES_MAX)
        return fault_set(fault, TGC_EPROTO, "The server asked for another key too often");
    memcpy(h->retry_id, h->key->aux_hash, 8);
    return send_client_dh(h, out);
}

static int step(struct mt_handshake_client *h, struct tl_reader *r, struct buf *out, struct fault *fault)
{
    switch (h->step) {
    case STEP_RES_PQ:
        return handshake_client_on_res_pq(h, r, out, fault);
    case STEP_DH_PARAMS:
        return on_dh_params(h, r, out, fault);
    case STEP_DH_GEN:
        return on_dh_gen(h, r, out, fault);
    default:
        return fault_set(fault, TGC_ESTATE, "The key exchange is over or not begun");
    }
}

int mt_handshake_client_feed(struct mt_handshake_client *h, const void *packet, size_t len, struct buf *out,
                             struct fault *fault)
{
    struct tl_reader r;
    uint64_t msg_id;
    const uint8_t *body;
    size_t body_len;
    int err;

    fault_clear(fault);
    if (mt_plain_parse(packet, len, &msg_id, &body, &body_len)) {
        err = fault_set(fault, TGC_EPROTO, "The server sent no plain message");
    } else if (msg_id % 2 == 0) {
        err = fault_set(fault, TGC_EPROTO, "The server sent a message with a client's id");
    } else {
        tl_reader_init(&r, body, body_len);
        err = step(h, &r, out, fault);
    }
    if (err < 0)
        h->step = STEP_FAILED;
    return err;
}

struct mt_handshake_result mt_handshake_client_take(struct mt_handshake_client *h)
{
    struct mt_handshake_result result = {.time_offset_us = h->time_offset_us};

    if (h->step != STEP_DONE)
        return result;
    result.key = h->key;
    h->key = NULL;
    result.salt = le64_load(h->new_nonce) ^ le64_load(h->server_nonce);
    result.expires_at = h->config.expires_in ? (int64_t)h->server_time + h->config.expires_in : 0;
    return result;
}
