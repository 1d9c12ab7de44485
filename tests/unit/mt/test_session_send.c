/* What a session sends: ids, sequence numbers, prefix, packing, containers, limits. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/gzip.h"
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

static const uint8_t prefix[12] = "prefixprefix";

static void set_prefix(void)
{
    ck_assert_int_eq(mt_session_set_prefix(d->s, prefix, sizeof(prefix)), 0);
}

static bool is_prefixed(const struct heard *h)
{
    return h->len >= sizeof(prefix) && memcmp(h->body, prefix, sizeof(prefix)) == 0;
}

static size_t prefixed(void)
{
    size_t n = 0;

    for (size_t i = 0; i < d->heard_n; i++)
        n += is_prefixed(&d->heard[i]);
    return n;
}

START_TEST(a_query_goes_out_bare_and_its_answer_ends_it)
{
    uint64_t request = desk_query(d, 7);

    ck_assert(!mt_session_may_have_run(d->s, request));
    ck_assert_uint_eq(mt_session_pending(d->s), 1);
    ck_assert_uint_eq(desk_flush(d), 1);
    ck_assert_uint_eq(d->heard_n, 1);
    struct heard *h = desk_must_hear(d, QUERY_ID, 0);
    ck_assert_uint_eq(h->msg_id, h->outer_id);
    ck_assert_uint_eq(h->seq_no, 1);
    ck_assert_uint_eq(h->salt, d->salt);
    ck_assert_uint_eq(le32_load(h->body + 4), 7);
    ck_assert(mt_session_may_have_run(d->s, request));
    ck_assert_uint_eq(desk_flush(d), 0);
    ck_assert_int_eq(desk_answer(d, d->last_msg_id, 9), 0);
    ck_assert_uint_eq(d->events_n, 1);
    ck_assert_int_eq(d->events[0].kind, EVENT_RESULT);
    ck_assert_uint_eq(d->events[0].request, request);
    ck_assert_uint_eq(d->events[0].id, ANSWER_ID);
    ck_assert_uint_eq(d->events[0].value, 9);
    ck_assert_uint_eq(d->events[0].len, 8);
    ck_assert_uint_eq(mt_session_pending(d->s), 0);
    ck_assert(!mt_session_may_have_run(d->s, request));
}
END_TEST

START_TEST(an_rpc_error_ends_the_request)
{
    uint64_t request = desk_query(d, 7);

    desk_flush(d);
    struct buf *b = desk_begin(d, MT_RPC_RESULT);
    tl_write_u64(b, d->last_msg_id);
    tl_write_u32(b, MT_RPC_ERROR);
    tl_write_i32(b, 420);
    tl_write_text(b, "FLOOD_WAIT_17");
    ck_assert_int_eq(desk_tell(d, true), 0);
    ck_assert_uint_eq(d->events_n, 1);
    ck_assert_int_eq(d->events[0].kind, EVENT_ERROR);
    ck_assert_uint_eq(d->events[0].request, request);
    ck_assert_int_eq(d->events[0].err, 420);
    ck_assert_uint_eq(mt_session_pending(d->s), 0);
}
END_TEST

START_TEST(sequence_numbers_walk_as_documented)
{
    json_t *all = unit_load_json("mt/messages.json");
    json_t *steps = json_object_get(json_array_get(json_object_get(all, "seqno"), 0), "steps");
    uint32_t want[6];

    for (size_t i = 0; i < 6; i++)
        want[i] = (uint32_t)json_integer_value(json_object_get(json_array_get(steps, i), "seqno"));
    json_decref(all);
    desk_query(d, 1);
    desk_flush(d);
    ck_assert_uint_eq(d->heard[0].seq_no, want[0]);
    desk_answer(d, d->last_msg_id, 1);
    desk_pass_s(d, 10);
    desk_flush(d); /* the ack of the answer; get_future_salts counts no more than it does */
    ck_assert_uint_eq(desk_must_hear(d, MT_MSGS_ACK, 0)->seq_no, want[1]);
    desk_query(d, 2);
    desk_flush(d);
    ck_assert_uint_eq(d->heard[0].seq_no, want[2]);
    desk_answer(d, d->last_msg_id, 1);
    desk_query(d, 3);
    desk_flush(d); /* the ack and the query in a container: desk_flush() judges it */
    ck_assert_uint_eq(desk_must_hear(d, MT_MSGS_ACK, 0)->seq_no, 4);
    ck_assert_uint_eq(desk_must_hear(d, QUERY_ID, 0)->seq_no, want[3]);
}
END_TEST

