/* Message ids, sequence numbers and containers as a session judges them. */
#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/base/le.h"
#include "daemon/mt/container.h"
#include "tests/support/unit.h"
#include "tests/unit/sandbox/pair.h"
#include "tests/unit/sandbox/suites.h"

static const struct {
    int64_t off_s;
    unsigned low, seq_no;
    uint32_t constructor;
    int code; /* 0: taken */
} numbers[] = {
    {-400, 0, 0, MT_PING, 16},       {-200, 0, 0, MT_PING, 0},    {60, 0, 0, MT_PING, 17},
    {20, 0, 0, MT_PING, 0},          {0, 1, 0, MT_PING, 18},      {0, 2, 0, MT_PING, 18},
    {0, 3, 0, MT_PING, 18},          {0, 0, 1, MT_PING, 0},       {0, 0, 0, 0xc4f9186b, 35},
    {0, 0, 1, MT_MSG_CONTAINER, 34}, {0, 0, 1, MT_HTTP_WAIT, 34}, {0, 0, 0, MT_MSG_CONTAINER, 64},
};

START_TEST(message_numbers_are_judged)
{
    uint8_t body[12] = {0};
    struct raw_message m;

    le32_store(body, numbers[_i].constructor);
    pair_client.now_us = clock_wall_us(&clock_system) + numbers[_i].off_s * SECOND_US;
    raw_send_as(&pair_client, pair_client.salt, raw_msg_id(&pair_client) | numbers[_i].low, numbers[_i].seq_no, body,
                sizeof(body));
    if (numbers[_i].code) {
        ck_assert_int_eq(raw_bad_code(&pair_client), numbers[_i].code);
    } else {
        m = pair_next(MT_PONG);
        free(m.body);
    }
}
END_TEST

START_TEST(seqnos_grow_with_message_ids)
{
    uint64_t first = raw_msg_id(&pair_client), second = raw_msg_id(&pair_client), third = raw_msg_id(&pair_client);

    raw_send_as(&pair_client, pair_client.salt, second, 5, pair_ping, sizeof(pair_ping));
    struct raw_message m = pair_next(MT_PONG);
    free(m.body);
    raw_send_as(&pair_client, pair_client.salt, third, 3, pair_ping, sizeof(pair_ping));
    ck_assert_int_eq(raw_bad_code(&pair_client), 32);
    raw_send_as(&pair_client, pair_client.salt, third, 5, pair_ping, sizeof(pair_ping));
    ck_assert_int_eq(raw_bad_code(&pair_client), 32);
    raw_send_as(&pair_client, pair_client.salt, first, 7, pair_ping, sizeof(pair_ping));
    ck_assert_int_eq(raw_bad_code(&pair_client), 33);
    raw_send_as(&pair_client, pair_client.salt, third, 6, pair_ping, sizeof(pair_ping));
    ck_assert_int_eq(raw_bad_code(&pair_client), 0);
}
END_TEST

/* A container of two pings; EDIT spoils it and says its seqno. */
static void send_container(uint32_t (*edit)(uint8_t *body, uint64_t ids[3]))
{
    uint64_t ids[3] = {raw_msg_id(&pair_client), raw_msg_id(&pair_client), raw_msg_id(&pair_client)};
    struct buf b;

    buf_init(&b, 1024);
    mt_container_begin(&b, 2);
    mt_container_put(&b, ids[0], 0, pair_ping, sizeof(pair_ping));
    mt_container_put(&b, ids[1], 0, pair_ping, sizeof(pair_ping));
    uint32_t seq_no = edit ? edit(b.data, ids) : 0;
    raw_send_as(&pair_client, pair_client.salt, ids[2], seq_no, b.data, b.len);
    buf_fini(&b);
}

enum { SEQ_FIRST = 16, SEQ_SECOND = 44 };

