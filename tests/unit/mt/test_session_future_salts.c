/* future_salts: asked for in time, used when theirs has come. */

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

static void write_salts(uint64_t req_msg_id, uint32_t n, int64_t first_s, uint32_t step_s)
{
    struct buf *b = desk_begin(d, MT_FUTURE_SALTS);

    tl_write_u64(b, req_msg_id);
    tl_write_u32(b, (uint32_t)first_s);
    tl_write_u32(b, n);
    for (uint32_t i = 0; i < n; i++) {
        tl_write_u32(b, (uint32_t)first_s + i * step_s);
        tl_write_u32(b, (uint32_t)first_s + (i + 1) * step_s + 1800);
        tl_write_u64(b, 1000 + i);
    }
}

START_TEST(future_salts_are_asked_for_once_the_session_is_initialised_and_used_in_time)
{
    int64_t now_s = (d->clock.mono_us + d->server_offset_us) / SECOND_US;
    uint64_t id = desk_send_one(d, 1);

    ck_assert_uint_eq(desk_count(d, MT_GET_FUTURE_SALTS), 0);
    desk_answer(d, id, 1);
    ck_assert_int_le(mt_session_deadline(d->s), d->clock.mono_us);
    desk_flush(d);
    struct heard *h = desk_must_hear(d, MT_GET_FUTURE_SALTS, 0);
    ck_assert_uint_eq(le32_load(h->body + 4), 64);
    uint64_t asked = h->msg_id;
    ck_assert_uint_eq(desk_flush(d), 0);
    desk_pass_s(d, 59);
    desk_flush(d);
    ck_assert_uint_eq(desk_count(d, MT_GET_FUTURE_SALTS), 0);
    write_salts(asked, 64, now_s, 1800);
    ck_assert_int_eq(desk_tell(d, false), 0);
    ck_assert_uint_eq(mt_session_salt(d->s), 1000);
    ck_assert_uint_eq(desk_event(d, EVENT_SALT, 0)->request, 1000);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(desk_pass_s(d, 1800 - (i == 0 ? 59 : 0)), 0);
        desk_query(d, 2);
        desk_flush(d);
        ck_assert_uint_eq(desk_must_hear(d, QUERY_ID, 0)->salt, 1001 + (uint64_t)i);
        ck_assert_uint_eq(desk_count(d, MT_GET_FUTURE_SALTS), 0);
        tl_write_u32(desk_begin(d, UPDATE_ID), 1); /* a sign of life */
        desk_tell(d, false);
    }
}
END_TEST

START_TEST(salts_are_asked_for_again_without_an_answer_but_not_often)
{
    desk_answer(d, desk_send_one(d, 1), 1);
    desk_flush(d);
    desk_must_hear(d, MT_GET_FUTURE_SALTS, 0);
    desk_pass_s(d, 61);
    desk_flush(d);
    uint64_t asked = desk_must_hear(d, MT_GET_FUTURE_SALTS, 0)->msg_id;
    write_salts(asked, 0, 1700000000, 1);
    ck_assert_int_eq(desk_tell(d, false), 0);
    for (int i = 0; i < 29; i++) {
        ck_assert_int_eq(desk_pass_s(d, 60), 0);
        desk_flush(d);
        ck_assert_uint_eq(desk_count(d, MT_GET_FUTURE_SALTS), 0);
        tl_write_u32(desk_begin(d, UPDATE_ID), 1);
        desk_tell(d, false);
    }
    desk_pass_s(d, 61);
    desk_flush(d);
    desk_must_hear(d, MT_GET_FUTURE_SALTS, 0);
}
END_TEST

START_TEST(too_many_future_salts_do_no_harm)
{
    int64_t now_s = (d->clock.mono_us + d->server_offset_us) / SECOND_US;

    desk_answer(d, desk_send_one(d, 1), 1);
    desk_flush(d);
    write_salts(desk_must_hear(d, MT_GET_FUTURE_SALTS, 0)->msg_id, 2000, now_s, 1800);
    ck_assert_int_eq(desk_tell(d, false), 0);
    ck_assert_uint_eq(mt_session_salt(d->s), 1000);
}
END_TEST

Suite *suite_session_future_salts(void)
{
    Suite *s = suite_create("mt/session_future_salts");
    TCase *t = tcase_create("future_salts");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, future_salts_are_asked_for_once_the_session_is_initialised_and_used_in_time);
    tcase_add_test(t, salts_are_asked_for_again_without_an_answer_but_not_often);
    tcase_add_test(t, too_many_future_salts_do_no_harm);
    suite_add_tcase(s, t);
    return s;
}
