/* Refused messages and new sessions: what is sent again, and what is not. */

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

START_TEST(acks_of_one_session_are_not_sent_in_the_next)
{
    uint64_t named = desk_send_one(d, 1);

    tl_write_u32(desk_begin(d, UPDATE_ID), 1);
    desk_tell(d, true);
    ck_assert_int_eq(desk_bad_msg(d, named, 33), 0);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, QUERY_ID), 1);
    ck_assert_uint_eq(desk_count(d, MT_MSGS_ACK), 0);
}
END_TEST

START_TEST(a_request_sent_very_often_remembers_its_last_ids_only)
{
    uint64_t ids[12];

    ids[0] = desk_send_one(d, 1);
    for (uint64_t i = 1; i < 12; i++) {
        ck_assert_int_eq(desk_bad_salt(d, ids[i - 1], 0xabc + i), 0);
        desk_flush(d);
        ids[i] = desk_must_hear(d, QUERY_ID, 0)->msg_id;
    }
    desk_answer(d, ids[3], 1); /* 8 are remembered: 4..11 */
    ck_assert_uint_eq(desk_events(d, EVENT_RESULT), 0);
    desk_answer(d, ids[4], 1);
    ck_assert_uint_eq(desk_events(d, EVENT_RESULT), 1);
}
END_TEST

/* code; a new session; only the named query sent again; how often it may happen to a query */
static const struct {
    uint32_t code;
    bool new_session, all_again;
    int patience;
} bad[] = {
    {16, false, false, 10}, {17, true, true, 5}, {18, true, true, 1},   {19, true, true, 1},
    {20, false, false, 10}, {32, true, true, 5}, {33, true, true, 5},   {34, true, true, 1},
    {35, true, true, 1},    {64, true, true, 1}, {99, false, false, 1},
};

START_TEST(each_code_of_a_refused_message_has_its_remedy)
{
    uint64_t session_id = mt_session_id(d->s);
    uint64_t named = desk_send_one(d, 1);

    desk_send_one(d, 2);
    ck_assert_int_eq(desk_bad_msg(d, named, bad[_i].code), 0);
    ck_assert_uint_eq(mt_session_id(d->s) != session_id, bad[_i].new_session);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, QUERY_ID), bad[_i].all_again ? 2 : 1);
    ck_assert_uint_eq(value_of(desk_must_hear(d, QUERY_ID, 0)), 1);
    ck_assert_uint_eq(d->session_id, mt_session_id(d->s));
    ck_assert_uint_eq(d->events_n, 0);
    ck_assert_uint_eq(mt_session_pending(d->s), 2);
}
END_TEST

START_TEST(a_request_that_is_refused_again_and_again_fails_in_the_end)
{
    uint64_t request = desk_query(d, 1);
    int sent = 0;

    desk_query(d, 2);
    for (; mt_session_pending(d->s) == 2; sent++) {
        ck_assert_int_lt(sent, 20);
        desk_pass_s(d, 20); /* beyond the guard against too many sessions */
        desk_flush(d);
        tl_write_u32(desk_begin(d, UPDATE_ID), 1);
        desk_tell(d, false);
        uint64_t named = desk_must_hear(d, QUERY_ID, 0)->msg_id;
        ck_assert_int_eq(desk_bad_msg(d, named, bad[_i].code), 0);
    }
    ck_assert_uint_eq(desk_events(d, EVENT_FAILED), 1);
    ck_assert_uint_eq(desk_event(d, EVENT_FAILED, 0)->request, request);
    /* Code 20 and one that nobody knows leave it open whether it was taken. */
    bool unsure = bad[_i].code == 20 || bad[_i].code == 99;
    ck_assert_int_eq(desk_event(d, EVENT_FAILED, 0)->err, unsure ? TGC_ELOST : TGC_ESTATE);
    ck_assert_int_eq(sent, bad[_i].patience == 1 ? 2 : 11);
}
END_TEST

