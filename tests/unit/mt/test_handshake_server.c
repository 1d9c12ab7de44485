/* The server's side against clients that do not keep to the documents, or keep to older ones. */
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/crypto/dh.h"
#include "daemon/crypto/kdf.h"
#include "daemon/crypto/pq.h"
#include "daemon/mt/handshake_packets.h"
#include "daemon/mt/ids.h"
#include "daemon/mt/plain.h"
#include "daemon/tl/writer.h"
#include "tests/unit/mt/exchange.h"
#include "tests/unit/mt/suites.h"

enum { BODY_AT = 20 };

START_TEST(the_same_query_again_gets_the_same_answer)
{
    struct exchange e;
    uint8_t query[3][1024];
    size_t query_len[3], answer_len[3];
    uint8_t answer[3][1024];

    exchange_init(&e, 1);
    exchange_open(&e);
    for (int i = 0; i < 3; i++) {
        query_len[i] = e.to_server.len;
        memcpy(query[i], e.to_server.data, query_len[i]);
        ck_assert_int_eq(exchange_serve(&e), i == 2);
        answer_len[i] = e.to_client.len;
        memcpy(answer[i], e.to_client.data, answer_len[i]);
        ck_assert_int_eq(exchange_serve(&e), 0);
        check_bytes(e.to_client.data, e.to_client.len, answer[i], answer_len[i], "the second answer");
        ck_assert_int_eq(exchange_take(&e), i == 2);
    }
    struct mt_handshake_server_result s = mt_handshake_server_take(e.server);
    ck_assert_ptr_nonnull(s.key);
    mt_auth_key_free(s.key);
    for (int i = 2; i >= 0; i--) {
        buf_reset(&e.to_server);
        buf_put(&e.to_server, query[i], query_len[i]);
        e.to_server.data[8] ^= 4; /* another message id does not make it another query */
        ck_assert_int_eq(exchange_serve(&e), 0);
        check_bytes(e.to_client.data, e.to_client.len, answer[i], answer_len[i], "the late answer");
    }
    exchange_fini(&e);
}
END_TEST

/* Runs the client to its query number STEP (0..2), which then lies in to_server. */
static void run_to(struct exchange *e, uint64_t seed, int step)
{
    exchange_init(e, seed);
    exchange_open(e);
    for (int i = 0; i < step; i++) {
        ck_assert_int_eq(exchange_serve(e), 0);
        ck_assert_int_eq(exchange_take(e), 0);
    }
}

START_TEST(a_changed_byte_anywhere_in_a_query_is_refused_and_the_true_one_still_served)
{
    struct exchange e;

    for (int step = 1; step < 3; step++) {
        run_to(&e, 7, step);
        size_t from = BODY_AT, len = e.to_server.len;
        for (size_t at = 0; at < len; at += at < from + 100 ? 1 : 7) {
            if (at == 8)
                at = 16; /* the message id may be any */
            if (step == 1 && ((at > from + 40 && at < from + 44) || (at > from + 48 && at < from + 52)))
                continue; /* so may the padding behind p and q */
            e.to_server.data[at] ^= 0x10;
            int err = exchange_serve(&e);
            ck_assert_msg(err == 404, "query %d, byte %zu: %d", step, at, err);
            ck_assert_uint_eq(e.to_client.len, 0);
            ck_assert_str_ne(e.server_fault.text, "");
            e.to_server.data[at] ^= 0x10;
        }
        ck_assert_int_eq(exchange_serve(&e), step == 2);
        exchange_fini(&e);
    }
}
END_TEST

START_TEST(another_dc_gets_444)
{
    static const struct {
        int32_t client, server;
        bool test, any;
        int want;
    } cases[] = {
        {2, 2, false, false, 0},           {-2, 2, false, false, 0},     {1, 2, false, false, 444},
        {10002, 2, false, false, 444},     {10002, 2, true, false, 0},   {-10002, 2, true, false, 0},
        {2, 2, true, false, 444},          {10001, 2, true, false, 444}, {77, 2, false, true, 0},
        {INT32_MIN, 2, false, false, 444},
    };
    struct exchange e;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        exchange_init(&e, i);
        e.client_config.dc = cases[i].client;
        e.server_config.dc = cases[i].server;
        e.server_config.test = cases[i].test;
        e.server_config.any_dc = cases[i].any;
        exchange_open(&e);
        ck_assert_int_eq(exchange_serve(&e), 0);
        ck_assert_int_eq(exchange_take(&e), 0);
        int err = exchange_serve(&e);
        ck_assert_msg(err == cases[i].want, "case %zu: %d", i, err);
        exchange_fini(&e);
    }
}
END_TEST