START_TEST(ids_grow_while_the_clock_stands_still_or_goes_back)
{
    for (uint32_t i = 0; i < 300; i++) {
        desk_query(d, i);
        if (i == 150)
            d->clock.mono_us -= 3600 * SECOND_US;
        desk_flush(d); /* judges that ids grow */
        ck_assert_uint_eq(d->heard_n, 1);
    }
}
END_TEST

START_TEST(ids_are_server_time_whatever_the_wall_clock_says)
{
    d->clock.wall_us = 5;
    desk_query(d, 1);
    desk_flush(d);
    int64_t server_s = (d->clock.mono_us + d->server_offset_us) / SECOND_US;
    ck_assert_int_eq(mt_msg_id_seconds(d->heard[0].msg_id), server_s);
}
END_TEST

START_TEST(the_prefix_goes_before_every_query_until_one_is_answered)
{
    uint64_t first;

    set_prefix();
    desk_query(d, 1);
    desk_query(d, 2);
    desk_flush(d);
    ck_assert_uint_eq(prefixed(), 2);
    ck_assert_uint_eq(le32_load(d->heard[1].body + sizeof(prefix) + 4), 2);
    first = d->heard[0].msg_id;
    desk_query(d, 3);
    desk_flush(d);
    ck_assert_uint_eq(prefixed(), 1);
    desk_ack(d, first);
    desk_query(d, 4);
    desk_flush(d);
    ck_assert_uint_eq(prefixed(), 1);
    desk_answer(d, first, 1);
    desk_query(d, 5);
    desk_flush(d);
    ck_assert_uint_eq(prefixed(), 0);
}
END_TEST

START_TEST(an_answer_to_a_query_without_the_prefix_does_not_count)
{
    set_prefix();
    desk_query(d, 1);
    desk_flush(d);
    desk_answer(d, d->heard[0].msg_id, 1);
    desk_query(d, 2);
    desk_flush(d);
    uint64_t bare = desk_must_hear(d, QUERY_ID, 0)->msg_id;
    mt_session_init_again(d->s);
    desk_answer(d, bare, 1);
    desk_query(d, 3);
    desk_flush(d);
    ck_assert_uint_eq(prefixed(), 1);
}
END_TEST

START_TEST(init_again_sends_the_prefix_anew_and_old_answers_do_not_end_that)
{
    set_prefix();
    desk_query(d, 1);
    desk_query(d, 2);
    desk_flush(d);
    uint64_t one = d->heard[0].msg_id, two = d->heard[1].msg_id;
    desk_answer(d, one, 1);
    mt_session_init_again(d->s);
    desk_answer(d, two, 1);
    desk_query(d, 3);
    desk_flush(d);
    ck_assert_uint_eq(prefixed(), 1);
    desk_answer(d, d->heard[d->heard_n - 1].msg_id, 1);
    desk_query(d, 4);
    desk_flush(d);
    ck_assert_uint_eq(prefixed(), 0);
}
END_TEST

START_TEST(a_new_session_starts_with_the_prefix_again)
{
    set_prefix();
    desk_query(d, 1);
    desk_flush(d);
    desk_answer(d, d->heard[0].msg_id, 1);
    desk_query(d, 2);
    desk_flush(d);
    uint64_t old = d->session_id;
    desk_bad_msg(d, desk_must_hear(d, QUERY_ID, 0)->msg_id, 32);
    desk_flush(d);
    ck_assert_uint_eq(prefixed(), 1);
    ck_assert_uint_ne(d->session_id, old);
}
END_TEST

static uint8_t *long_query(size_t len, bool random)
{
    uint8_t *q = malloc(len);

    for (size_t i = 0; i < len; i++)
        q[i] = (uint8_t)(i / 64);
    if (random)
        random_fill(&d->peer_random.source, q, len);
    le32_store(q, QUERY_ID);
    return q;
}

START_TEST(long_queries_are_packed_where_that_is_smaller)
{
    static const struct {
        size_t len;
        bool random, packed;
    } cases[] = {{512, false, false}, {516, false, true},         {4096, false, true},
                 {4096, true, false}, {LIMIT_QUERY, false, true}, {LIMIT_QUERY, true, false}};
    struct buf plain;
    uint64_t request;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t *q = long_query(cases[i].len, cases[i].random);
        ck_assert_int_eq(mt_session_send(d->s, q, cases[i].len, &request), 0);
        ck_assert_uint_eq(desk_flush(d), 1);
        ck_assert_uint_eq(d->heard_n, 1);
        struct heard *h = &d->heard[0];
        if (cases[i].packed) {
            struct tl_reader r;
            size_t len;
            ck_assert_uint_eq(h->id, MT_GZIP_PACKED);
            ck_assert_uint_lt(h->len, cases[i].len);
            tl_reader_init(&r, h->body + 4, h->len - 4);
            const uint8_t *packed = tl_read_bytes(&r, &len);
            buf_init(&plain, cases[i].len);
            ck_assert_int_eq(gzip_unpack(packed, len, &plain, NULL), 0);
            check_bytes(plain.data, plain.len, q, cases[i].len, "query");
            buf_fini(&plain);
        } else {
            check_bytes(h->body, h->len, q, cases[i].len, "query");
        }
        free(q);
    }
}
END_TEST

