/* Deadlines in a line: whatever is put, moved and dropped, the earliest is in front. */
#include "daemon/base/due.h"
#include "tests/support/unit.h"
#include "tests/unit/base/suites.h"

enum { MANY = 200, ROUNDS = 20000 };

static struct due_line line;

static void set_up(void)
{
    line = (struct due_line){0};
}

static void tear_down(void)
{
    due_fini(&line);
}

START_TEST(what_is_due_comes_out_in_order_and_what_is_not_stays)
{
    struct due a = {0}, b = {0}, c = {0};

    ck_assert_ptr_null(due_first(&line));
    ck_assert_ptr_null(due_take(&line, INT64_MAX));
    ck_assert_int_eq(due_put(&line, &a, 30), 0);
    ck_assert_int_eq(due_put(&line, &b, 10), 0);
    ck_assert_int_eq(due_put(&line, &c, 20), 0);
    ck_assert_ptr_eq(due_first(&line), &b);
    ck_assert_ptr_null(due_take(&line, 9));
    ck_assert_ptr_eq(due_take(&line, 25), &b);
    ck_assert_ptr_eq(due_take(&line, 25), &c);
    ck_assert_ptr_null(due_take(&line, 25));
    ck_assert_uint_eq(b.place, 0);
    due_drop(&line, &b); /* in none */
    ck_assert_ptr_eq(due_first(&line), &a);
}
END_TEST

START_TEST(what_moves_is_in_the_line_once)
{
    struct due a = {0}, b = {0};

    ck_assert_int_eq(due_put(&line, &a, 10), 0);
    ck_assert_int_eq(due_put(&line, &b, 20), 0);
    ck_assert_int_eq(due_put(&line, &a, 30), 0);
    ck_assert_ptr_eq(due_first(&line), &b);
    ck_assert_int_eq(due_put(&line, &a, 5), 0);
    ck_assert_ptr_eq(due_first(&line), &a);
    ck_assert_uint_eq(line.n, 2);
    due_drop(&line, &a);
    due_drop(&line, &b);
    ck_assert_ptr_null(due_first(&line));
}
END_TEST

static int64_t earliest(const struct due *list)
{
    int64_t at_us = INT64_MAX;

    for (int i = 0; i < MANY; i++)
        if (list[i].place && list[i].at_us < at_us)
            at_us = list[i].at_us;
    return at_us;
}

START_TEST(the_earliest_is_in_front_whatever_came_before)
{
    static struct due list[MANY];
    uint32_t seed = 1;

    for (int i = 0; i < ROUNDS; i++) {
        seed = seed * 1664525 + 1013904223;
        struct due *d = &list[(seed >> 8) % MANY];
        if ((seed >> 24) % 3 == 0)
            due_drop(&line, d);
        else
            ck_assert_int_eq(due_put(&line, d, (seed >> 16) % 1000), 0);
        if (line.n)
            ck_assert_int_eq(due_first(&line)->at_us, earliest(list));
    }
    while (due_first(&line)) {
        int64_t at_us = earliest(list);
        ck_assert_int_eq(due_take(&line, INT64_MAX)->at_us, at_us);
    }
}
END_TEST

Suite *suite_due(void)
{
    Suite *s = suite_create("due");
    TCase *t = tcase_create("due");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, what_is_due_comes_out_in_order_and_what_is_not_stays);
    tcase_add_test(t, what_moves_is_in_the_line_once);
    tcase_add_test(t, the_earliest_is_in_front_whatever_came_before);
    suite_add_tcase(s, t);
    return s;
}
