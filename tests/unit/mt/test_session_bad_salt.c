/* bad_server_salt: the salt that is told counts, and what was refused goes again, once. */

#include "daemon/base/le.h"
#include "tests/unit/mt/peer.h"
#include "tests/unit/mt/suites.h"

static struct desk *d = &the_desk;

static void setup(void)
{
    desk_init(d);
}

static void teardown(void)
{
    desk_fini(d);
}

static uint32_t value_of(const struct heard *h)
{
    return le32_load(h->body + 4);
}

START_TEST(a_bad_salt_is_replaced_and_just_the_named_message_sent_again)
{
    uint64_t first = desk_send_one(d, 1);
    desk_send_one(d, 2);
    ck_assert_int_eq(desk_bad_salt(d, first, 0xabc), 0);
    ck_assert_uint_eq(mt_session_salt(d->s), 0xabc);
    ck_assert_uint_eq(desk_event(d, EVENT_SALT, 0)->request, 0xabc);
    desk_flush(d);
    ck_assert_uint_eq(d->heard_n, 1);
    ck_assert_uint_eq(value_of(&d->heard[0]), 1);
    ck_assert_uint_eq(d->heard[0].salt, 0xabc);
    ck_assert_uint_gt(d->heard[0].msg_id, first);
    /* Both ids are the request's now; the first answer counts. */
    desk_answer(d, first, 5);
    ck_assert_uint_eq(desk_events(d, EVENT_RESULT), 1);
    desk_answer(d, d->heard[0].msg_id, 6);
    ck_assert_uint_eq(desk_events(d, EVENT_RESULT), 1);
}
END_TEST

START_TEST(a_bad_salt_for_a_container_sends_all_of_it_again_acks_and_pings_too)
{
    tl_write_u32(desk_begin(d, UPDATE_ID), 1);
    desk_tell(d, true);
    desk_query(d, 1);
    desk_query(d, 2);
    ck_assert_int_eq(desk_pass_s(d, 60), 0);
    desk_flush(d);
    ck_assert_uint_eq(d->heard_n, 4);
    uint64_t ack = le64_load(desk_must_hear(d, MT_MSGS_ACK, 0)->body + 12);
    uint64_t ping = le64_load(desk_must_hear(d, MT_PING_DELAY_DISCONNECT, 0)->body + 4);
    ck_assert_int_eq(desk_bad_salt(d, d->heard[0].outer_id, 0xabc), 0);
    ck_assert_uint_eq(desk_flush(d), 1);
    ck_assert_uint_eq(d->heard_n, 4);
    ck_assert_uint_eq(le64_load(desk_must_hear(d, MT_MSGS_ACK, 0)->body + 12), ack);
    ck_assert_uint_eq(le64_load(desk_must_hear(d, MT_PING_DELAY_DISCONNECT, 0)->body + 4), ping);
    ck_assert_uint_eq(value_of(desk_must_hear(d, QUERY_ID, 0)), 1);
    ck_assert_uint_eq(value_of(desk_must_hear(d, QUERY_ID, 1)), 2);
    ck_assert_uint_eq(d->heard[0].salt, 0xabc);
}
END_TEST

START_TEST(a_bad_salt_for_a_bare_ack_or_ping_sends_that_again)
{
    ck_assert_int_eq(desk_pass_s(d, 60), 0);
    desk_flush(d);
    uint64_t ping = desk_must_hear(d, MT_PING_DELAY_DISCONNECT, 0)->msg_id;
    ck_assert_int_eq(desk_bad_salt(d, ping, 0xabc), 0);
    desk_flush(d);
    ck_assert_uint_eq(d->heard_n, 1);
    desk_must_hear(d, MT_PING_DELAY_DISCONNECT, 0);
    tl_write_u32(desk_begin(d, UPDATE_ID), 1);
    desk_tell(d, true);
    desk_pass_s(d, 10);
    desk_flush(d);
    uint64_t ack = desk_must_hear(d, MT_MSGS_ACK, 0)->msg_id;
    ck_assert_int_eq(desk_bad_salt(d, ack, 0xabd), 0);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, MT_MSGS_ACK), 1);
}
END_TEST

