/* Accept: what a client wants of a type, as RFC 9110, 12.5.1 has it. */
#include "tests/support/unit.h"
#include "tests/unit/api/suites.h"

#include "api/accept.h"

static const struct {
    const char *line;
    int rank, thousandths; /* of image/svg+xml */
} lines[] = {
    {"", 0, 0},
    {"application/json", 0, 0},
    {"image/svg+xml", 3, 1000},
    {"IMAGE/SVG+XML", 3, 1000},
    {"image/svg+xm", 0, 0},
    {"image/svg+xmll", 0, 0},
    {"image/*", 2, 1000},
    {"imag/*", 0, 0},
    {"*/*", 1, 1000},
    {"*", 0, 0},
    {"*/svg+xml", 0, 0},
    {"image/svg+xml;q=0.5", 3, 500},
    {"image/svg+xml ; q=0.123 ", 3, 123},
    {"image/svg+xml;Q=1.000", 3, 1000},
    {"image/svg+xml;q=0", 3, 0},
    {"image/svg+xml;q=0.", 3, 0},
    {"image/svg+xml;charset=utf-8;q=0.7", 3, 700},
    {"image/svg+xml;a=\";q=0.1,\\\"image/png\";q=0.9", 3, 900},
    /* No weights: the range is passed over. */
    {"image/svg+xml;q=1.001", 0, 0},
    {"image/svg+xml;q=2", 0, 0},
    {"image/svg+xml;q=", 0, 0},
    {"image/svg+xml;q=0.1234", 0, 0},
    {"image/svg+xml;q=.5", 0, 0},
    {"image/svg+xml;q=-1", 0, 0},
    {"image/svg+xml;q=0x1", 0, 0},
    /* The narrowest range tells, in any order. */
    {"*/*;q=0.9, image/*;q=0.2, image/svg+xml;q=0.1", 3, 100},
    {"image/svg+xml;q=0.1, image/*;q=0.2, */*;q=0.9", 3, 100},
    {"text/html,,image/*;q=0.3,;q=1,", 2, 300},
    {"image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", 3, 1000},
    {";;,;q", 0, 0},
    {"\"image/svg+xml", 0, 0},
    {"image/svg+xml;a=\"\\", 3, 1000},
};

START_TEST(the_narrowest_range_tells)
{
    struct accept_wish wish = {.type = "image/svg+xml"};

    accept_read(lines[_i].line, &wish);
    ck_assert_msg(wish.rank == lines[_i].rank && wish.thousandths == lines[_i].thousandths, "%s: %d, %d",
                  lines[_i].line, wish.rank, wish.thousandths);
}
END_TEST

START_TEST(several_lines_are_one_list)
{
    struct accept_wish wish = {.type = "image/svg+xml"};

    accept_read("image/svg+xml;q=0.4", &wish);
    accept_read("*/*", &wish);
    ck_assert_int_eq(wish.thousandths, 400);
}
END_TEST

Suite *suite_accept(void)
{
    Suite *s = suite_create("accept");
    TCase *t = tcase_create("accept");

    tcase_add_loop_test(t, the_narrowest_range_tells, 0, (int)(sizeof(lines) / sizeof(lines[0])));
    tcase_add_test(t, several_lines_are_one_list);
    suite_add_tcase(s, t);
    return s;
}
