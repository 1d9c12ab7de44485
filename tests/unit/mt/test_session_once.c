/* What must not run twice, and what must not run any more: when it is sent again, and what its owner hears else. */
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

enum word { MISSING, TOO_HIGH, FORGOTTEN, BAD_SEQ_NO, TOO_OLD, OTHERS_BAD_SEQ_NO, BAD_SALT, NEW_SESSION };

static void tell_state(uint64_t id, const char *state)
{
    struct buf *b = desk_begin(d, MT_MSGS_ALL_INFO);

    tl_write_vector(b, 1);
    tl_write_u64(b, id);
    tl_write_bytes(b, (const uint8_t *)state, 1);
    ck_assert_int_eq(desk_tell(d, false), 0);
}

/* The server's word on the message ID. OTHER is another request's. */
static void say(enum word word, uint64_t id, uint64_t other)
{
    switch (word) {
    case MISSING:
        tell_state(id, "\2");
        break;
    case TOO_HIGH:
        tell_state(id, "\3");
        break;
    case FORGOTTEN:
        tell_state(id, "\1");
        break;
    case BAD_SEQ_NO:
        ck_assert_int_eq(desk_bad_msg(d, id, 33), 0);
        break;
    case TOO_OLD:
        ck_assert_int_eq(desk_bad_msg(d, id, 20), 0);
        break;
    case OTHERS_BAD_SEQ_NO:
        ck_assert_int_eq(desk_bad_msg(d, other, 33), 0);
        break;
    case BAD_SALT:
        ck_assert_int_eq(desk_bad_salt(d, id, 0xabc), 0);
        break;
    case NEW_SESSION:
        ck_assert_int_eq(desk_new_session(d, id + 4, 77), 0);
        break;
    }
}

static const struct {
    enum word word;
    bool may_have_run;
} words[] = {
    {MISSING, false}, {TOO_HIGH, false},         {FORGOTTEN, true}, {BAD_SEQ_NO, false},
    {TOO_OLD, true},  {OTHERS_BAD_SEQ_NO, true}, {BAD_SALT, false}, {NEW_SESSION, true},
};

static bool heard_value(uint32_t value)
{
    struct heard *h;

    for (size_t i = 0; (h = desk_heard(d, QUERY_ID, i)); i++)
        if (le32_load(h->body + 4) == value)
            return true;
    return false;
}

static uint64_t send_marked(uint32_t value, uint64_t *ret_msg_id)
{
    uint64_t request = desk_query(d, value);

    desk_flush(d);
    *ret_msg_id = desk_must_hear(d, QUERY_ID, 0)->msg_id;
    return request;
}

START_TEST(what_runs_once_is_sent_again_only_where_it_was_not_taken)
{
    uint64_t other = desk_send_one(d, 1), id, request = send_marked(2, &id);

    mt_session_once(d->s, request);
    mt_session_repeat(d->s, request); /* no */
    ck_assert_uint_eq(desk_flush(d), 0);
    say(words[_i].word, id, other);
    desk_flush(d);
    ck_assert_uint_eq(heard_value(2), !words[_i].may_have_run);
    ck_assert_uint_eq(desk_events(d, EVENT_FAILED), words[_i].may_have_run);
    if (words[_i].may_have_run) {
        ck_assert_uint_eq(desk_event(d, EVENT_FAILED, 0)->request, request);
        ck_assert_int_eq(desk_event(d, EVENT_FAILED, 0)->err, TGC_ELOST);
    }
}
END_TEST

START_TEST(what_has_expired_is_never_sent_again)
{
    uint64_t other = desk_send_one(d, 1), id, request = send_marked(2, &id);

    ck_assert_int_eq(mt_session_expire(d->s, request), 0);
    say(words[_i].word, id, other);
    desk_flush(d);
    ck_assert(!heard_value(2));
    ck_assert_uint_eq(desk_events(d, EVENT_FAILED), 1);
    ck_assert_uint_eq(desk_event(d, EVENT_FAILED, 0)->request, request);
    ck_assert_int_eq(desk_event(d, EVENT_FAILED, 0)->err, words[_i].may_have_run ? TGC_ELOST : TGC_ETIMEOUT);
}
END_TEST

