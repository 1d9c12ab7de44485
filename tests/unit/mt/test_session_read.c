/* What a session takes from the server, and every check before it does. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/gzip.h"
#include "daemon/base/le.h"
#include "daemon/base/limits.h"
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

static void begin_update(uint32_t value)
{
    tl_write_u32(desk_begin(d, UPDATE_ID), value);
}

/* Writes the inner bytes as gzip_packed behind what is in B. */
static void write_packed(struct buf *b, const void *data, size_t len)
{
    struct buf gzip;

    buf_init(&gzip, 2 * len + 1024);
    ck_assert_int_eq(gzip_pack(data, len, &gzip), 0);
    tl_write_bytes(b, gzip.data, gzip.len);
    buf_fini(&gzip);
}

START_TEST(an_update_is_handed_over_and_acked)
{
    begin_update(5);
    ck_assert_int_eq(desk_tell(d, true), 0);
    ck_assert_uint_eq(desk_events(d, EVENT_UPDATE), 1);
    ck_assert_uint_eq(d->events[0].value, 5);
    begin_update(6);
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
            begin_update(1);
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
        begin_update(1);
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
    begin_update(1);
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
    begin_update(1);
    ck_assert_int_eq(desk_tell_as(d, d->session_id, desk_next_id(d, MT_MSG_ID_CLIENT), 1), TGC_EPROTO);
    ck_assert_int_eq(desk_tell_as(d, d->session_id, desk_next_id(d, MT_MSG_ID_CLIENT) | 2, 1), TGC_EPROTO);
    ck_assert_uint_eq(d->events_n, 0);
}
END_TEST

START_TEST(a_duplicate_is_acked_again_and_handled_once)
{
    uint64_t id = desk_next_id(d, MT_MSG_ID_SERVER);

    begin_update(1);
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
        begin_update(1);
        ck_assert_int_eq(desk_tell(d, false), 0);
    }
    desk_forget_events(d);
    begin_update(2);
    ck_assert_int_eq(desk_tell_as(d, d->session_id, old, 1), 0);
    ck_assert_uint_eq(d->events_n, 0);
}
END_TEST

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
        begin_update(1);
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

    begin_update(1);
    desk_tell_as(d, d->session_id, mt_msg_id_next(&ids, server_us - 60 * SECOND_US, MT_MSG_ID_SERVER), 1);
    ck_assert_int_eq(mt_session_time_offset_us(d->s), before);
    ck_assert_uint_eq(desk_events(d, EVENT_SALT), 0);
    begin_update(1);
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
    begin_update(1);
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
        begin_update(1);
        ck_assert_int_eq(desk_tell(d, true), 0);
    }
    ck_assert_uint_eq(desk_events(d, EVENT_UPDATE), 0);
    ck_assert_uint_ne(mt_session_id(d->s), session_id);
    desk_query(d, 1);
    desk_flush(d);
    begin_update(2);
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

START_TEST(a_container_is_taken_apart)
{
    desk_query(d, 1);
    desk_flush(d);
    uint64_t req = d->heard[0].msg_id;
    begin_update(1);
    desk_put(d, true);
    struct buf *b = desk_begin(d, MT_RPC_RESULT);
    tl_write_u64(b, req);
    tl_write_u32(b, ANSWER_ID);
    desk_put(d, true);
    begin_update(2);
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

    begin_update(1);
    uint64_t inner = desk_put(d, true);
    begin_update(2);
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
    begin_update(1);
    desk_put(d, true);
    desk_begin(d, MT_MSG_CONTAINER);
    tl_write_u32(&d->body, 0);
    desk_put(d, false);
    ck_assert_int_eq(desk_tell_container(d), TGC_EPROTO);
    /* an inner id above the container's */
    begin_update(1);
    desk_put(d, true);
    begin_update(2);
    id = desk_next_id(d, MT_MSG_ID_SERVER);
    desk_put_as(d, id + (UINT64_C(1) << 32), 1);
    ck_assert_int_eq(desk_tell_container(d), TGC_EPROTO);
    /* an even one */
    begin_update(1);
    desk_put(d, true);
    desk_put_as(d, desk_next_id(d, MT_MSG_ID_CLIENT), 1);
    ck_assert_int_eq(desk_tell_container(d), TGC_EPROTO);
    /* one message fewer than it says */
    begin_update(1);
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
    begin_update(7);
    desk_put(d, true);
    ck_assert_int_eq(desk_tell_container(d), 0);
    ck_assert_uint_eq(d->events_n, 1);
    ck_assert_uint_eq(d->events[0].value, 7);
    desk_flush(d);
    ck_assert_uint_eq(le32_load(desk_must_hear(d, MT_MSGS_ACK, 0)->body + 8), n + 2);
}
END_TEST