static uint32_t edit_count(uint8_t *body, uint64_t ids[3])
{
    body[4] = 3;
    return 0;
}
static uint32_t edit_none(uint8_t *body, uint64_t ids[3])
{
    body[4] = 0;
    return 0;
}
static uint32_t edit_length(uint8_t *body, uint64_t ids[3])
{
    body[20] = 16;
    return 0;
}
static uint32_t edit_nested(uint8_t *body, uint64_t ids[3])
{
    le32_store(body + 24, MT_MSG_CONTAINER);
    return 0;
}
static uint32_t edit_newer(uint8_t *body, uint64_t ids[3])
{
    le64_store(body + 8, ids[2] + 4);
    return 0;
}
static uint32_t edit_low_bits(uint8_t *body, uint64_t ids[3])
{
    body[8] |= 1;
    return 0;
}
static uint32_t edit_zero(uint8_t *body, uint64_t ids[3])
{
    le64_store(body + 8, 0);
    return 0;
}
static uint32_t edit_same_seqno(uint8_t *body, uint64_t ids[3])
{
    body[SEQ_FIRST] = body[SEQ_SECOND] = 1;
    return 2;
}
static uint32_t edit_falling_seqno(uint8_t *body, uint64_t ids[3])
{
    body[SEQ_FIRST] = 3;
    body[SEQ_SECOND] = 1;
    return 4;
}
static uint32_t edit_seqno_below(uint8_t *body, uint64_t ids[3])
{
    body[SEQ_FIRST] = 1;
    body[SEQ_SECOND] = 3;
    return 2;
}

static const struct {
    uint32_t (*edit)(uint8_t *body, uint64_t ids[3]);
    int code;
} containers[] = {
    {edit_count, 64},    {edit_none, 64},       {edit_length, 64},        {edit_nested, 64},      {edit_newer, 64},
    {edit_low_bits, 18}, {edit_same_seqno, 32}, {edit_falling_seqno, 32}, {edit_seqno_below, 32}, {edit_zero, 16},
};

START_TEST(a_broken_container_is_refused_as_a_whole)
{
    send_container(containers[_i].edit);
    ck_assert_int_eq(raw_bad_code(&pair_client), containers[_i].code);
}
END_TEST

START_TEST(a_container_is_done_message_by_message)
{
    struct raw_message m;

    send_container(NULL);
    for (int i = 0; i < 2; i++) {
        m = pair_next(MT_PONG);
        free(m.body);
    }
}
END_TEST

static uint32_t edit_order(uint8_t *body, uint64_t ids[3])
{
    le64_store(body + 8, ids[1]);
    le64_store(body + 36, ids[0]);
    body[SEQ_FIRST] = 3;
    body[SEQ_SECOND] = 1;
    return 4;
}

START_TEST(seqnos_go_by_message_id_not_by_place)
{
    send_container(edit_order);
    ck_assert_int_eq(raw_bad_code(&pair_client), 0);
}
END_TEST

/* N times BODY in one container; CONTENT: with odd seqnos. */
static void send_many(unsigned n, const uint8_t *body, size_t len, bool content)
{
    struct buf b;

    buf_init(&b, 1 << 20);
    mt_container_begin(&b, n);
    for (unsigned i = 0; i < n; i++) {
        mt_container_put(&b, raw_msg_id(&pair_client), pair_client.content * 2 + content, body, len);
        pair_client.content += content;
    }
    raw_send_as(&pair_client, pair_client.salt, raw_msg_id(&pair_client), pair_client.content * 2, b.data, b.len);
    buf_fini(&b);
}

/* More than are kept for a client that acks nothing. */
START_TEST(every_message_of_a_large_container_is_answered)
{
    enum { MANY = 1000 };

    send_many(MANY, pair_ping, sizeof(pair_ping), false);
    for (unsigned i = 0; i < MANY; i++) {
        struct raw_message m = pair_next(MT_PONG);
        free(m.body);
    }
}
END_TEST

