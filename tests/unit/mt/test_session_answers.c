/* Answers and service messages: those to a request of ours, late ones, unreadable ones, and those about nothing. */
#include <stdlib.h>
#include <string.h>

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

START_TEST(answers_that_cannot_be_read_fail_their_request)
{
    static const uint32_t heads[] = {0, MT_RPC_ERROR, MT_GZIP_PACKED};

    for (size_t i = 0; i < 3; i++) {
        desk_forget_events(d);
        desk_query(d, 1);
        desk_flush(d);
        uint64_t req = desk_must_hear(d, QUERY_ID, 0)->msg_id;
        struct buf *b = desk_begin(d, MT_RPC_RESULT);
        tl_write_u64(b, req);
        if (heads[i])
            tl_write_u32(b, heads[i]);
        if (heads[i] == MT_GZIP_PACKED)
            tl_write_text(b, "no gzip at all");
        ck_assert_int_eq(desk_tell(d, true), 0);
        ck_assert_uint_eq(d->events_n, 1);
        ck_assert_int_eq(d->events[0].kind, EVENT_FAILED);
        ck_assert_int_eq(d->events[0].err, TGC_EPROTO);
    }
}
END_TEST

START_TEST(service_answers_in_an_rpc_result_are_taken)
{
    desk_query(d, 1);
    desk_flush(d);
    desk_answer(d, d->last_msg_id, 1);
    desk_flush(d);
    uint64_t req = desk_must_hear(d, MT_GET_FUTURE_SALTS, 0)->msg_id;
    struct buf *b = desk_begin(d, MT_RPC_RESULT);
    tl_write_u64(b, req);
    tl_write_u32(b, MT_FUTURE_SALTS);
    tl_write_u64(b, req);
    tl_write_u32(b, 0);
    tl_write_u32(b, 1);
    tl_write_u32(b, 0);
    tl_write_u32(b, 0x7fffffff);
    tl_write_u64(b, 4242);
    ck_assert_int_eq(desk_tell(d, true), 0);
    ck_assert_uint_eq(mt_session_salt(d->s), d->salt); /* 1970 is not after the salt in use */
    b = desk_begin(d, MT_RPC_RESULT);
    tl_write_u64(b, req);
    tl_write_u32(b, MT_RPC_ERROR);
    ck_assert_int_eq(desk_tell(d, true), 0);
    ck_assert_uint_eq(d->events_n, 1);
}
END_TEST

START_TEST(a_late_second_answer_is_dropped)
{
    desk_query(d, 1);
    desk_flush(d);
    uint64_t id = d->last_msg_id;
    desk_answer(d, id, 1);
    ck_assert_int_eq(desk_answer(d, id, 2), 0);
    ck_assert_uint_eq(desk_events(d, EVENT_RESULT), 1);
    desk_pass_s(d, 10);
    desk_flush(d);
    ck_assert_uint_eq(le32_load(desk_must_hear(d, MT_MSGS_ACK, 0)->body + 8), 2);
}
END_TEST

START_TEST(messages_that_are_about_nothing_of_ours_are_ignored)
{
    struct buf *b;

    ck_assert_int_eq(desk_bad_salt(d, 4, 77), 0);
    ck_assert_int_eq(desk_bad_msg(d, 4, 17), 0);
    ck_assert_int_eq(desk_bad_msg(d, 0, 32), 0);
    ck_assert_int_eq(desk_ack(d, 4), 0);
    b = desk_begin(d, MT_PONG);
    tl_write_u64(b, 4);
    tl_write_u64(b, 4);
    ck_assert_int_eq(desk_tell(d, false), 0);
    b = desk_begin(d, MT_FUTURE_SALTS);
    tl_write_u64(b, 4);
    tl_write_u32(b, 0);
    tl_write_u32(b, 1);
    tl_write_u32(b, 0);
    tl_write_u32(b, 0x7fffffff);
    tl_write_u64(b, 66);
    ck_assert_int_eq(desk_tell(d, false), 0);
    b = desk_begin(d, MT_MSGS_STATE_INFO);
    tl_write_u64(b, 4);
    tl_write_bytes(b, "\4", 1);
    ck_assert_int_eq(desk_tell(d, false), 0);
    ck_assert_uint_eq(d->events_n, 0);
    ck_assert_uint_eq(mt_session_salt(d->s), d->salt);
    ck_assert_uint_eq(mt_session_id(d->s), d->session_id);
}
END_TEST

START_TEST(published_service_messages_are_read)
{
    json_t *all = unit_load_json("mt/messages.json"), *v;
    size_t i, len;

    json_array_foreach (json_object_get(all, "service_messages"), i, v) {
        const char *name = unit_json_text(v, "name");
        if (strcmp(name, "container_ping_and_ack") == 0)
            continue; /* a client's; see the tests of containers */
        desk_fini(d);
        desk_init(d);
        desk_query(d, 1);
        desk_flush(d);
        uint64_t req = d->heard[0].msg_id, session_id = mt_session_id(d->s);
        uint8_t *body = unit_json_hex(v, "encoded", &len);
        le64_store(body + 4, req); /* the published message names one of another time */
        buf_reset(&d->body);
        buf_put(&d->body, body, len);
        ck_assert_int_eq(desk_tell(d, false), 0);
        if (strcmp(name, "bad_server_salt") == 0)
            ck_assert_uint_eq(mt_session_salt(d->s), strtoull(unit_json_text(v, "new_server_salt"), NULL, 10));
        if (strcmp(name, "new_session_created") == 0)
            ck_assert_uint_eq(desk_events(d, EVENT_NEW_SESSION), 1);
        if (strcmp(name, "rpc_result_rpc_error_420") == 0)
            ck_assert_int_eq(desk_event(d, EVENT_ERROR, 0)->err, 420);
        bool new_id = strstr(name, "_17") || strstr(name, "_32") || strstr(name, "_33") || strstr(name, "_64");
        ck_assert_msg((mt_session_id(d->s) != session_id) == new_id, "%s", name);
        bool resent = strncmp(name, "bad_", 4) == 0;
        desk_flush(d);
        ck_assert_msg(desk_count(d, QUERY_ID) == resent, "%s", name);
        free(body);
    }
    json_decref(all);
}
END_TEST

Suite *suite_session_answers(void)
{
    Suite *s = suite_create("mt/session_answers");
    TCase *t = tcase_create("answers");

    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, answers_that_cannot_be_read_fail_their_request);
    tcase_add_test(t, service_answers_in_an_rpc_result_are_taken);
    tcase_add_test(t, a_late_second_answer_is_dropped);
    tcase_add_test(t, messages_that_are_about_nothing_of_ours_are_ignored);
    tcase_add_test(t, published_service_messages_are_read);
    suite_add_tcase(s, t);
    return s;
}