START_TEST(the_first_query_is_answered_whatever_its_message_id)
{
    struct exchange e;

    exchange_init(&e, 9);
    exchange_open(&e);
    le64_store(e.to_server.data + 8, 1);
    ck_assert_int_eq(exchange_serve(&e), 0);
    ck_assert_int_eq(exchange_take(&e), 0);
    e.to_server.data[8] |= 1;
    ck_assert_int_eq(exchange_serve(&e), 404);
    exchange_fini(&e);
}
END_TEST

START_TEST(queries_out_of_turn_and_foreign_ones_are_refused)
{
    struct exchange e, other;

    run_to(&e, 11, 2);
    exchange_init(&other, 12);
    exchange_open(&other);
    struct mt_handshake_server *server = other.server;
    ck_assert_int_eq(mt_handshake_server_feed(server, e.to_server.data, e.to_server.len, &e.to_client, NULL), 404);
    ck_assert_int_eq(mt_handshake_server_feed(server, "\0\0\0\0", 4, &e.to_client, NULL), 404);
    e.to_server.data[8] |= 1; /* a server's message id */
    ck_assert_int_eq(exchange_serve(&e), 404);
    buf_reset(&e.to_server);
    mt_plain_pack(&e.to_server, 4, "\x01\x02\x03\x04", 4);
    ck_assert_int_eq(exchange_serve(&e), 404);
    ck_assert_ptr_null(mt_handshake_server_take(e.server).key);
    exchange_fini(&e);
    exchange_fini(&other);
}
END_TEST

/* A client by hand, for what ours does not do. */
struct hand {
    struct exchange e;
    struct tl_reader r;
    uint8_t nonce[16], server_nonce[16], new_nonce[32], pq[8], p[8], q[8];
    size_t pq_len, p_len, q_len;
    uint64_t msg_id;
};

static int hand_send(struct hand *h, struct buf *body)
{
    uint64_t id;
    const uint8_t *answer;
    size_t len;

    buf_reset(&h->e.to_server);
    mt_plain_pack(&h->e.to_server, h->msg_id += 4, body->data, body->len);
    buf_fini(body);
    int err = exchange_serve(&h->e);
    if (err == 0 || err == 1) {
        ck_assert_int_eq(mt_plain_parse(h->e.to_client.data, h->e.to_client.len, &id, &answer, &len), 0);
        ck_assert_uint_eq(id % 4, 1);
        tl_reader_init(&h->r, answer, len);
    }
    return err;
}

static void hand_req_pq(struct hand *h, uint32_t id)
{
    struct buf b;
    uint64_t pq, p, q;

    exchange_init(&h->e, 21);
    h->msg_id = UINT64_C(1700000000) << 32;
    exchange_open(&h->e);
    memset(h->nonce, 0x11, 16);
    memset(h->new_nonce, 0x22, 32);
    buf_init(&b, 1000);
    tl_write_u32(&b, id);
    tl_write_raw(&b, h->nonce, 16);
    ck_assert_int_eq(hand_send(h, &b), 0);
    ck_assert_uint_eq(tl_read_u32(&h->r), MT_RES_PQ);
    tl_read_raw(&h->r, 16);
    memcpy(h->server_nonce, tl_read_raw(&h->r, 16), 16);
    const uint8_t *bytes = tl_read_bytes(&h->r, &h->pq_len);
    memcpy(h->pq, bytes, h->pq_len);
    ck_assert_int_eq(pq_parse(h->pq, h->pq_len, &pq), 0);
    ck_assert_int_eq(pq_factor(pq, &p, &q), 0);
    h->p_len = pq_bytes(p, h->p);
    h->q_len = pq_bytes(q, h->q);
}

static void hand_inner(struct hand *h, struct buf *b, uint32_t id)
{
    buf_init(b, 1000);
    tl_write_u32(b, id);
    tl_write_bytes(b, h->pq, h->pq_len);
    tl_write_bytes(b, h->p, h->p_len);
    tl_write_bytes(b, h->q, h->q_len);
    tl_write_raw(b, h->nonce, 16);
    tl_write_raw(b, h->server_nonce, 16);
    tl_write_raw(b, h->new_nonce, 32);
}

static int hand_req_dh_spoilt(struct hand *h, struct buf *inner, bool old_rsa, bool spoilt)
{
    uint8_t encrypted[256], block[256] = {0};
    struct buf b;

    if (old_rsa) {
        hash_sha1(HASH_PIECES({inner->data, inner->len}), block + 1);
        block[1] ^= spoilt;
        memcpy(block + 21, inner->data, inner->len);
        memset(block + 21 + inner->len, 0x5a, 256 - 21 - inner->len);
        ck_assert_int_eq(rsa_public_raw(test_server_key(), block, encrypted), 0);
    } else {
        ck_assert_int_eq(
            rsa_pad_encrypt(test_server_key(), inner->data, inner->len, &h->e.client_random.source, encrypted), 0);
    }
    buf_fini(inner);
    buf_init(&b, 1000);
    tl_write_u32(&b, MT_REQ_DH_PARAMS);
    tl_write_raw(&b, h->nonce, 16);
    tl_write_raw(&b, h->server_nonce, 16);
    tl_write_bytes(&b, h->p, h->p_len);
    tl_write_bytes(&b, h->q, h->q_len);
    tl_write_u64(&b, rsa_key_fingerprint(test_server_key()));
    tl_write_bytes(&b, encrypted, 256);
    return hand_send(h, &b);
}

