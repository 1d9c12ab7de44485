/* The time of a session: which messages are too old or too new, and what the server's ids say about our clock. */
#include <stdlib.h>

#include "tests/unit/mt/peer.h"
#include "tests/unit/mt/suites.h"

static struct desk desk, *d = &desk;

static void setup(void)
{
    desk_init(d);
}

static void teardown(void)
{
    desk_fini(d);
}

START_TEST(messages_outside_the_time_window_are_dropped)
{
    static const struct {
        int64_t s;
        bool taken;
    } cases[] = {{-299, true}, {-301, false}, {29, true}, {31 + 29, false}, {3600, false}, {-3600, false}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mt_msg_id_source ids = {0};
        int64_t server_us = d->clock.mono_us + d->server_offset_us;
        desk_forget_events(d);
        desk_begin_update(d, 1);
        uint64_t id = mt_msg_id_next(&ids, server_us + cases[i].s * SECOND_US, MT_MSG_ID_SERVER);
        ck_assert_int_eq(desk_tell_as(d, d->session_id, id, 1), 0);
        ck_assert_msg(desk_events(d, EVENT_UPDATE) == cases[i].taken, "%d s", (int)cases[i].s);
    }
}
END_TEST

START_TEST(the_offset_is_only_raised_by_messages)
{
    struct mt_msg_id_source ids = {0};
    int64_t before = mt_session_time_offset_us(d->s), server_us = d->clock.mono_us + d->server_offset_us;

    desk_begin_update(d, 1);
    desk_tell_as(d, d->session_id, mt_msg_id_next(&ids, server_us - 60 * SECOND_US, MT_MSG_ID_SERVER), 1);
    ck_assert_int_eq(mt_session_time_offset_us(d->s), before);
    ck_assert_uint_eq(desk_events(d, EVENT_SALT), 0);
    desk_begin_update(d, 1);
    desk_tell_as(d, d->session_id, mt_msg_id_next(&ids, server_us + 20 * SECOND_US, MT_MSG_ID_SERVER), 1);
    ck_assert_int_eq(mt_session_time_offset_us(d->s) / 1000, (before + 20 * SECOND_US) / 1000);
    ck_assert_uint_eq(desk_events(d, EVENT_SALT), 1); /* who stores it is told */
}
END_TEST

START_TEST(a_time_that_is_not_trusted_comes_from_the_first_message)
{
    desk_fini(d);
    struct mt_session_config config = desk_config(d);
    config.time_is_trusted = false;
    config.time_offset_us += 86400 * SECOND_US;
    desk_init_with(d, &config);
    desk_begin_update(d, 1);
    ck_assert_int_eq(desk_tell(d, true), 0);
    ck_assert_uint_eq(desk_events(d, EVENT_UPDATE), 1);
    int64_t off = mt_session_time_offset_us(d->s) - d->server_offset_us;
    ck_assert_int_lt(llabs(off), 1000);
}
END_TEST

START_TEST(a_run_of_messages_far_from_our_time_makes_us_doubt_it)
{
    uint64_t session_id = mt_session_id(d->s);

    d->server_offset_us += 1000 * SECOND_US; /* the machine slept, or worse */
    for (int i = 0; i < 10; i++) {
        ck_assert_uint_eq(mt_session_id(d->s), session_id);
        desk_begin_update(d, 1);
        ck_assert_int_eq(desk_tell(d, true), 0);
    }
    ck_assert_uint_eq(desk_events(d, EVENT_UPDATE), 0);
    ck_assert_uint_ne(mt_session_id(d->s), session_id);
    desk_query(d, 1);
    desk_flush(d);
    desk_begin_update(d, 2);
    ck_assert_int_eq(desk_tell(d, true), 0);
    ck_assert_uint_eq(desk_events(d, EVENT_UPDATE), 1);
}
END_TEST

START_TEST(an_answer_far_below_its_request_takes_the_offset_back)
{
    desk_fini(d);
    struct mt_session_config config = desk_config(d);
    config.time_offset_us += 25 * SECOND_US;
    desk_init_with(d, &config);
    desk_query(d, 1);
    desk_flush(d);
    ck_assert_int_eq(desk_answer(d, d->last_msg_id, 1), 0);
    ck_assert_uint_eq(desk_events(d, EVENT_RESULT), 1);
    ck_assert_int_lt(llabs(mt_session_time_offset_us(d->s) - d->server_offset_us), 1000);
    desk_query(d, 2);
    desk_flush(d); /* ids go on growing all the same */
}
END_TEST

Suite *suite_session_time(void)
{
    Suite *s = suite_create("mt/session_time");
    TCase *t = tcase_create("time");

    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, messages_outside_the_time_window_are_dropped);
    tcase_add_test(t, the_offset_is_only_raised_by_messages);
    tcase_add_test(t, a_time_that_is_not_trusted_comes_from_the_first_message);
    tcase_add_test(t, a_run_of_messages_far_from_our_time_makes_us_doubt_it);
    tcase_add_test(t, an_answer_far_below_its_request_takes_the_offset_back);
    suite_add_tcase(s, t);
    return s;
}
