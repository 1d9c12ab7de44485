/* The state of messages: asked for in silence and after a reconnect, told to the server, and what is sent again for it.
 */
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/base/limits.h"
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

static int tell_states(uint64_t req, const void *info, size_t len)
{
    struct buf *b = desk_begin(d, MT_MSGS_STATE_INFO);

    tl_write_u64(b, req);
    tl_write_bytes(b, info, len);
    return desk_tell(d, false);
}

START_TEST(a_silent_request_has_its_state_asked_and_is_sent_again_or_waits)
{
    static const struct {
        uint8_t state;
        bool again;
    } cases[] = {{1, true}, {2, true}, {3, true}, {4, false}, {4 | 8 | 64, false}, {1 | 128, true}, {0, false}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        desk_fini(d);
        desk_init(d);
        uint64_t id = desk_send_one(d, 7);
        ck_assert_int_eq(mt_session_deadline(d->s), d->clock.mono_us + 10 * SECOND_US);
        desk_pass_s(d, 10);
        desk_flush(d);
        struct heard *h = desk_must_hear(d, MT_MSGS_STATE_REQ, 0);
        ck_assert_uint_eq(le32_load(h->body + 8), 1);
        ck_assert_uint_eq(le64_load(h->body + 12), id);
        ck_assert_int_eq(tell_states(h->msg_id, &cases[i].state, 1), 0);
        desk_flush(d);
        ck_assert_uint_eq(desk_count(d, QUERY_ID), cases[i].again);
        if (cases[i].again)
            ck_assert_uint_gt(d->heard[0].msg_id, id);
        desk_answer(d, id, 1);
        ck_assert_uint_eq(desk_events(d, EVENT_RESULT), 1);
    }
}
END_TEST

START_TEST(an_acked_request_waits_longer_before_it_is_asked_for)
{
    uint64_t id = desk_send_one(d, 1);

    desk_ack(d, id);
    ck_assert_int_eq(desk_pass_s(d, 59), 0);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, MT_MSGS_STATE_REQ), 0);
    ck_assert_int_eq(desk_pass_s(d, 1), 0);
    desk_flush(d);
    desk_must_hear(d, MT_MSGS_STATE_REQ, 0);
}
END_TEST

START_TEST(the_state_is_asked_again_when_nobody_tells)
{
    desk_send_one(d, 1);
    desk_pass_s(d, 10);
    desk_flush(d);
    desk_must_hear(d, MT_MSGS_STATE_REQ, 0);
    desk_pass_s(d, 4);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, MT_MSGS_STATE_REQ), 0);
    desk_pass_s(d, 1);
    desk_flush(d);
    desk_must_hear(d, MT_MSGS_STATE_REQ, 0);
}
END_TEST

START_TEST(a_state_info_of_the_wrong_length_is_ignored)
{
    desk_send_one(d, 1);
    desk_pass_s(d, 10);
    desk_flush(d);
    uint64_t req = desk_must_hear(d, MT_MSGS_STATE_REQ, 0)->msg_id;
    ck_assert_int_eq(tell_states(req, "\1\1", 2), 0);
    ck_assert_int_eq(tell_states(req, "", 0), 0);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, QUERY_ID), 0);
    ck_assert_int_eq(tell_states(req, "\1", 1), 0);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, QUERY_ID), 1);
}
END_TEST

START_TEST(unasked_states_are_taken_too)
{
    uint64_t one = desk_send_one(d, 1), two = desk_send_one(d, 2);
    struct buf *b = desk_begin(d, MT_MSGS_ALL_INFO);

    tl_write_vector(b, 3);
    tl_write_u64(b, one);
    tl_write_u64(b, two);
    tl_write_u64(b, 4);
    tl_write_bytes(b, "\4\2\2", 3);
    ck_assert_int_eq(desk_tell(d, false), 0);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, QUERY_ID), 1);
    ck_assert_uint_eq(le32_load(desk_must_hear(d, QUERY_ID, 0)->body + 4), 2);
}
END_TEST

START_TEST(after_a_reconnect_the_session_goes_on_and_asks_before_it_sends_again)
{
    uint64_t session_id = mt_session_id(d->s);
    uint8_t body[8];
    uint64_t one = desk_send_one(d, 1), two = desk_send_one(d, 2);

    memcpy(body, desk_must_hear(d, QUERY_ID, 0)->body, 8);
    mt_session_disconnected(d->s);
    desk_query(d, 3);
    mt_session_connected(d->s);
    ck_assert_uint_eq(desk_flush(d), 1);
    ck_assert_uint_eq(mt_session_id(d->s), session_id);
    struct heard *h = desk_must_hear(d, MT_MSGS_STATE_REQ, 0);
    ck_assert_uint_eq(le32_load(h->body + 8), 2);
    ck_assert_uint_eq(le64_load(h->body + 12), one);
    ck_assert_uint_eq(le64_load(h->body + 20), two);
    desk_must_hear(d, MT_PING_DELAY_DISCONNECT, 0);
    ck_assert_uint_eq(desk_count(d, QUERY_ID), 1); /* what was not sent before goes at once */
    ck_assert_uint_eq(le32_load(desk_must_hear(d, QUERY_ID, 0)->body + 4), 3);
    uint64_t req = h->msg_id;
    ck_assert_int_eq(tell_states(req, "\4\2", 2), 0);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, QUERY_ID), 1);
    h = desk_must_hear(d, QUERY_ID, 0);
    check_bytes(h->body, h->len, body, 8, "the body sent again");
    ck_assert_uint_gt(h->msg_id, two);
    desk_answer(d, one, 1);
    desk_answer(d, h->msg_id, 2);
    ck_assert_uint_eq(desk_events(d, EVENT_RESULT), 2);
}
END_TEST

