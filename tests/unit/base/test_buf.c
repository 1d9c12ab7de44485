#include <stdlib.h>
#include <string.h>

#include "daemon/base/buf.h"
#include "tests/support/unit.h"
#include "tests/unit/base/suites.h"

START_TEST(grows_up_to_its_maximum_and_no_further)
{
    struct buf b;

    buf_init(&b, 100);
    ck_assert_int_eq(buf_put_zero(&b, 100), 0);
    ck_assert_uint_eq(b.len, 100);
    ck_assert_str_eq(buf_text(&b) ? "text" : "none", "text");
    ck_assert_int_eq(buf_put_byte(&b, 1), TGC_ELIMIT);
    ck_assert_uint_eq(b.len, 100);
    buf_fini(&b);
}
END_TEST

START_TEST(an_error_sticks_until_reset)
{
    struct buf b;

    buf_init(&b, 4);
    ck_assert_int_eq(buf_put_text(&b, "12345"), TGC_ELIMIT);
    ck_assert_int_eq(buf_put_text(&b, "1"), TGC_ELIMIT);
    ck_assert_uint_eq(b.len, 0);
    ck_assert_ptr_null(buf_text(&b));
    buf_reset(&b);
    ck_assert_int_eq(buf_put_text(&b, "1234"), 0);
    ck_assert_str_eq(buf_text(&b), "1234");
    buf_fini(&b);
}
END_TEST

START_TEST(printf_longer_than_its_scratch_space_fits_exactly)
{
    struct buf b;
    char want[601];

    memset(want, 'x', 600);
    want[600] = '\0';
    buf_init(&b, 600);
    ck_assert_int_eq(buf_printf(&b, "%s", want), 0);
    ck_assert_str_eq(buf_text(&b), want);
    buf_fini(&b);
}
END_TEST

START_TEST(take_moves_the_bytes_out)
{
    struct buf b;
    size_t len;

    buf_init(&b, 10);
    buf_put_text(&b, "abc");
    uint8_t *p = buf_take(&b, &len);
    ck_assert_uint_eq(len, 3);
    ck_assert_int_eq(memcmp(p, "abc", 3), 0);
    free(p);
    ck_assert_uint_eq(b.len, 0);
    ck_assert_uint_eq(b.max, 10);
    buf_fini(&b);
}
END_TEST

START_TEST(what_a_secret_buffer_leaves_behind_is_wiped)
{
    static const uint8_t zeros[8];
    struct buf b;
    size_t len;

    buf_init_secret(&b, 1000);
    ck_assert_int_eq(buf_put(&b, "passwords", 9), 0);
    buf_drop_front(&b, 4);
    ck_assert_mem_eq(b.data, "words\0\0\0\0", 9);
    buf_cut(&b, 2);
    ck_assert_mem_eq(b.data, "wo\0\0\0", 5);
    /* It grows without a change of what it has. */
    for (int i = 0; i < 500; i++)
        ck_assert_int_eq(buf_put_byte(&b, 'x'), 0);
    ck_assert_mem_eq(b.data, "woxxx", 5);
    ck_assert_uint_eq(b.len, 502);
    ck_assert_str_eq(buf_text(&b) + 500, "xx");
    buf_reset(&b);
    ck_assert_mem_eq(b.data, zeros, sizeof(zeros));
    ck_assert_int_eq(buf_put(&b, "again", 5), 0);
    uint8_t *taken = buf_take(&b, &len);
    ck_assert_uint_eq(len, 5);
    ck_assert(b.is_secret);
    ck_assert_uint_eq(b.max, 1000);
    free(taken);
    buf_fini(&b);
    ck_assert(!b.data);
}
END_TEST

Suite *suite_buf(void)
{
    Suite *s = suite_create("buf");
    TCase *t = tcase_create("buf");

    tcase_add_test(t, grows_up_to_its_maximum_and_no_further);
    tcase_add_test(t, an_error_sticks_until_reset);
    tcase_add_test(t, printf_longer_than_its_scratch_space_fits_exactly);
    tcase_add_test(t, take_moves_the_bytes_out);
    tcase_add_test(t, what_a_secret_buffer_leaves_behind_is_wiped);
    suite_add_tcase(s, t);
    return s;
}