START_TEST(a_refused_container_means_all_its_messages)
{
    desk_query(d, 1);
    desk_query(d, 2);
    desk_flush(d);
    uint64_t container = d->heard[0].outer_id;
    desk_send_one(d, 3);
    ck_assert_int_eq(desk_bad_msg(d, container, 16), 0);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, QUERY_ID), 2);
    /* Our fault, twice: both fail, the third goes on. */
    for (int i = 0; i < 2; i++) {
        container = desk_must_hear(d, QUERY_ID, 0)->outer_id;
        ck_assert_int_eq(desk_bad_msg(d, container, 64), 0);
        desk_flush(d);
    }
    ck_assert_uint_eq(desk_events(d, EVENT_FAILED), 3 - desk_count(d, QUERY_ID));
    ck_assert_uint_ge(desk_events(d, EVENT_FAILED), 2);
}
END_TEST

START_TEST(code_16_takes_the_time_from_the_notice)
{
    d->server_offset_us += 200 * SECOND_US;
    uint64_t named = desk_send_one(d, 1);
    ck_assert_int_eq(desk_bad_msg(d, named, 16), 0);
    ck_assert_int_lt(llabs(mt_session_time_offset_us(d->s) - d->server_offset_us), 1000);
    desk_flush(d);
    int64_t server_s = (d->clock.mono_us + d->server_offset_us) / SECOND_US;
    ck_assert_int_eq(mt_msg_id_seconds(d->heard[0].msg_id), server_s);
}
END_TEST

START_TEST(repairs_are_heard_outside_the_time_window_and_nothing_else_there)
{
    d->server_offset_us -= 4000 * SECOND_US; /* we are far ahead */
    uint64_t named = desk_send_one(d, 1);
    uint64_t session_id = mt_session_id(d->s);
    tl_write_u32(desk_begin(d, UPDATE_ID), 1);
    desk_put(d, true);
    struct buf *b = desk_begin(d, MT_BAD_MSG_NOTIFICATION);
    tl_write_u64(b, named);
    tl_write_u32(b, 1);
    tl_write_u32(b, 17);
    desk_put(d, false);
    ck_assert_int_eq(desk_tell_container(d), 0);
    ck_assert_uint_eq(desk_events(d, EVENT_UPDATE), 0);
    ck_assert_uint_ne(mt_session_id(d->s), session_id);
    desk_flush(d);
    int64_t server_s = (d->clock.mono_us + d->server_offset_us) / SECOND_US;
    ck_assert_int_eq(mt_msg_id_seconds(desk_must_hear(d, QUERY_ID, 0)->msg_id), server_s);
    desk_answer(d, desk_must_hear(d, QUERY_ID, 0)->msg_id, 1);
    ck_assert_uint_eq(desk_events(d, EVENT_RESULT), 1);
}
END_TEST

START_TEST(too_many_new_sessions_close_the_connection)
{
    int err = 0, n = 0;

    desk_query(d, 1);
    while (!err && n < 20) {
        desk_flush(d);
        err = desk_bad_msg(d, desk_must_hear(d, QUERY_ID, 0)->msg_id, 32);
        n++;
    }
    ck_assert_int_eq(err, TGC_EPROTO);
    ck_assert_int_eq(n, 6);
    ck_assert_uint_eq(mt_session_pending(d->s), 1);
}
END_TEST

START_TEST(a_new_session_of_the_server_has_older_queries_sent_again)
{
    uint64_t before = desk_send_one(d, 1);
    fake_clock_pass(&d->clock, 1000);
    uint64_t first = desk_send_one(d, 2);

    d->salt = 0x777;
    ck_assert_int_eq(desk_new_session(d, first, 42), 0);
    ck_assert_uint_eq(desk_events(d, EVENT_NEW_SESSION), 1);
    ck_assert_uint_eq(mt_session_salt(d->s), 0x777);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, QUERY_ID), 1);
    struct heard *h = desk_must_hear(d, QUERY_ID, 0);
    ck_assert_uint_eq(value_of(h), 1);
    ck_assert_uint_gt(h->msg_id, before);
    desk_must_hear(d, MT_MSGS_ACK, 0);
    /* Told again, it is acknowledged again and does nothing. */
    ck_assert_int_eq(desk_new_session(d, first + (UINT64_C(1) << 40), 42), 0);
    ck_assert_uint_eq(desk_events(d, EVENT_NEW_SESSION), 1);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, QUERY_ID), 0);
    /* Another one is another one. */
    ck_assert_int_eq(desk_new_session(d, first + (UINT64_C(1) << 40), 43), 0);
    ck_assert_uint_eq(desk_events(d, EVENT_NEW_SESSION), 2);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, QUERY_ID), 2);
}
END_TEST