START_TEST(packed_updates_and_answers_are_unpacked)
{
    static uint32_t data[500];

    data[0] = htole32(UPDATE_ID);
    data[1] = htole32(99);
    write_packed(desk_begin(d, MT_GZIP_PACKED), data, sizeof(data));
    ck_assert_int_eq(desk_tell(d, true), 0);
    ck_assert_uint_eq(d->events_n, 1);
    ck_assert_int_eq(d->events[0].kind, EVENT_UPDATE);
    ck_assert_uint_eq(d->events[0].len, sizeof(data));

    desk_query(d, 1);
    desk_flush(d);
    uint64_t req = desk_must_hear(d, QUERY_ID, 0)->msg_id;
    data[0] = htole32(ANSWER_ID);
    struct buf *b = desk_begin(d, MT_RPC_RESULT);
    tl_write_u64(b, req);
    tl_write_u32(b, MT_GZIP_PACKED);
    write_packed(b, data, sizeof(data));
    ck_assert_int_eq(desk_tell(d, true), 0);
    struct event *e = desk_event(d, EVENT_RESULT, 0);
    ck_assert_ptr_nonnull(e);
    ck_assert_uint_eq(e->id, ANSWER_ID);
    ck_assert_uint_eq(e->value, 99);
    ck_assert_uint_eq(e->len, sizeof(data));
}
END_TEST

START_TEST(published_packed_objects_are_read)
{
    json_t *all = unit_load_json("mt/messages.json");
    json_t *packed = json_object_get(all, "gzip_packed");
    size_t len, inner_len;

    uint8_t *encoded = unit_json_hex(json_array_get(packed, 0), "encoded", &len);
    free(unit_json_hex(json_array_get(packed, 0), "inner", &inner_len));
    buf_reset(&d->body);
    buf_put(&d->body, encoded, len);
    ck_assert_int_eq(desk_tell(d, true), 0);
    ck_assert_uint_eq(desk_event(d, EVENT_UPDATE, 0)->len, inner_len);
    free(encoded);

    /* An answer to another request of another time: late, and so dropped. */
    encoded = unit_json_hex(json_array_get(packed, 1), "encoded", &len);
    buf_reset(&d->body);
    buf_put(&d->body, encoded, len);
    ck_assert_int_eq(desk_tell(d, true), 0);
    ck_assert_uint_eq(d->events_n, 1);
    desk_query(d, 1);
    desk_flush(d);
    le64_store(encoded + 4, d->last_msg_id); /* the same for ours; the ack went in a container behind */
    le64_store(encoded + 4, desk_must_hear(d, QUERY_ID, 0)->msg_id);
    free(unit_json_hex(json_array_get(packed, 1), "inner", &inner_len));
    buf_reset(&d->body);
    buf_put(&d->body, encoded, len);
    ck_assert_int_eq(desk_tell(d, true), 0);
    ck_assert_uint_eq(desk_event(d, EVENT_RESULT, 0)->len, inner_len);
    free(encoded);
    json_decref(all);
}
END_TEST

