/* Acks and pings: whether the other side is there, and what it is owed. */

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

static uint32_t acks_in(const struct heard *h)
{
    return le32_load(h->body + 8);
}

START_TEST(acks_wait_ten_seconds_for_company)
{
    desk_tell_update(d, true);
    ck_assert_uint_eq(desk_flush(d), 0);
    ck_assert_int_eq(mt_session_deadline(d->s), d->clock.mono_us + 10 * SECOND_US);
    ck_assert_int_eq(desk_pass(d, 10 * SECOND_US - 1), 0);
    ck_assert_uint_eq(desk_flush(d), 0);
    ck_assert_int_eq(desk_pass(d, 1), 0);
    ck_assert_uint_eq(desk_flush(d), 1);
    ck_assert_uint_eq(acks_in(desk_must_hear(d, MT_MSGS_ACK, 0)), 1);
    ck_assert_uint_eq(desk_flush(d), 0);
}
END_TEST

START_TEST(acks_go_with_the_next_query)
{
    desk_tell_update(d, true);
    desk_tell_update(d, true);
    desk_query(d, 1);
    ck_assert_uint_eq(desk_flush(d), 1);
    ck_assert_uint_eq(d->heard[0].id, MT_MSGS_ACK);
    ck_assert_uint_eq(acks_in(&d->heard[0]), 2);
    ck_assert_uint_eq(d->heard[1].id, QUERY_ID);
}
END_TEST

START_TEST(more_than_sixteen_acks_go_at_once)
{
    for (int i = 0; i < 16; i++)
        desk_tell_update(d, true);
    ck_assert_uint_eq(desk_flush(d), 0);
    desk_tell_update(d, true);
    ck_assert_uint_eq(desk_flush(d), 1);
    ck_assert_uint_eq(acks_in(&d->heard[0]), 17);
}
END_TEST

START_TEST(acks_that_are_owed_go_when_the_owner_leaves)
{
    mt_session_settle(d->s);
    ck_assert_uint_eq(desk_flush(d), 0);
    desk_tell_update(d, true);
    mt_session_settle(d->s);
    ck_assert_uint_eq(desk_flush(d), 1);
    ck_assert_uint_eq(acks_in(desk_must_hear(d, MT_MSGS_ACK, 0)), 1);
}
END_TEST

START_TEST(acks_survive_a_lost_connection)
{
    desk_tell_update(d, true);
    mt_session_disconnected(d->s);
    ck_assert_int_eq(desk_pass_s(d, 100), 0);
    ck_assert_uint_eq(desk_flush(d), 0);
    mt_session_connected(d->s);
    desk_flush(d);
    ck_assert_uint_eq(acks_in(desk_must_hear(d, MT_MSGS_ACK, 0)), 1);
}
END_TEST

START_TEST(a_ping_goes_every_minute)
{
    for (int i = 0; i < 3; i++) {
        ck_assert_int_le(mt_session_deadline(d->s), d->clock.mono_us + 60 * SECOND_US);
        ck_assert_int_eq(desk_pass_s(d, 59), 0);
        ck_assert_uint_eq(desk_flush(d), 0);
        ck_assert_int_eq(desk_pass_s(d, 1), 0);
        ck_assert_uint_eq(desk_flush(d), 1);
        struct heard *h = desk_must_hear(d, MT_PING_DELAY_DISCONNECT, 0);
        ck_assert_uint_eq(le32_load(h->body + 12), 75);
        struct buf *b = desk_begin(d, MT_PONG);
        tl_write_u64(b, h->msg_id);
        tl_write_u64(b, le64_load(h->body + 4));
        ck_assert_int_eq(desk_tell(d, false), 0);
    }
}
END_TEST