START_TEST(a_new_session_may_have_the_number_0)
{
    uint64_t first = desk_send_one(d, 1);

    desk_send_one(d, 2);
    ck_assert_int_eq(desk_new_session(d, first + 4, 0), 0);
    ck_assert_int_eq(desk_new_session(d, first + 4, 0), 0);
    ck_assert_uint_eq(desk_events(d, EVENT_NEW_SESSION), 1);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, QUERY_ID), 1);
}
END_TEST

/* A server that refuses whatever it gets must not keep us talking. */
START_TEST(a_service_message_that_is_refused_again_and_again_is_dropped)
{
    static const uint32_t remedied[] = {16, 20, 99};
    size_t sent = 0;

    for (size_t i = 0; i < sizeof(remedied) / sizeof(remedied[0]); i++) {
        ck_assert_int_eq(desk_pass_s(d, 60), 0);
        desk_flush(d);
        sent = 0;
        while (d->heard_n && sent < 50) {
            sent++;
            ck_assert_int_eq(desk_bad_msg(d, d->heard[0].outer_id, remedied[i]), 0);
            desk_flush(d);
        }
        ck_assert_uint_le(sent, 4);
    }
}
END_TEST

START_TEST(a_container_counts_as_a_whole_for_a_new_session)
{
    desk_query(d, 1);
    desk_query(d, 2);
    desk_flush(d);
    /* The first message that the server knows is the container's second: the container itself is not older. */
    ck_assert_int_eq(desk_new_session(d, d->heard[1].msg_id, 42), 0);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, QUERY_ID), 0);
}
END_TEST

START_TEST(after_a_new_session_of_the_server_the_prefix_goes_out_again)
{
    static const char prefix[8] = "prefix..";

    ck_assert_int_eq(mt_session_set_prefix(d->s, prefix, 8), 0);
    desk_query(d, 1);
    desk_flush(d);
    uint64_t first = d->heard[0].msg_id;
    desk_new_session(d, first, 42); /* the routine one */
    desk_answer(d, first, 1);
    desk_query(d, 2);
    desk_flush(d);
    uint64_t bare = desk_must_hear(d, QUERY_ID, 0)->outer_id;
    desk_new_session(d, bare + 4, 43); /* the server lost everything */
    desk_flush(d);
    ck_assert_ptr_null(desk_heard(d, QUERY_ID, 0));
    ck_assert_uint_eq(desk_count(d, le32_load(prefix)), 1);
}
END_TEST

Suite *suite_session_repair(void)
{
    Suite *s = suite_create("mt/session_repair");
    TCase *t = tcase_create("repair");
    int n = sizeof(bad) / sizeof(bad[0]);

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, acks_of_one_session_are_not_sent_in_the_next);
    tcase_add_test(t, a_request_sent_very_often_remembers_its_last_ids_only);
    tcase_add_loop_test(t, each_code_of_a_refused_message_has_its_remedy, 0, n);
    tcase_add_loop_test(t, a_request_that_is_refused_again_and_again_fails_in_the_end, 0, n);
    tcase_add_test(t, a_refused_container_means_all_its_messages);
    tcase_add_test(t, code_16_takes_the_time_from_the_notice);
    tcase_add_test(t, repairs_are_heard_outside_the_time_window_and_nothing_else_there);
    tcase_add_test(t, too_many_new_sessions_close_the_connection);
    tcase_add_test(t, a_new_session_of_the_server_has_older_queries_sent_again);
    tcase_add_test(t, a_new_session_may_have_the_number_0);
    tcase_add_test(t, a_service_message_that_is_refused_again_and_again_is_dropped);
    tcase_add_test(t, a_container_counts_as_a_whole_for_a_new_session);
    tcase_add_test(t, after_a_new_session_of_the_server_the_prefix_goes_out_again);
    suite_add_tcase(s, t);
    return s;
}
