/* What a session takes from the server: packets that are whole, of this session, and each message once. */
#include <stdlib.h>

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

START_TEST(an_update_is_handed_over_and_acked)
{
    desk_begin_update(d, 5);
    ck_assert_int_eq(desk_tell(d, true), 0);
    ck_assert_uint_eq(desk_events(d, EVENT_UPDATE), 1);
    ck_assert_uint_eq(d->events[0].value, 5);
    desk_begin_update(d, 6);
    ck_assert_int_eq(desk_tell(d, false), 0);
    ck_assert_int_eq(desk_pass_s(d, 10), 0);
    desk_flush(d);
    struct heard *h = desk_must_hear(d, MT_MSGS_ACK, 0);
    ck_assert_uint_eq(le32_load(h->body + 8), 1); /* only the one with an odd sequence number */
}
END_TEST

START_TEST(a_changed_byte_anywhere_is_refused_without_a_call)
{
    size_t len;

    desk_query(d, 1);
    desk_flush(d);
    struct buf *b = desk_begin(d, MT_RPC_RESULT);
    tl_write_u64(b, d->last_msg_id);
    tl_write_u32(b, ANSWER_ID);
    uint8_t *packet = desk_seal(d, d->session_id, desk_next_id(d, MT_MSG_ID_ANSWER), 1, &len);
    uint64_t session_id = mt_session_id(d->s);
    for (size_t i = 0; i < len; i++) {
        /* After ten refused packets in a row the session would be given up: one that is fine goes between. */
        if (i % 5 == 4) {
            desk_begin_update(d, 1);
            ck_assert_int_eq(desk_tell(d, false), 0);
            desk_forget_events(d);
        }
        packet[i] ^= 0x08;
        ck_assert_int_eq(desk_feed(d, packet, len), TGC_ECRYPTO);
        ck_assert_str_ne(d->fault.text, "");
        packet[i] ^= 0x08;
        ck_assert_uint_eq(d->events_n, 0);
    }
    for (size_t cut = 0; cut < len; cut += 9) {
        desk_begin_update(d, 1);
        ck_assert_int_eq(desk_tell(d, false), 0);
        desk_forget_events(d);
        ck_assert_int_eq(desk_feed(d, packet, cut), TGC_ECRYPTO);
    }
    ck_assert_uint_eq(mt_session_id(d->s), session_id);
    ck_assert_int_eq(desk_feed(d, packet, len), 0);
    ck_assert_uint_eq(desk_events(d, EVENT_RESULT), 1);
    free(packet);
}
END_TEST

START_TEST(ten_refused_packets_in_a_row_begin_a_new_session)
{
    uint8_t junk[72] = {0};
    uint64_t session_id = mt_session_id(d->s);

    desk_query(d, 1);
    desk_flush(d);
    for (int i = 0; i < 10; i++)
        ck_assert_int_eq(desk_feed(d, junk, sizeof(junk)), TGC_ECRYPTO);
    ck_assert_uint_ne(mt_session_id(d->s), session_id);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, QUERY_ID), 1);
}
END_TEST

START_TEST(a_message_for_another_session_is_refused)
{
    desk_begin_update(d, 1);
    ck_assert_int_eq(desk_tell_as(d, d->session_id ^ 1, desk_next_id(d, MT_MSG_ID_SERVER), 1), TGC_EPROTO);
    ck_assert_uint_eq(d->events_n, 0);
}
END_TEST

START_TEST(a_late_message_for_our_own_old_session_is_only_dropped)
{
    uint64_t old = d->session_id;

    desk_query(d, 1);
    desk_flush(d);
    uint64_t id = d->heard[0].msg_id;
    desk_bad_msg(d, id, 33);
    desk_flush(d);
    ck_assert_uint_ne(d->session_id, old);
    struct buf *b = desk_begin(d, MT_RPC_RESULT);
    tl_write_u64(b, id);
    tl_write_u32(b, ANSWER_ID);
    ck_assert_int_eq(desk_tell_as(d, old, desk_next_id(d, MT_MSG_ID_ANSWER), 3), 0);
    ck_assert_uint_eq(desk_events(d, EVENT_RESULT), 0);
    ck_assert_uint_eq(mt_session_pending(d->s), 1);
}
END_TEST