static int hand_req_dh(struct hand *h, struct buf *inner, bool old_rsa)
{
    return hand_req_dh_spoilt(h, inner, old_rsa, false);
}

enum finish { FINISH_WELL, FINISH_WEAK, FINISH_NONCE, FINISH_RETRY_ID, FINISH_HASH };

/* Up to dh_gen, with one thing wrong: a g_b far too small, another nonce, another retry_id, another SHA-1. */
static int hand_finish(struct hand *h, enum finish how)
{
    uint8_t plain[HANDSHAKE_HASHED_MAX], secret[256], g_b[256];
    struct handshake_spoilt spoilt = {.hash_xor = 1};
    struct handshake_tmp tmp;
    struct buf inner, b;
    size_t len;

    ck_assert_uint_eq(tl_read_u32(&h->r), MT_SERVER_DH_PARAMS_OK);
    tl_read_raw(&h->r, 32);
    const uint8_t *enc = tl_read_bytes(&h->r, &len);
    kdf_tmp_aes(h->new_nonce, h->server_nonce, tmp.key, tmp.iv);
    ck_assert_int_eq(handshake_hashed_open(&tmp, enc, len, plain), 0);
    memset(secret, 0x77, sizeof(secret));
    ck_assert_int_eq(dh_power_small(dh_telegram_prime, 3, secret, 256, g_b), 0);
    if (how == FINISH_WEAK) { /* 3^1 */
        memset(g_b, 0, sizeof(g_b));
        g_b[255] = 3;
    }
    buf_init(&inner, 1000);
    tl_write_u32(&inner, MT_CLIENT_DH_INNER_DATA);
    tl_write_raw(&inner, how == FINISH_NONCE ? h->server_nonce : h->nonce, 16);
    tl_write_raw(&inner, h->server_nonce, 16);
    tl_write_u64(&inner, how == FINISH_RETRY_ID);
    tl_write_bytes(&inner, g_b, 256);
    buf_init(&b, 1000);
    tl_write_u32(&b, MT_SET_CLIENT_DH_PARAMS);
    tl_write_raw(&b, h->nonce, 16);
    tl_write_raw(&b, h->server_nonce, 16);
    ck_assert_int_eq(handshake_hashed_put(&b, &tmp, inner.data, inner.len, how == FINISH_HASH ? &spoilt : NULL,
                                          &h->e.client_random.source),
                     0);
    buf_fini(&inner);
    return hand_send(h, &b);
}

START_TEST(older_forms_are_served_and_reported)
{
    static const struct {
        uint32_t req_pq, inner;
        bool old_rsa;
        unsigned oddities;
    } cases[] = {
        {MT_REQ_PQ_MULTI, 0x83c95aec, false, MT_ODD_INNER_WITHOUT_DC},
        {MT_REQ_PQ_MULTI, 0x3c6a84d4, false, MT_ODD_INNER_WITHOUT_DC},
        {0x60469778, 0x83c95aec, true, MT_ODD_INNER_WITHOUT_DC | MT_ODD_OLD_RSA | MT_ODD_REQ_PQ},
        {0x60469778, MT_P_Q_INNER_DATA_DC, false, MT_ODD_REQ_PQ},
        {MT_REQ_PQ_MULTI, MT_P_Q_INNER_DATA_DC, true, MT_ODD_OLD_RSA},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct hand h;
        struct buf inner;
        hand_req_pq(&h, cases[i].req_pq);
        hand_inner(&h, &inner, cases[i].inner);
        if (cases[i].inner == MT_P_Q_INNER_DATA_DC)
            tl_write_i32(&inner, 2);
        if (cases[i].inner == 0x3c6a84d4)
            tl_write_i32(&inner, 3600);
        ck_assert_int_eq(hand_req_dh(&h, &inner, cases[i].old_rsa), 0);
        ck_assert_int_eq(hand_finish(&h, FINISH_WELL), 1);
        ck_assert_uint_eq(tl_read_u32(&h.r), MT_DH_GEN_OK);
        struct mt_handshake_server_result s = mt_handshake_server_take(h.e.server);
        ck_assert_uint_eq(s.oddities, cases[i].oddities);
        ck_assert_int_eq(s.dc, cases[i].inner == MT_P_Q_INNER_DATA_DC ? 2 : 0);
        ck_assert_int_eq(s.temporary, cases[i].inner == 0x3c6a84d4);
        mt_auth_key_free(s.key);
        exchange_fini(&h.e);
    }
}
END_TEST