/* A message that is no longer remembered may have been done: in a container too it is not done again. */
START_TEST(what_is_too_old_to_be_known_is_refused_in_a_container)
{
    struct buf query, b;

    buf_init(&query, 1024);
    buf_init(&b, 1024);
    pair_encode_nearest(&query);
    uint64_t id = pair_ask_nearest();
    free(pair_next(MT_RPC_RESULT).body);
    for (int i = 0; i < 2; i++)
        send_many(600, pair_ping, sizeof(pair_ping), false);
    for (int i = 0; i < 1200; i++)
        free(pair_next(MT_PONG).body);
    mt_container_begin(&b, 1);
    mt_container_put(&b, id, 1, query.data, query.len);
    raw_send_as(&pair_client, pair_client.salt, raw_msg_id(&pair_client), pair_client.content * 2, b.data, b.len);
    ck_assert_int_eq(raw_bad_code(&pair_client), 20);
    buf_fini(&query);
    buf_fini(&b);
}
END_TEST

START_TEST(every_message_of_a_large_container_is_acked)
{
    enum { MANY = 1000 };
    static const uint8_t info[16] = {0x7d, 0xb5, 0xde, 0x04}; /* msgs_state_info: nothing but an ack answers it */
    size_t acked = 0;

    send_many(MANY, info, sizeof(info), true);
    while (acked < MANY) {
        struct raw_message m = pair_next(MT_MSGS_ACK);
        acked += le32_load(m.body + 8);
        free(m.body);
    }
    ck_assert_uint_eq(acked, MANY);
}
END_TEST

START_TEST(a_container_and_a_message_never_share_an_id)
{
    uint64_t id = raw_msg_id(&pair_client);
    struct buf b;

    raw_send_as(&pair_client, pair_client.salt, id, 0, pair_ping, sizeof(pair_ping));
    struct raw_message m = pair_next(MT_PONG);
    free(m.body);
    buf_init(&b, 1024);
    mt_container_begin(&b, 1);
    mt_container_put(&b, id - 4, 0, pair_ping, sizeof(pair_ping));
    raw_send_as(&pair_client, pair_client.salt, id, 0, b.data, b.len);
    buf_fini(&b);
    ck_assert_int_eq(raw_bad_code(&pair_client), 19);
}
END_TEST

START_TEST(thousands_of_messages_in_one_session_are_judged_as_the_first)
{
    struct raw_message m;
    uint64_t early = raw_msg_id(&pair_client);

    for (int i = 0; i < 1100; i++) {
        raw_send(&pair_client, pair_ping, sizeof(pair_ping), true);
        m = pair_next(MT_PONG);
        free(m.body);
    }
    raw_send_as(&pair_client, pair_client.salt, early, 0, pair_ping, sizeof(pair_ping));
    ck_assert_int_eq(raw_bad_code(&pair_client), 20);
    raw_send_as(&pair_client, pair_client.salt, raw_msg_id(&pair_client), pair_client.content * 2 - 1, pair_ping,
                sizeof(pair_ping));
    ck_assert_int_eq(raw_bad_code(&pair_client), 32);
}
END_TEST

Suite *suite_numbers(void)
{
    Suite *s = suite_create("numbers");
    TCase *t = tcase_create("numbers");

    tcase_add_checked_fixture(t, pair_setup, pair_teardown);
    tcase_add_loop_test(t, message_numbers_are_judged, 0, sizeof(numbers) / sizeof(*numbers));
    tcase_add_test(t, seqnos_grow_with_message_ids);
    tcase_add_loop_test(t, a_broken_container_is_refused_as_a_whole, 0, sizeof(containers) / sizeof(*containers));
    tcase_add_test(t, a_container_is_done_message_by_message);
    tcase_add_test(t, seqnos_go_by_message_id_not_by_place);
    tcase_add_test(t, a_container_and_a_message_never_share_an_id);
    tcase_add_test(t, thousands_of_messages_in_one_session_are_judged_as_the_first);
    tcase_add_test(t, every_message_of_a_large_container_is_answered);
    tcase_add_test(t, every_message_of_a_large_container_is_acked);
    tcase_add_test(t, what_is_too_old_to_be_known_is_refused_in_a_container);
    suite_add_tcase(s, t);
    return s;
}
