/* Each allocation fails in turn: an error comes back, nothing leaks (the sanitizer build looks), and what goes on goes
 * on. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/gzip.h"
#include "daemon/base/le.h"
#include "tests/unit/mt/exchange.h"
#include "tests/unit/mt/peer.h"
#include "tests/support/starve.h"
#include "tests/unit/mt/suites.h"

enum { ROUNDS_MAX = 400 };

START_TEST(a_starved_key_exchange_ends_with_an_error)
{
    (void)test_server_key();
    for (long n = 0;; n++) {
        struct exchange e;
        ck_assert_int_lt(n, ROUNDS_MAX);
        exchange_init(&e, 1);
        starve_at(n);
        int err = mt_handshake_client_new(&e.client_config, &e.client);
        if (!err)
            err = mt_handshake_server_new(&e.server_config, &e.server);
        if (!err)
            err = mt_handshake_client_start(e.client, &e.to_server);
        for (int i = 0; i < 3 && (err == 0 || err == 1); i++) {
            err = exchange_serve(&e);
            if (err == 0 || err == 1)
                err = exchange_take(&e);
        }
        bool starved = starve_end();
        if (starved)
            ck_assert_msg(err == TGC_ENOMEM || err == TGC_ECRYPTO, "allocation %ld: %d", n, err);
        else
            ck_assert_int_eq(err, 1);
        exchange_fini(&e);
        if (!starved)
            break;
    }
}
END_TEST

/* A packet for the session as the server makes it, while memory is there. */
struct packet {
    uint8_t *data;
    size_t len;
};

static struct packet seal(struct desk *d, uint32_t seq_no)
{
    struct packet p;

    p.data = desk_seal(d, mt_session_id(d->s), desk_next_id(d, MT_MSG_ID_SERVER), seq_no, &p.len);
    return p;
}

/* Until it succeeds: a reconnect brings the same packet once more. */
static void feed(struct desk *d, struct packet p)
{
    int err = TGC_ENOMEM;

    for (int i = 0; i < 3 && err == TGC_ENOMEM; i++) {
        uint8_t *copy = malloc(p.len);
        memcpy(copy, p.data, p.len);
        starve_resume();
        err = mt_session_feed(d->s, copy, p.len, NULL);
        starve_pause();
        free(copy);
    }
    ck_assert_int_eq(err, 0);
    free(p.data);
}

static size_t flush(struct desk *d, uint8_t *out, size_t size)
{
    int more = TGC_ENOMEM;

    for (int i = 0; i < 3 && more == TGC_ENOMEM; i++) {
        buf_reset(&d->packet);
        starve_resume();
        more = mt_session_flush(d->s, &d->packet);
        starve_pause();
    }
    ck_assert_int_ge(more, 0);
    ck_assert_uint_le(d->packet.len, size);
    memcpy(out, d->packet.data, d->packet.len);
    return more ? d->packet.len : 0;
}

static uint64_t query(struct desk *d, const uint8_t *bytes, size_t len)
{
    uint64_t request = 0;
    int err = TGC_ENOMEM;

    for (int i = 0; i < 3 && err == TGC_ENOMEM; i++) {
        starve_resume();
        err = mt_session_send(d->s, bytes, len, &request);
        starve_pause();
    }
    ck_assert_int_eq(err, 0);
    return request;
}

/* Two queries, one of them packed, an update, a packed answer, an answer, a question for states. */
static void scene(struct desk *d, long n, bool *ret_starved)
{
    static uint8_t out[1 << 16], large[4000];
    struct buf gzip;

    desk_init(d);
    le32_store(large, QUERY_ID);
    struct packet update = (tl_write_u32(desk_begin(d, UPDATE_ID), 1), seal(d, 1));
    starve_pause();
    starve_at(n);
    uint64_t one = query(d, large, 8), two = query(d, large, sizeof(large));
    size_t len = flush(d, out, sizeof(out));
    feed(d, update);
    d->packet.len = 0;
    buf_put(&d->packet, out, len);
    desk_hear_packet(d);
    ck_assert_uint_eq(d->heard_n, 2);
    uint64_t first = d->heard[0].msg_id, second = d->heard[1].msg_id;

    struct buf *b = desk_begin(d, MT_RPC_RESULT);
    tl_write_u64(b, first);
    tl_write_u32(b, MT_GZIP_PACKED);
    buf_init(&gzip, 10000);
    le32_store(large, ANSWER_ID);
    ck_assert_int_eq(gzip_pack(large, sizeof(large), &gzip), 0);
    tl_write_bytes(b, gzip.data, gzip.len);
    struct packet packed = seal(d, 3);
    b = desk_begin(d, MT_RPC_RESULT);
    tl_write_u64(b, second);
    tl_write_u32(b, ANSWER_ID);
    struct packet plain = seal(d, 5);
    le32_store(large, UPDATE_ID);
    buf_reset(&gzip);
    ck_assert_int_eq(gzip_pack(large, sizeof(large), &gzip), 0);
    tl_write_bytes(desk_begin(d, MT_GZIP_PACKED), gzip.data, gzip.len);
    struct packet packed_update = seal(d, 7);
    b = desk_begin(d, MT_MSGS_STATE_REQ);
    tl_write_vector(b, 1);
    tl_write_u64(b, 1);
    struct packet question = seal(d, 9);
    buf_fini(&gzip);
    feed(d, packed);
    feed(d, plain);
    feed(d, packed_update);
    feed(d, question);
    flush(d, out, sizeof(out));
    *ret_starved = starve_end();
    starve_resume();
    ck_assert_uint_eq(mt_session_pending(d->s), 0);
    ck_assert_uint_eq(desk_events(d, EVENT_UPDATE), 2);
    size_t ends = 0;
    for (size_t i = 0; i < d->events_n; i++)
        ends += d->events[i].request == one || d->events[i].request == two;
    ck_assert_uint_eq(ends, 2);
    ck_assert_uint_eq(desk_events(d, EVENT_RESULT) + desk_events(d, EVENT_FAILED), 2);
    desk_fini(d);
}

START_TEST(a_starved_session_loses_and_doubles_nothing)
{
    static struct desk desk;
    bool starved = true;
    long n = 0;

    for (; starved; n++) {
        ck_assert_int_lt(n, ROUNDS_MAX);
        scene(&desk, n, &starved);
    }
    ck_assert_int_gt(n, 15);
}
END_TEST

Suite *suite_starved(void)
{
    Suite *s = suite_create("mt/starved");
    TCase *t = tcase_create("starved");

    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_starved_key_exchange_ends_with_an_error);
    tcase_add_test(t, a_starved_session_loses_and_doubles_nothing);
    suite_add_tcase(s, t);
    return s;
}