START_TEST(silence_after_a_ping_is_a_dead_link)
{
    desk_query(d, 1);
    desk_flush(d);
    ck_assert_int_eq(desk_pass_s(d, 60), 0);
    desk_flush(d);
    desk_must_hear(d, MT_PING_DELAY_DISCONNECT, 0);
    ck_assert_int_eq(desk_pass_s(d, 14), 0);
    ck_assert_int_le(mt_session_deadline(d->s), d->clock.mono_us + SECOND_US);
    ck_assert_int_eq(desk_pass_s(d, 1), TGC_ETIMEOUT);
    /* It is said once; the owner closes and dials. */
    ck_assert(mt_session_deadline(d->s) == INT64_MAX);
    ck_assert_int_eq(desk_pass_s(d, 1), 0);
    ck_assert_uint_eq(desk_flush(d), 0);
    mt_session_disconnected(d->s);
    mt_session_connected(d->s);
    ck_assert_int_eq(desk_pass_s(d, 0), 0);
    desk_flush(d);
    desk_must_hear(d, MT_MSGS_STATE_REQ, 0);
}
END_TEST

START_TEST(any_packet_after_a_ping_is_a_sign_of_life)
{
    ck_assert_int_eq(desk_pass_s(d, 60), 0);
    desk_flush(d);
    desk_must_hear(d, MT_PING_DELAY_DISCONNECT, 0);
    desk_tell_update(d, false);
    ck_assert_int_eq(desk_pass_s(d, 30), 0);
    desk_flush(d);
    /* But each ping wants one. */
    ck_assert_int_eq(desk_pass_s(d, 30), 0);
    desk_flush(d);
    desk_must_hear(d, MT_PING_DELAY_DISCONNECT, 0);
    ck_assert_int_eq(desk_pass_s(d, 15), TGC_ETIMEOUT);
}
END_TEST

/* Long before the next ping is due, so that the request can still be answered on another connection. */
START_TEST(a_request_without_any_word_shows_that_the_link_is_dead)
{
    desk_query(d, 1);
    desk_flush(d);
    ck_assert_int_eq(desk_pass_s(d, 10), 0);
    desk_flush(d);
    desk_must_hear(d, MT_MSGS_STATE_REQ, 0);
    desk_must_hear(d, MT_PING_DELAY_DISCONNECT, 0);
    ck_assert_int_eq(desk_pass_s(d, 14), 0);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, MT_PING_DELAY_DISCONNECT), 0);
    ck_assert_int_eq(desk_pass_s(d, 1), TGC_ETIMEOUT);
}
END_TEST

/* A large answer over a slow line: the pong stands behind it. But not for ever. */
START_TEST(bytes_without_a_packet_keep_the_link_for_a_while)
{
    desk_query(d, 1);
    desk_flush(d);
    ck_assert_int_eq(desk_pass_s(d, 10), 0);
    desk_flush(d);
    int err = 0, seconds = 0;
    for (; !err && seconds < 1000; seconds += 10) {
        mt_session_heard(d->s);
        err = desk_pass_s(d, 10);
        if (!err)
            desk_flush(d);
    }
    ck_assert_int_eq(err, TGC_ETIMEOUT);
    ck_assert_int_ge(seconds, 60);
    ck_assert_int_le(seconds, 180);
}
END_TEST

START_TEST(a_refused_packet_is_no_sign_of_life)
{
    uint8_t junk[72] = {0};

    ck_assert_int_eq(desk_pass_s(d, 60), 0);
    desk_flush(d);
    ck_assert_int_eq(desk_feed(d, junk, sizeof(junk)), TGC_ECRYPTO);
    ck_assert_int_eq(desk_pass_s(d, 15), TGC_ETIMEOUT);
}
END_TEST

Suite *suite_session_link(void)
{
    Suite *s = suite_create("mt/session_link");
    TCase *t = tcase_create("link");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, acks_wait_ten_seconds_for_company);
    tcase_add_test(t, acks_go_with_the_next_query);
    tcase_add_test(t, more_than_sixteen_acks_go_at_once);
    tcase_add_test(t, acks_that_are_owed_go_when_the_owner_leaves);
    tcase_add_test(t, acks_survive_a_lost_connection);
    tcase_add_test(t, a_ping_goes_every_minute);
    tcase_add_test(t, silence_after_a_ping_is_a_dead_link);
    tcase_add_test(t, any_packet_after_a_ping_is_a_sign_of_life);
    tcase_add_test(t, a_request_without_any_word_shows_that_the_link_is_dead);
    tcase_add_test(t, bytes_without_a_packet_keep_the_link_for_a_while);
    tcase_add_test(t, a_refused_packet_is_no_sign_of_life);
    suite_add_tcase(s, t);
    return s;
}
