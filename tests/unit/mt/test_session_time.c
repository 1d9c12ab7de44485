/* The time of a session: which messages are too old or too new, and what the server's ids say about our clock. */
#include <stdlib.h>

#include "daemon/base/gzip.h"
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

/* The server's judgement of each query's time ("Message Identifier"), then its answers, in one of several wrappings. */
enum wrapping { LONE, BEHIND_AN_UPDATE, GZIPPED, WRAPPINGS };

static bool is_refused(const struct heard *h)
{
    int64_t ahead_s = mt_msg_id_seconds(h->msg_id) - (d->clock.mono_us + d->server_offset_us) / SECOND_US;

    if (ahead_s <= 30 && ahead_s >= -300)
        return false;
    ck_assert_int_eq(desk_bad_msg(d, h->outer_id, ahead_s > 0 ? 17 : 16), 0);
    return true;
}

static void answer_wrapped(uint64_t req_msg_id, enum wrapping wrapping)
{
    struct buf gzip, *b;

    if (wrapping == BEHIND_AN_UPDATE) {
        desk_begin_update(d, 5);
        desk_put(d, true);
    }
    b = desk_begin(d, MT_RPC_RESULT);
    tl_write_u64(b, req_msg_id);
    tl_write_u32(b, ANSWER_ID);
    tl_write_u32(b, 9);
    if (wrapping == GZIPPED) {
        buf_init(&gzip, 4096);
        ck_assert_int_eq(gzip_pack(b->data, b->len, &gzip), 0);
        b = desk_begin(d, MT_GZIP_PACKED);
        tl_write_bytes(b, gzip.data, gzip.len);
        buf_fini(&gzip);
    }
    if (wrapping == BEHIND_AN_UPDATE)
        desk_put(d, true);
    ck_assert_int_eq(wrapping == BEHIND_AN_UPDATE ? desk_tell_container(d) : desk_tell(d, true), 0);
}

static void serve(enum wrapping wrapping)
{
    for (int round = 0; round < 4 && !desk_events(d, EVENT_RESULT); round++) {
        desk_flush(d);
        struct heard *h = desk_must_hear(d, QUERY_ID, 0);
        if (!is_refused(h))
            answer_wrapped(h->msg_id, wrapping);
    }
}

static const int jumps_s[] = {30, 31, 60, 100, 299, 300, 301, 4000, 86400, -30, -31, -100, -300, -301, -4000, -86400};

/* The next request is answered at once: no second has passed here. */
START_TEST(a_jump_of_the_servers_clock_costs_no_answer)
{
    for (int wrapping = 0; wrapping < WRAPPINGS; wrapping++) {
        desk_fini(d);
        desk_init(d);
        d->server_offset_us += jumps_s[_i] * SECOND_US;
        desk_query(d, 1);
        serve((enum wrapping)wrapping);
        ck_assert_msg(desk_events(d, EVENT_RESULT) == 1, "%d s, wrapping %d", jumps_s[_i], wrapping);
        ck_assert_uint_eq(desk_events(d, EVENT_UPDATE), wrapping == BEHIND_AN_UPDATE);
        ck_assert_int_lt(llabs(mt_session_time_offset_us(d->s) - d->server_offset_us), 2 * SECOND_US);
        desk_tell_update(d, true); /* and whatever else comes is in time */
        ck_assert_uint_eq(desk_events(d, EVENT_UPDATE), 1 + (wrapping == BEHIND_AN_UPDATE));
    }
}
END_TEST

START_TEST(a_jump_under_way_costs_no_answer)
{
    desk_query(d, 1);
    desk_flush(d);
    uint64_t id = d->last_msg_id;
    d->server_offset_us += jumps_s[_i] * SECOND_US;
    /* Only a server whose clock goes back can give an answer an id below its own earlier ones. */
    d->ids = (struct mt_msg_id_source){0};
    answer_wrapped(id, LONE);
    if (jumps_s[_i] < -300) {
        /* Too old, and older than its question: not believed; but no question of ours is in time any more. */
        ck_assert_uint_eq(desk_events(d, EVENT_RESULT), 0);
        desk_pass_s(d, 11);
        desk_flush(d);
        ck_assert(is_refused(&d->heard[0]));
        serve(LONE);
    }
    ck_assert_uint_eq(desk_events(d, EVENT_RESULT), 1);
    ck_assert_int_lt(llabs(mt_session_time_offset_us(d->s) - d->server_offset_us), 31 * SECOND_US);
}
END_TEST