START_TEST(only_acks_wait_for_the_next_connection_questions_are_asked_anew)
{
    desk_tell_update(d, true);
    desk_query(d, 1);
    ck_assert_int_eq(desk_pass_s(d, 60), 0);
    desk_flush(d);
    ck_assert_int_eq(desk_bad_salt(d, d->heard[0].outer_id, 0xabc), 0); /* all of it is to go again */
    mt_session_disconnected(d->s);
    mt_session_connected(d->s);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, MT_MSGS_ACK), 1);
    ck_assert_uint_eq(desk_count(d, MT_PING_DELAY_DISCONNECT), 1);
    ck_assert_uint_eq(desk_count(d, QUERY_ID), 1);
}
END_TEST

START_TEST(a_container_is_known_as_long_as_one_of_its_queries_waits)
{
    desk_query(d, 1);
    desk_query(d, 2);
    desk_flush(d);
    uint64_t container = d->heard[0].outer_id;
    for (uint32_t i = 0; i < 400; i++)
        desk_answer(d, desk_send_one(d, 100 + i), 1);
    desk_forget_events(d);
    ck_assert_int_eq(desk_bad_msg(d, container, 20), 0);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, QUERY_ID), 2);
}
END_TEST

START_TEST(no_answer_to_the_question_after_a_reconnect_asks_again)
{
    uint64_t id = desk_send_one(d, 1);

    mt_session_disconnected(d->s);
    mt_session_connected(d->s);
    desk_flush(d);
    desk_must_hear(d, MT_MSGS_STATE_REQ, 0);
    desk_pass_s(d, 5);
    desk_flush(d);
    ck_assert_uint_eq(le64_load(desk_must_hear(d, MT_MSGS_STATE_REQ, 0)->body + 12), id);
}
END_TEST

START_TEST(a_server_that_knows_nothing_after_a_reconnect_gets_all_again_once)
{
    desk_send_one(d, 1);
    mt_session_disconnected(d->s);
    mt_session_connected(d->s);
    desk_flush(d);
    struct heard *h = desk_must_hear(d, MT_MSGS_STATE_REQ, 0);
    uint64_t req = h->msg_id, first = d->heard[0].msg_id;
    ck_assert_int_eq(desk_new_session(d, first, 42), 0);
    ck_assert_int_eq(tell_states(req, "\1", 1), 0);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, QUERY_ID), 1);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, QUERY_ID), 0);
}
END_TEST

START_TEST(the_servers_question_for_states_is_answered)
{
    uint64_t known = desk_next_id(d, MT_MSG_ID_SERVER);

    tl_write_u32(desk_begin(d, UPDATE_ID), 1);
    desk_tell_as(d, d->session_id, known, 1);
    struct buf *b = desk_begin(d, MT_MSGS_STATE_REQ);
    tl_write_vector(b, 3);
    tl_write_u64(b, known);
    tl_write_u64(b, known - 4);
    tl_write_u64(b, known + (UINT64_C(1) << 40));
    uint64_t req = desk_next_id(d, MT_MSG_ID_SERVER);
    ck_assert_int_eq(desk_tell_as(d, d->session_id, req, 3), 0);
    desk_flush(d);
    struct heard *h = desk_must_hear(d, MT_MSGS_STATE_INFO, 0);
    ck_assert_uint_eq(le64_load(h->body + 4), req);
    check_bytes(h->body + 12, 4, "\3\4\2\3", 4, "states");
}
END_TEST

START_TEST(a_question_too_long_to_answer_is_ignored)
{
    struct buf *b = desk_begin(d, MT_MSGS_STATE_REQ);

    tl_write_vector(b, LIMIT_ACKS + 1);
    for (int i = 0; i <= LIMIT_ACKS; i++)
        tl_write_u64(b, 1);
    ck_assert_int_eq(desk_tell(d, false), 0);
    ck_assert_uint_eq(desk_flush(d), 0);
}
END_TEST