START_TEST(a_packed_bomb_fails_its_request_and_nothing_else)
{
    size_t bomb_len = LIMIT_UNPACKED + 4;
    uint8_t *bomb = calloc(1, bomb_len);

    desk_query(d, 1);
    desk_flush(d);
    uint64_t req = d->heard[0].msg_id;
    write_packed(desk_begin(d, MT_GZIP_PACKED), bomb, bomb_len);
    ck_assert_int_eq(desk_tell(d, true), 0);
    ck_assert_uint_eq(d->events_n, 0);
    struct buf *b = desk_begin(d, MT_RPC_RESULT);
    tl_write_u64(b, req);
    tl_write_u32(b, MT_GZIP_PACKED);
    write_packed(b, bomb, bomb_len);
    ck_assert_int_eq(desk_tell(d, true), 0);
    ck_assert_uint_eq(d->events_n, 1);
    ck_assert_int_eq(d->events[0].kind, EVENT_FAILED);
    ck_assert_int_eq(d->events[0].err, TGC_ELIMIT);
    begin_update(1);
    ck_assert_int_eq(desk_tell(d, true), 0);
    ck_assert_uint_eq(desk_events(d, EVENT_UPDATE), 1);
    free(bomb);
}
END_TEST

START_TEST(one_level_of_packing_is_all)
{
    struct buf once, result;

    desk_query(d, 1);
    desk_query(d, 2);
    desk_flush(d);
    uint64_t first = d->heard[0].msg_id, second = d->heard[1].msg_id;
    buf_init(&once, 1000);
    tl_write_u32(&once, MT_GZIP_PACKED);
    write_packed(&once, "\x33\x33\x33\x33", 4);
    write_packed(desk_begin(d, MT_GZIP_PACKED), once.data, once.len);
    ck_assert_int_eq(desk_tell(d, true), 0);
    ck_assert_uint_eq(d->events_n, 0);
    /* an answer packed twice */
    struct buf *b = desk_begin(d, MT_RPC_RESULT);
    tl_write_u64(b, first);
    tl_write_u32(b, MT_GZIP_PACKED);
    write_packed(b, once.data, once.len);
    ck_assert_int_eq(desk_tell(d, true), 0);
    ck_assert_uint_eq(desk_events(d, EVENT_FAILED), 1);
    /* a packed rpc_result whose answer is packed */
    buf_init(&result, 1000);
    tl_write_u32(&result, MT_RPC_RESULT);
    tl_write_u64(&result, second);
    buf_put(&result, once.data, once.len);
    write_packed(desk_begin(d, MT_GZIP_PACKED), result.data, result.len);
    ck_assert_int_eq(desk_tell(d, true), 0);
    ck_assert_uint_eq(desk_events(d, EVENT_FAILED), 2);
    ck_assert_uint_eq(mt_session_pending(d->s), 0);
    /* a container in a packing */
    buf_reset(&result);
    tl_write_u32(&result, MT_MSG_CONTAINER);
    tl_write_u32(&result, 0);
    write_packed(desk_begin(d, MT_GZIP_PACKED), result.data, result.len);
    ck_assert_int_eq(desk_tell(d, true), 0);
    ck_assert_uint_eq(d->events_n, 2);
    buf_fini(&once);
    buf_fini(&result);
}
END_TEST

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
    tcase_add_test(t, messages_outside_the_time_window_are_dropped);
    tcase_add_test(t, the_offset_is_only_raised_by_messages);
    tcase_add_test(t, a_time_that_is_not_trusted_comes_from_the_first_message);
    tcase_add_test(t, a_run_of_messages_far_from_our_time_makes_us_doubt_it);
    tcase_add_test(t, an_answer_far_below_its_request_takes_the_offset_back);
    tcase_add_test(t, a_container_is_taken_apart);
    tcase_add_test(t, a_duplicate_container_has_its_messages_acked_again);
    tcase_add_test(t, malformed_containers_are_refused_whole);
    tcase_add_test(t, a_message_that_cannot_be_read_stops_no_other);
    tcase_add_test(t, packed_updates_and_answers_are_unpacked);
    tcase_add_test(t, published_packed_objects_are_read);
    tcase_add_test(t, a_packed_bomb_fails_its_request_and_nothing_else);
    tcase_add_test(t, one_level_of_packing_is_all);
    tcase_add_test(t, answers_that_cannot_be_read_fail_their_request);
    tcase_add_test(t, service_answers_in_an_rpc_result_are_taken);
    tcase_add_test(t, a_copied_message_is_unwrapped_once);
    tcase_add_test(t, a_late_second_answer_is_dropped);
    tcase_add_test(t, messages_that_are_about_nothing_of_ours_are_ignored);
    tcase_add_test(t, published_service_messages_are_read);
    suite_add_tcase(s, t);
    return s;
}