START_TEST(a_message_ahead_of_our_time_has_us_ask)
{
    d->server_offset_us += 100 * SECOND_US;
    desk_tell_update(d, true);
    ck_assert_uint_eq(desk_events(d, EVENT_UPDATE), 0);
    ck_assert_uint_eq(desk_flush(d), 1);
    struct heard *h = desk_must_hear(d, MT_PING_DELAY_DISCONNECT, 0);
    struct buf *b = desk_begin(d, MT_PONG);
    tl_write_u64(b, h->msg_id);
    buf_put(b, h->body + 4, 8);
    ck_assert_int_eq(desk_tell(d, false), 0);
    ck_assert_int_lt(llabs(mt_session_time_offset_us(d->s) - d->server_offset_us), SECOND_US);
    ck_assert_uint_eq(desk_events(d, EVENT_NEW_SESSION), 1); /* what was dropped is missing */
    desk_tell_update(d, true);
    ck_assert_uint_eq(desk_events(d, EVENT_UPDATE), 1);
    ck_assert_uint_eq(desk_events(d, EVENT_NEW_SESSION), 1);
}
END_TEST

START_TEST(an_answer_to_nothing_of_ours_proves_no_time)
{
    int64_t before = mt_session_time_offset_us(d->s);

    desk_query(d, 1);
    desk_flush(d);
    uint64_t id = d->last_msg_id;
    d->server_offset_us += 100 * SECOND_US;
    answer_wrapped(id + 4, LONE);
    answer_wrapped(id + 4, GZIPPED);
    ck_assert_uint_eq(d->events_n, 0);
    ck_assert_int_eq(mt_session_time_offset_us(d->s), before);
}
END_TEST

/* As a server sends again what was not acknowledged: under its old id. */
START_TEST(an_answer_that_was_held_up_for_long_is_heard)
{
    uint64_t request = desk_query(d, 1);

    desk_flush(d);
    uint64_t id = d->last_msg_id, answer_id = desk_next_id(d, MT_MSG_ID_ANSWER);
    ck_assert_int_eq(mt_session_expire(d->s, request), 0);
    mt_session_disconnected(d->s);
    desk_pass_s(d, 3600);
    mt_session_connected(d->s);
    int64_t before = mt_session_time_offset_us(d->s);
    struct buf *b = desk_begin(d, MT_RPC_RESULT);
    tl_write_u64(b, id);
    tl_write_u32(b, ANSWER_ID);
    tl_write_u32(b, 9);
    ck_assert_int_eq(desk_tell_as(d, d->session_id, answer_id, 1), 0);
    ck_assert_uint_eq(desk_events(d, EVENT_RESULT), 1);
    ck_assert_int_eq(mt_session_time_offset_us(d->s), before); /* it says nothing of the time now */
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
    size_t jumps_n = sizeof(jumps_s) / sizeof(jumps_s[0]);
    tcase_add_loop_test(t, a_jump_of_the_servers_clock_costs_no_answer, 0, (int)jumps_n);
    tcase_add_loop_test(t, a_jump_under_way_costs_no_answer, 0, (int)jumps_n);
    tcase_add_test(t, a_message_ahead_of_our_time_has_us_ask);
    tcase_add_test(t, an_answer_to_nothing_of_ours_proves_no_time);
    tcase_add_test(t, an_answer_that_was_held_up_for_long_is_heard);
    tcase_add_test(t, a_run_of_messages_far_from_our_time_makes_us_doubt_it);
    tcase_add_test(t, an_answer_far_below_its_request_takes_the_offset_back);
    suite_add_tcase(s, t);
    return s;
}