START_TEST(behind_the_prefix_nothing_is_packed)
{
    uint64_t request;
    uint8_t *q = long_query(2000, false);

    set_prefix();
    ck_assert_int_eq(mt_session_send(d->s, q, 2000, &request), 0);
    desk_flush(d);
    ck_assert_uint_eq(prefixed(), 1);
    ck_assert_uint_eq(le32_load(d->heard[0].body + sizeof(prefix)), le32_load(q));
    free(q);
}
END_TEST

START_TEST(limits_hold)
{
    /* What servers were seen to take, less the prefix at its longest. */
    ck_assert_uint_le(LIMIT_QUERY, 1044404 - 4096);
    uint8_t *q = long_query(LIMIT_QUERY + 4, true);
    uint64_t request = 77;

    ck_assert_int_eq(mt_session_send(d->s, q, LIMIT_QUERY + 4, &request), TGC_ELIMIT);
    ck_assert_int_eq(mt_session_send(d->s, q, 0, &request), TGC_EINVAL);
    ck_assert_int_eq(mt_session_send(d->s, q, 6, &request), TGC_EINVAL);
    ck_assert_int_eq(mt_session_set_prefix(d->s, q, 100000), TGC_ELIMIT);
    ck_assert_int_eq(mt_session_set_prefix(d->s, q, 3), TGC_EINVAL);
    ck_assert_uint_eq(request, 77);
    for (int i = 0; i < LIMIT_SESSION_REQUESTS; i++)
        desk_query(d, (uint32_t)i);
    ck_assert_int_eq(mt_session_send(d->s, q, 8, &request), TGC_ELIMIT);
    ck_assert_uint_eq(mt_session_pending(d->s), LIMIT_SESSION_REQUESTS);
    ck_assert_uint_eq(desk_flush(d), (LIMIT_SESSION_REQUESTS + 99) / 100); /* desk_flush() judges the containers */
    ck_assert_uint_eq(desk_count(d, QUERY_ID), LIMIT_SESSION_REQUESTS);
    uint64_t id = desk_must_hear(d, QUERY_ID, 1234)->msg_id;
    desk_answer(d, id, 1);
    ck_assert_int_eq(mt_session_send(d->s, q, 8, &request), 0);
    free(q);
}
END_TEST

START_TEST(containers_stay_below_their_size)
{
    uint64_t request;
    uint8_t *q = long_query(200 << 10, true);

    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(mt_session_send(d->s, q, 200 << 10, &request), 0);
    ck_assert_uint_eq(desk_flush(d), 3); /* 2 + 2 + 1; desk_flush() judges the sizes */
    ck_assert_uint_eq(desk_count(d, QUERY_ID), 5);
    free(q);
}
END_TEST

START_TEST(nothing_goes_out_without_a_connection)
{
    mt_session_disconnected(d->s);
    desk_query(d, 1);
    ck_assert_uint_eq(desk_flush(d), 0);
    ck_assert(mt_session_deadline(d->s) == INT64_MAX);
    ck_assert_int_eq(desk_pass_s(d, 1000), 0);
    ck_assert_uint_eq(desk_flush(d), 0);
}
END_TEST

START_TEST(a_forgotten_request_is_not_sent_and_its_late_answer_dropped_but_acked)
{
    uint64_t unsent = desk_query(d, 1), sent = desk_query(d, 2);

    mt_session_forget(d->s, unsent);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, QUERY_ID), 1);
    uint64_t id = d->heard[0].msg_id;
    mt_session_forget(d->s, sent);
    mt_session_forget(d->s, sent);
    mt_session_forget(d->s, 12345);
    ck_assert_uint_eq(mt_session_pending(d->s), 0);
    ck_assert_int_eq(desk_answer(d, id, 1), 0);
    ck_assert_uint_eq(d->events_n, 0);
    desk_pass_s(d, 10);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, MT_MSGS_ACK), 1);
}
END_TEST

static void answer_by_query(struct desk *desk_of, uint64_t request)
{
    desk_query(desk_of, 1000 + (uint32_t)request);
    mt_session_forget(desk_of->s, request + 1);
    mt_session_forget(desk_of->s, request);
}