START_TEST(what_the_server_asks_for_again_is_sent_again)
{
    uint64_t id = desk_send_one(d, 1);
    struct buf *b = desk_begin(d, MT_MSG_RESEND_REQ);

    tl_write_vector(b, 1);
    tl_write_u64(b, id);
    ck_assert_int_eq(desk_tell(d, false), 0);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, QUERY_ID), 1);
    ck_assert_uint_eq(desk_count(d, MT_MSGS_STATE_INFO), 0);
    b = desk_begin(d, MT_MSG_RESEND_REQ);
    tl_write_vector(b, 2);
    tl_write_u64(b, desk_must_hear(d, QUERY_ID, 0)->msg_id);
    tl_write_u64(b, 4);
    ck_assert_int_eq(desk_tell(d, false), 0);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, QUERY_ID), 1);
    ck_assert_uint_eq(desk_count(d, MT_MSGS_STATE_INFO), 1);
}
END_TEST

static int tell_detailed(uint32_t id, uint64_t msg_id, uint64_t answer)
{
    struct buf *b = desk_begin(d, id);

    if (id == MT_MSG_DETAILED_INFO)
        tl_write_u64(b, msg_id);
    tl_write_u64(b, answer);
    tl_write_u32(b, 100);
    tl_write_u32(b, 0);
    return desk_tell(d, false);
}

START_TEST(an_answer_that_was_not_sent_again_is_asked_for_or_acked)
{
    uint64_t id = desk_send_one(d, 1), answer = desk_next_id(d, MT_MSG_ID_ANSWER);

    ck_assert_int_eq(tell_detailed(MT_MSG_DETAILED_INFO, id, answer), 0);
    desk_flush(d);
    struct heard *h = desk_must_hear(d, MT_MSG_RESEND_REQ, 0);
    ck_assert_uint_eq(le64_load(h->body + 12), answer);
    /* The answer to what nobody waits for is only acked. */
    ck_assert_int_eq(tell_detailed(MT_MSG_DETAILED_INFO, id - 400, answer + 4), 0);
    ck_assert_int_eq(tell_detailed(MT_MSG_NEW_DETAILED_INFO, 0, answer + 8), 0);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, MT_MSG_RESEND_REQ), 1);
    ck_assert_uint_eq(le64_load(desk_must_hear(d, MT_MSG_RESEND_REQ, 0)->body + 12), answer + 8);
    ck_assert_uint_eq(le64_load(desk_must_hear(d, MT_MSGS_ACK, 0)->body + 12), answer + 4);
    /* One that came already is acked. */
    tl_write_u32(desk_begin(d, UPDATE_ID), 1);
    uint64_t seen = desk_next_id(d, MT_MSG_ID_SERVER);
    desk_tell_as(d, d->session_id, seen, 0);
    ck_assert_int_eq(tell_detailed(MT_MSG_NEW_DETAILED_INFO, 0, seen), 0);
    desk_pass_s(d, 10);
    desk_flush(d);
    ck_assert_uint_eq(le64_load(desk_must_hear(d, MT_MSGS_ACK, 0)->body + 12), seen);
}
END_TEST

START_TEST(a_flood_of_questions_is_answered_within_bounds)
{
    for (int i = 0; i < 500; i++) {
        struct buf *b = desk_begin(d, MT_MSGS_STATE_REQ);
        tl_write_vector(b, 1);
        tl_write_u64(b, 1);
        ck_assert_int_eq(desk_tell(d, false), 0);
    }
    ck_assert_uint_eq(desk_flush(d), 1);
    ck_assert_uint_le(d->heard_n, 40);
}
END_TEST

Suite *suite_session_state(void)
{
    Suite *s = suite_create("mt/session_state");
    TCase *t = tcase_create("state");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_silent_request_has_its_state_asked_and_is_sent_again_or_waits);
    tcase_add_test(t, an_acked_request_waits_longer_before_it_is_asked_for);
    tcase_add_test(t, the_state_is_asked_again_when_nobody_tells);
    tcase_add_test(t, a_state_info_of_the_wrong_length_is_ignored);
    tcase_add_test(t, unasked_states_are_taken_too);
    tcase_add_test(t, after_a_reconnect_the_session_goes_on_and_asks_before_it_sends_again);
    tcase_add_test(t, only_acks_wait_for_the_next_connection_questions_are_asked_anew);
    tcase_add_test(t, a_container_is_known_as_long_as_one_of_its_queries_waits);
    tcase_add_test(t, no_answer_to_the_question_after_a_reconnect_asks_again);
    tcase_add_test(t, a_server_that_knows_nothing_after_a_reconnect_gets_all_again_once);
    tcase_add_test(t, the_servers_question_for_states_is_answered);
    tcase_add_test(t, a_question_too_long_to_answer_is_ignored);
    tcase_add_test(t, what_the_server_asks_for_again_is_sent_again);
    tcase_add_test(t, an_answer_that_was_not_sent_again_is_asked_for_or_acked);
    tcase_add_test(t, a_flood_of_questions_is_answered_within_bounds);
    suite_add_tcase(s, t);
    return s;
}