START_TEST(a_message_is_sent_again_once_for_a_salt)
{
    uint64_t id = desk_send_one(d, 1);

    desk_bad_salt(d, id, 0xabc);
    desk_flush(d);
    uint64_t again = d->heard[0].msg_id;
    /* The server insists on the salt that the message had. */
    desk_bad_salt(d, again, 0xabc);
    ck_assert_uint_eq(desk_flush(d), 0);
    /* And once more about the first, which has been replaced. */
    desk_bad_salt(d, id, 0xabd);
    ck_assert_uint_eq(mt_session_salt(d->s), 0xabd);
    ck_assert_uint_eq(desk_flush(d), 0);
    /* The request is not lost: its state is asked for in time. */
    desk_pass_s(d, 10);
    desk_flush(d);
    ck_assert_uint_eq(le64_load(desk_must_hear(d, MT_MSGS_STATE_REQ, 0)->body + 12), again);
}
END_TEST

/* A server that tells the very salt we used has perhaps just come to it. */
START_TEST(a_message_that_went_out_with_the_salt_told_is_sent_again_once)
{
    uint64_t id = desk_send_one(d, 1);

    desk_bad_salt(d, id, d->salt);
    ck_assert_uint_eq(desk_flush(d), 1);
    uint64_t again = desk_must_hear(d, QUERY_ID, 0)->msg_id;
    desk_bad_salt(d, again, d->salt);
    ck_assert_uint_eq(desk_flush(d), 0);
    desk_bad_salt(d, again, 0xabc);
    ck_assert_uint_eq(desk_flush(d), 1);
    ck_assert_int_eq(desk_pass_s(d, 60), 0);
    desk_flush(d);
    desk_bad_salt(d, desk_must_hear(d, MT_PING_DELAY_DISCONNECT, 0)->outer_id, 0xabc);
    desk_flush(d);
    desk_bad_salt(d, desk_must_hear(d, MT_PING_DELAY_DISCONNECT, 0)->outer_id, 0xabc);
    ck_assert_uint_eq(desk_flush(d), 0);
}
END_TEST

START_TEST(a_bad_salt_for_what_is_answered_is_still_a_salt)
{
    uint64_t id = desk_send_one(d, 1);

    desk_answer(d, id, 1);
    ck_assert_int_eq(desk_bad_salt(d, id, 0xabc), 0);
    ck_assert_uint_eq(mt_session_salt(d->s), 0xabc);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, QUERY_ID), 0);
}
END_TEST

START_TEST(two_hundred_queries_survive_a_storm_of_bad_salts)
{
    static uint64_t ids[200];

    for (uint32_t i = 0; i < 200; i++)
        desk_query(d, i);
    desk_flush(d);
    ck_assert_uint_eq(d->heard_n, 200);
    for (size_t i = 0; i < 200; i++)
        ids[i] = d->heard[i].msg_id;
    for (size_t i = 0; i < 200; i++)
        desk_bad_salt(d, ids[i], 0xabc);
    ck_assert_uint_eq(desk_flush(d), 1);
    ck_assert_uint_eq(d->heard_n, 100);
    for (size_t i = 0; i < 200; i++)
        desk_bad_salt(d, ids[i], 0xabc);
    uint64_t taken = d->heard[0].msg_id;
    ck_assert_uint_eq(desk_flush(d), 0);
    desk_ack(d, taken);
    ck_assert_uint_eq(desk_flush(d), 1);
    ck_assert_uint_eq(d->heard_n, 100);
}
END_TEST

START_TEST(a_bad_salt_for_a_container_whose_queries_are_answered_is_still_a_salt)
{
    desk_query(d, 1);
    desk_query(d, 2);
    desk_flush(d);
    uint64_t container = d->heard[0].outer_id;
    desk_answer(d, d->heard[0].msg_id, 1);
    desk_answer(d, d->heard[1].msg_id, 1);
    ck_assert_int_eq(desk_bad_salt(d, container, 0xabc), 0);
    ck_assert_uint_eq(mt_session_salt(d->s), 0xabc);
}
END_TEST

Suite *suite_session_bad_salt(void)
{
    Suite *s = suite_create("mt/session_bad_salt");
    TCase *t = tcase_create("bad_salt");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_bad_salt_is_replaced_and_just_the_named_message_sent_again);
    tcase_add_test(t, a_bad_salt_for_a_container_sends_all_of_it_again_acks_and_pings_too);
    tcase_add_test(t, a_bad_salt_for_a_bare_ack_or_ping_sends_that_again);
    tcase_add_test(t, a_message_is_sent_again_once_for_a_salt);
    tcase_add_test(t, a_message_that_went_out_with_the_salt_told_is_sent_again_once);
    tcase_add_test(t, a_bad_salt_for_what_is_answered_is_still_a_salt);
    tcase_add_test(t, a_bad_salt_for_a_container_whose_queries_are_answered_is_still_a_salt);
    tcase_add_test(t, two_hundred_queries_survive_a_storm_of_bad_salts);
    suite_add_tcase(s, t);
    return s;
}