START_TEST(the_late_answer_to_what_has_expired_counts)
{
    uint64_t id, request = send_marked(2, &id);

    ck_assert_int_eq(mt_session_expire(d->s, request), 0);
    mt_session_disconnected(d->s);
    mt_session_connected(d->s);
    desk_flush(d);
    ck_assert(!heard_value(2));
    tell_state(id, "\4");
    ck_assert_uint_eq(desk_events(d, EVENT_FAILED), 0);
    ck_assert_int_eq(desk_answer(d, id, 9), 0);
    ck_assert_uint_eq(desk_event(d, EVENT_RESULT, 0)->request, request);
}
END_TEST

START_TEST(what_expires_before_it_was_sent_did_not_run)
{
    uint64_t request;

    mt_session_disconnected(d->s);
    request = desk_query(d, 1);
    ck_assert(!mt_session_may_have_run(d->s, request));
    ck_assert_int_eq(mt_session_expire(d->s, request), TGC_ETIMEOUT);
    mt_session_connected(d->s);
    desk_flush(d);
    ck_assert(!heard_value(1));
    ck_assert_uint_eq(mt_session_pending(d->s), 0);
    ck_assert_uint_eq(d->events_n, 0);
}
END_TEST

START_TEST(what_expires_while_it_waits_to_be_sent_again_may_have_run)
{
    uint64_t other = desk_send_one(d, 1), id, request = send_marked(2, &id);

    say(words[_i].word, id, other);
    ck_assert_uint_eq(mt_session_may_have_run(d->s, request), words[_i].may_have_run);
    ck_assert_int_eq(mt_session_expire(d->s, request), words[_i].may_have_run ? TGC_ELOST : TGC_ETIMEOUT);
    desk_flush(d);
    ck_assert(!heard_value(2));
}
END_TEST

/* Told between the sending and the denial of the key; the first was heard for certain, the second is in question. */
enum last_word { NOTHING, ACK_OF_FIRST, ANSWER_OF_FIRST, ACK_OF_SECOND, UPDATE, ANOTHER_LINK, LAST_WORDS };

START_TEST(a_denied_key_took_nothing_behind_what_the_server_is_known_to_have_heard)
{
    uint64_t first, second;
    uint64_t old = send_marked(1, &first), request;

    mt_session_once(d->s, old);
    desk_forget_heard(d);
    request = desk_query(d, 2);
    desk_flush(d);
    second = desk_must_hear(d, QUERY_ID, 0)->msg_id;
    switch ((enum last_word)_i) {
    case ACK_OF_FIRST:
        ck_assert_int_eq(desk_ack(d, first), 0);
        break;
    case ANSWER_OF_FIRST:
        ck_assert_int_eq(desk_answer(d, first, 9), 0);
        break;
    case ACK_OF_SECOND:
        ck_assert_int_eq(desk_ack(d, second), 0);
        break;
    case UPDATE:
        desk_tell_update(d, true);
        break;
    case ANOTHER_LINK:
        mt_session_disconnected(d->s);
        mt_session_connected(d->s);
        desk_flush(d);
        break;
    default:
        break;
    }
    mt_session_denied(d->s);
    ck_assert_uint_eq(mt_session_may_have_run(d->s, request), _i >= ACK_OF_SECOND);
    if (_i != ANSWER_OF_FIRST)
        ck_assert_uint_eq(mt_session_may_have_run(d->s, old), _i != NOTHING);
}
END_TEST

Suite *suite_session_once(void)
{
    Suite *s = suite_create("mt/session_once");
    TCase *t = tcase_create("once");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, what_runs_once_is_sent_again_only_where_it_was_not_taken, 0,
                        sizeof(words) / sizeof(words[0]));
    tcase_add_loop_test(t, what_has_expired_is_never_sent_again, 0, sizeof(words) / sizeof(words[0]));
    tcase_add_test(t, the_late_answer_to_what_has_expired_counts);
    tcase_add_test(t, what_expires_before_it_was_sent_did_not_run);
    tcase_add_loop_test(t, what_expires_while_it_waits_to_be_sent_again_may_have_run, 0,
                        sizeof(words) / sizeof(words[0]));
    tcase_add_loop_test(t, a_denied_key_took_nothing_behind_what_the_server_is_known_to_have_heard, 0, LAST_WORDS);
    suite_add_tcase(s, t);
    return s;
}