START_TEST(a_client_dh_with_one_thing_wrong_is_refused)
{
    for (int how = FINISH_WEAK; how <= FINISH_HASH; how++) {
        struct hand h;
        struct buf inner;
        hand_req_pq(&h, MT_REQ_PQ_MULTI);
        hand_inner(&h, &inner, MT_P_Q_INNER_DATA_DC);
        tl_write_i32(&inner, 2);
        ck_assert_int_eq(hand_req_dh(&h, &inner, false), 0);
        ck_assert_int_eq(hand_finish(&h, (enum finish)how), 404);
        ck_assert_ptr_null(mt_handshake_server_take(h.e.server).key);
        exchange_fini(&h.e);
    }
}
END_TEST

START_TEST(factors_with_leading_zeros_or_exchanged_are_refused)
{
    struct hand h;
    struct buf inner;
    uint8_t swap[8];

    hand_req_pq(&h, MT_REQ_PQ_MULTI);
    memmove(h.p + 1, h.p, h.p_len);
    h.p[0] = 0;
    h.p_len++;
    hand_inner(&h, &inner, MT_P_Q_INNER_DATA_DC);
    tl_write_i32(&inner, 2);
    ck_assert_int_eq(hand_req_dh(&h, &inner, false), 404);
    exchange_fini(&h.e);

    hand_req_pq(&h, MT_REQ_PQ_MULTI);
    memcpy(swap, h.p, 8);
    memcpy(h.p, h.q, 8);
    memcpy(h.q, swap, 8);
    hand_inner(&h, &inner, MT_P_Q_INNER_DATA_DC);
    tl_write_i32(&inner, 2);
    ck_assert_int_eq(hand_req_dh(&h, &inner, false), 404);
    exchange_fini(&h.e);
}
END_TEST

START_TEST(inner_data_with_one_thing_wrong_is_refused)
{
    for (int wrong = 0; wrong < 5; wrong++) {
        struct hand h;
        struct buf inner;
        hand_req_pq(&h, MT_REQ_PQ_MULTI);
        uint8_t keep = h.server_nonce[0];
        h.pq[h.pq_len - 1] ^= wrong == 0 ? 2 : 0;
        h.server_nonce[0] ^= wrong == 1;
        hand_inner(&h, &inner, wrong == 2 ? 0x12345678 : MT_P_Q_INNER_DATA_DC);
        h.server_nonce[0] = keep;
        if (wrong != 3)
            tl_write_i32(&inner, 2);
        if (wrong == 3) /* the old form of the padding, cut, so that what follows is random: another DC, or none */
            inner.data[inner.len - 1] ^= 1;
        bool old_rsa = wrong >= 3;
        int err = hand_req_dh_spoilt(&h, &inner, old_rsa, wrong == 4);
        ck_assert_msg(err == 404 || (wrong == 3 && err == 444), "%d: %d", wrong, err);
        exchange_fini(&h.e);
    }
}
END_TEST

START_TEST(a_temporary_key_without_a_life_is_refused)
{
    struct hand h;
    struct buf inner;

    hand_req_pq(&h, MT_REQ_PQ_MULTI);
    hand_inner(&h, &inner, MT_P_Q_INNER_DATA_TEMP_DC);
    tl_write_i32(&inner, 2);
    tl_write_i32(&inner, 0);
    ck_assert_int_eq(hand_req_dh(&h, &inner, false), 404);
    exchange_fini(&h.e);
}
END_TEST

Suite *suite_handshake_server(void)
{
    Suite *s = suite_create("mt/handshake_server");
    TCase *t = tcase_create("server");

    tcase_set_timeout(t, 60);
    tcase_add_test(t, the_same_query_again_gets_the_same_answer);
    tcase_add_test(t, a_changed_byte_anywhere_in_a_query_is_refused_and_the_true_one_still_served);
    tcase_add_test(t, another_dc_gets_444);
    tcase_add_test(t, the_first_query_is_answered_whatever_its_message_id);
    tcase_add_test(t, queries_out_of_turn_and_foreign_ones_are_refused);
    tcase_add_test(t, older_forms_are_served_and_reported);
    tcase_add_test(t, a_client_dh_with_one_thing_wrong_is_refused);
    tcase_add_test(t, factors_with_leading_zeros_or_exchanged_are_refused);
    tcase_add_test(t, inner_data_with_one_thing_wrong_is_refused);
    tcase_add_test(t, a_temporary_key_without_a_life_is_refused);
    suite_add_tcase(s, t);
    return s;
}