START_TEST(an_even_id_is_refused)
{
    desk_begin_update(d, 1);
    ck_assert_int_eq(desk_tell_as(d, d->session_id, desk_next_id(d, MT_MSG_ID_CLIENT), 1), TGC_EPROTO);
    ck_assert_int_eq(desk_tell_as(d, d->session_id, desk_next_id(d, MT_MSG_ID_CLIENT) | 2, 1), TGC_EPROTO);
    ck_assert_uint_eq(d->events_n, 0);
}
END_TEST

START_TEST(a_duplicate_is_acked_again_and_handled_once)
{
    uint64_t id = desk_next_id(d, MT_MSG_ID_SERVER);

    desk_begin_update(d, 1);
    ck_assert_int_eq(desk_tell_as(d, d->session_id, id, 1), 0);
    desk_pass_s(d, 10);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, MT_MSGS_ACK), 1);
    ck_assert_int_eq(desk_tell_as(d, d->session_id, id, 1), 0);
    ck_assert_uint_eq(desk_events(d, EVENT_UPDATE), 1);
    desk_pass_s(d, 10);
    desk_flush(d);
    ck_assert_uint_eq(le64_load(desk_must_hear(d, MT_MSGS_ACK, 0)->body + 12), id);
}
END_TEST

START_TEST(what_is_older_than_all_that_is_remembered_is_dropped)
{
    uint64_t old = desk_next_id(d, MT_MSG_ID_SERVER);

    for (int i = 0; i < LIMIT_SEEN_MESSAGES; i++) {
        desk_begin_update(d, 1);
        ck_assert_int_eq(desk_tell(d, false), 0);
    }
    desk_forget_events(d);
    desk_begin_update(d, 2);
    ck_assert_int_eq(desk_tell_as(d, d->session_id, old, 1), 0);
    ck_assert_uint_eq(d->events_n, 0);
}
END_TEST

START_TEST(a_copied_message_is_unwrapped_once)
{
    uint64_t id = desk_next_id(d, MT_MSG_ID_SERVER);

    for (int i = 0; i < 2; i++) {
        struct buf *b = desk_begin(d, MT_MSG_COPY);
        tl_write_u64(b, id);
        tl_write_u32(b, 1);
        tl_write_u32(b, 8);
        tl_write_u32(b, UPDATE_ID);
        tl_write_u32(b, 3);
        ck_assert_int_eq(desk_tell(d, false), 0);
    }
    ck_assert_uint_eq(d->events_n, 1);
    ck_assert_uint_eq(d->events[0].value, 3);
    desk_pass_s(d, 10);
    desk_flush(d);
    ck_assert_uint_eq(le64_load(desk_must_hear(d, MT_MSGS_ACK, 0)->body + 12), id);
    /* a copy in a copy, and one from the future */
    uint64_t inner = desk_next_id(d, MT_MSG_ID_SERVER), outer = desk_next_id(d, MT_MSG_ID_SERVER);
    struct buf *b = desk_begin(d, MT_MSG_COPY);
    tl_write_u64(b, outer);
    tl_write_u32(b, 1);
    tl_write_u32(b, 28);
    tl_write_u32(b, MT_MSG_COPY);
    tl_write_u64(b, inner);
    tl_write_u32(b, 1);
    tl_write_u32(b, 4);
    tl_write_u64(b, UPDATE_ID);
    ck_assert_int_eq(desk_tell(d, false), 0);
    b = desk_begin(d, MT_MSG_COPY);
    tl_write_u64(b, outer + (UINT64_C(1000) << 32));
    tl_write_u32(b, 1);
    tl_write_u32(b, 4);
    tl_write_u32(b, UPDATE_ID);
    ck_assert_int_eq(desk_tell(d, false), 0);
    ck_assert_uint_eq(d->events_n, 1);
}
END_TEST

Suite *suite_session_read(void)
{
    Suite *s = suite_create("mt/session_read");
    TCase *t = tcase_create("read");

    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, an_update_is_handed_over_and_acked);
    tcase_add_test(t, a_changed_byte_anywhere_is_refused_without_a_call);
    tcase_add_test(t, ten_refused_packets_in_a_row_begin_a_new_session);
    tcase_add_test(t, a_message_for_another_session_is_refused);
    tcase_add_test(t, a_late_message_for_our_own_old_session_is_only_dropped);
    tcase_add_test(t, an_even_id_is_refused);
    tcase_add_test(t, a_duplicate_is_acked_again_and_handled_once);
    tcase_add_test(t, what_is_older_than_all_that_is_remembered_is_dropped);
    tcase_add_test(t, a_copied_message_is_unwrapped_once);
    suite_add_tcase(s, t);
    return s;
}