START_TEST(a_repeated_request_takes_the_answer_to_any_of_its_questions)
{
    for (int old = 0; old < 2; old++) {
        uint64_t request = desk_query(d, 7), ids[2];
        mt_session_repeat(d->s, request); /* not on its way yet */
        desk_flush(d);
        ck_assert_uint_eq(desk_count(d, QUERY_ID), 1);
        ids[0] = d->heard[0].msg_id;
        mt_session_repeat(d->s, request);
        mt_session_repeat(d->s, request);
        desk_flush(d);
        ck_assert_uint_eq(desk_count(d, QUERY_ID), 1);
        ids[1] = desk_must_hear(d, QUERY_ID, 0)->msg_id;
        desk_answer(d, ids[old], 5);
        desk_answer(d, ids[!old], 6);
        ck_assert_uint_eq(desk_events(d, EVENT_RESULT), (size_t)old + 1);
        ck_assert_uint_eq(desk_event(d, EVENT_RESULT, (size_t)old)->value, 5);
        mt_session_repeat(d->s, request);
        ck_assert_uint_eq(mt_session_pending(d->s), 0);
        desk_flush(d);
    }
}
END_TEST

START_TEST(a_handler_may_send_and_forget)
{
    uint64_t first = desk_query(d, 1), second = desk_query(d, 2);

    d->on_result = answer_by_query;
    desk_flush(d);
    desk_answer(d, d->heard[0].msg_id, 1);
    ck_assert_uint_eq(second, first + 1);
    ck_assert_uint_eq(mt_session_pending(d->s), 1);
    desk_flush(d);
    ck_assert_uint_eq(le32_load(desk_must_hear(d, QUERY_ID, 0)->body + 4), 1000 + first);
}
END_TEST

START_TEST(a_session_ends_without_calls)
{
    for (uint32_t i = 0; i < 10; i++)
        desk_query(d, i);
    desk_flush(d);
    desk_query(d, 11);
    mt_session_free(d->s);
    d->s = NULL;
    ck_assert_uint_eq(d->events_n, 0);
}
END_TEST

START_TEST(destroy_methods_go_bare_and_take_their_answer_either_way)
{
    uint8_t destroy[4];
    uint64_t request;

    set_prefix();
    le32_store(destroy, MT_DESTROY_AUTH_KEY);
    ck_assert_int_eq(mt_session_send(d->s, destroy, 4, &request), 0);
    desk_query(d, 1);
    desk_flush(d);
    ck_assert_uint_eq(desk_must_hear(d, MT_DESTROY_AUTH_KEY, 0)->len, 4);
    desk_begin(d, MT_DESTROY_AUTH_KEY_OK);
    ck_assert_int_eq(desk_tell(d, true), 0);
    ck_assert_uint_eq(d->events_n, 1);
    ck_assert_uint_eq(d->events[0].request, request);
    ck_assert_uint_eq(d->events[0].id, MT_DESTROY_AUTH_KEY_OK);
    desk_begin(d, MT_DESTROY_AUTH_KEY_OK);
    ck_assert_int_eq(desk_tell(d, true), 0);
    ck_assert_uint_eq(d->events_n, 1);
}
END_TEST

Suite *suite_session_send(void)
{
    Suite *s = suite_create("mt/session_send");
    TCase *t = tcase_create("send");

    tcase_set_timeout(t, 60); /* packing a megabyte takes a while on a machine with much to do */

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_query_goes_out_bare_and_its_answer_ends_it);
    tcase_add_test(t, an_rpc_error_ends_the_request);
    tcase_add_test(t, sequence_numbers_walk_as_documented);
    tcase_add_test(t, ids_grow_while_the_clock_stands_still_or_goes_back);
    tcase_add_test(t, ids_are_server_time_whatever_the_wall_clock_says);
    tcase_add_test(t, the_prefix_goes_before_every_query_until_one_is_answered);
    tcase_add_test(t, an_answer_to_a_query_without_the_prefix_does_not_count);
    tcase_add_test(t, init_again_sends_the_prefix_anew_and_old_answers_do_not_end_that);
    tcase_add_test(t, a_new_session_starts_with_the_prefix_again);
    tcase_add_test(t, long_queries_are_packed_where_that_is_smaller);
    tcase_add_test(t, behind_the_prefix_nothing_is_packed);
    tcase_add_test(t, limits_hold);
    tcase_add_test(t, containers_stay_below_their_size);
    tcase_add_test(t, nothing_goes_out_without_a_connection);
    tcase_add_test(t, a_forgotten_request_is_not_sent_and_its_late_answer_dropped_but_acked);
    tcase_add_test(t, a_repeated_request_takes_the_answer_to_any_of_its_questions);
    tcase_add_test(t, a_handler_may_send_and_forget);
    tcase_add_test(t, a_session_ends_without_calls);
    tcase_add_test(t, destroy_methods_go_bare_and_take_their_answer_either_way);
    suite_add_tcase(s, t);
    return s;
}
