/* Several messages in one packet. */
#include <stdlib.h>

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

START_TEST(a_container_is_taken_apart)
{
    desk_query(d, 1);
    desk_flush(d);
    uint64_t req = d->heard[0].msg_id;
    desk_begin_update(d, 1);
    desk_put(d, true);
    struct buf *b = desk_begin(d, MT_RPC_RESULT);
    tl_write_u64(b, req);
    tl_write_u32(b, ANSWER_ID);
    desk_put(d, true);
    desk_begin_update(d, 2);
    desk_put(d, true);
    ck_assert_int_eq(desk_tell_container(d), 0);
    ck_assert_uint_eq(desk_events(d, EVENT_UPDATE), 2);
    ck_assert_uint_eq(desk_events(d, EVENT_RESULT), 1);
    desk_pass_s(d, 10);
    desk_flush(d);
    ck_assert_uint_eq(le32_load(desk_must_hear(d, MT_MSGS_ACK, 0)->body + 8), 3);
}
END_TEST

START_TEST(a_duplicate_container_has_its_messages_acked_again)
{
    size_t len;

    desk_begin_update(d, 1);
    uint64_t inner = desk_put(d, true);
    desk_begin_update(d, 2);
    desk_put(d, true);
    le32_store(d->container.data + 4, 2);
    buf_reset(&d->body);
    buf_put(&d->body, d->container.data, d->container.len);
    uint8_t *packet = desk_seal(d, d->session_id, desk_next_id(d, MT_MSG_ID_SERVER), 4, &len);
    ck_assert_int_eq(desk_feed(d, packet, len), 0);
    desk_pass_s(d, 10);
    desk_flush(d);
    ck_assert_int_eq(desk_feed(d, packet, len), 0);
    ck_assert_uint_eq(desk_events(d, EVENT_UPDATE), 2);
    desk_pass_s(d, 10);
    desk_flush(d);
    struct heard *h = desk_must_hear(d, MT_MSGS_ACK, 0);
    ck_assert_uint_eq(le32_load(h->body + 8), 2);
    ck_assert_uint_eq(le64_load(h->body + 12), inner);
    free(packet);
}
END_TEST

START_TEST(malformed_containers_are_refused_whole)
{
    uint64_t id;

    /* a container inside */
    desk_begin_update(d, 1);
    desk_put(d, true);
    desk_begin(d, MT_MSG_CONTAINER);
    tl_write_u32(&d->body, 0);
    desk_put(d, false);
    ck_assert_int_eq(desk_tell_container(d), TGC_EPROTO);
    /* an inner id above the container's */
    desk_begin_update(d, 1);
    desk_put(d, true);
    desk_begin_update(d, 2);
    id = desk_next_id(d, MT_MSG_ID_SERVER);
    desk_put_as(d, id + (UINT64_C(1) << 32), 1);
    ck_assert_int_eq(desk_tell_container(d), TGC_EPROTO);
    /* an even one */
    desk_begin_update(d, 1);
    desk_put(d, true);
    desk_put_as(d, desk_next_id(d, MT_MSG_ID_CLIENT), 1);
    ck_assert_int_eq(desk_tell_container(d), TGC_EPROTO);
    /* one message fewer than it says */
    desk_begin_update(d, 1);
    desk_put(d, true);
    d->container_count++;
    ck_assert_int_eq(desk_tell_container(d), TGC_EPROTO);
    ck_assert_uint_eq(d->events_n, 0);
}
END_TEST

START_TEST(a_message_that_cannot_be_read_stops_no_other)
{
    static const uint32_t ids[] = {
        MT_RPC_RESULT,          MT_MSGS_ACK,      MT_BAD_SERVER_SALT,   MT_BAD_MSG_NOTIFICATION,
        MT_NEW_SESSION_CREATED, MT_PONG,          MT_FUTURE_SALTS,      MT_MSGS_STATE_REQ,
        MT_MSGS_STATE_INFO,     MT_MSGS_ALL_INFO, MT_MSG_DETAILED_INFO, MT_MSG_NEW_DETAILED_INFO,
        MT_MSG_RESEND_REQ,      MT_GZIP_PACKED,   MT_MSG_COPY,          MT_RPC_ERROR};
    size_t n = sizeof(ids) / sizeof(ids[0]);

    for (size_t i = 0; i < n; i++) {
        desk_begin(d, ids[i]); /* nothing behind the constructor */
        desk_put(d, true);
    }
    buf_reset(&d->body);
    desk_put(d, true); /* nothing at all */
    desk_begin_update(d, 7);
    desk_put(d, true);
    ck_assert_int_eq(desk_tell_container(d), 0);
    ck_assert_uint_eq(d->events_n, 1);
    ck_assert_uint_eq(d->events[0].value, 7);
    desk_flush(d);
    ck_assert_uint_eq(le32_load(desk_must_hear(d, MT_MSGS_ACK, 0)->body + 8), n + 2);
}
END_TEST

Suite *suite_session_container(void)
{
    Suite *s = suite_create("mt/session_container");
    TCase *t = tcase_create("container");

    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_container_is_taken_apart);
    tcase_add_test(t, a_duplicate_container_has_its_messages_acked_again);
    tcase_add_test(t, malformed_containers_are_refused_whole);
    tcase_add_test(t, a_message_that_cannot_be_read_stops_no_other);
    suite_add_tcase(s, t);
    return s;
}
