/* What comes as gzip_packed, and how much of it. */
#include <stdlib.h>

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

/* Writes the inner bytes as gzip_packed behind what is in B. */
static void write_packed(struct buf *b, const void *data, size_t len)
{
    struct buf gzip;

    buf_init(&gzip, 2 * len + 1024);
    ck_assert_int_eq(gzip_pack(data, len, &gzip), 0);
    tl_write_bytes(b, gzip.data, gzip.len);
    buf_fini(&gzip);
}

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
    desk_begin_update(d, 1);
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

Suite *suite_session_packed(void)
{
    Suite *s = suite_create("mt/session_packed");
    TCase *t = tcase_create("packed");

    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, packed_updates_and_answers_are_unpacked);
    tcase_add_test(t, published_packed_objects_are_read);
    tcase_add_test(t, a_packed_bomb_fails_its_request_and_nothing_else);
    tcase_add_test(t, one_level_of_packing_is_all);
    suite_add_tcase(s, t);
    return s;
}
