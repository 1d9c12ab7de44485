/* Words of people, and for them: slips, names in sentences, names in targets. */
#include <string.h>

#include "daemon/base/fill.h"
#include "daemon/base/limits.h"
#include "daemon/base/near.h"
#include "daemon/base/percent.h"
#include "tests/support/unit.h"
#include "tests/unit/base/suites.h"

START_TEST(a_slip_or_two_is_near_and_more_is_not)
{
    static const struct {
        const char *a, *b;
        int slips; /* -1: not near */
    } cases[] = {
        {"schedule_date", "schedule_date", 0},
        {"scheduleDate", "schedule_date", 0},
        {"SCHEDULE-DATE", "schedule_date", 0},
        {"titel", "title", 1}, /* swapped */
        {"per", "peer", 1},
        {"peer", "peeer", 1},
        {"pear", "peer", 1},
        {"eprs", "peer", -1},
        {"acconut", "accounts", 2},
        {"limt", "limit", 1},
        {"lmt", "limit", -1},
        {"id", "id", 0},
        {"ix", "id", -1},
        {"phone.createGrupCal", "phone.createGroupCall", 2},
        {"phone.creatGrupCal", "phone.createGroupCall", -1},
        {"hpone.craeteGroupCall", "phone.createGroupCall", 2},
        {"groupCallphone.create", "phone.createGroupCall", -1},
        {"xyphone.createGroupCall", "phone.createGroupCall", 2},
        {"phone.createGroupCallxy", "phone.createGroupCall", 2},
        {"one.createGroupCall", "phone.createGroupCall", 2},
        {"", "phone", -1},
        {"___", "phone", -1},
        {"phone", "", -1},
    };
    unsigned slips;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        slips = 99;
        bool near = near_is(cases[i].a, cases[i].b, &slips);
        ck_assert_msg(near == (cases[i].slips >= 0), "%s, %s: %d", cases[i].a, cases[i].b, near);
        ck_assert_msg(!near || (int)slips == cases[i].slips, "%s, %s: %u", cases[i].a, cases[i].b, slips);
    }
}
END_TEST

START_TEST(what_is_too_long_is_never_near)
{
    char a[4 * LIMIT_WORD + 1], b[sizeof(a)];
    unsigned slips;

    for (size_t n = 1; n < sizeof(a) - 1; n++) {
        memset(a, 'x', n);
        a[n] = '\0';
        memcpy(b, a, n + 1);
        b[n / 2] = 'y';
        ck_assert_int_eq(near_is(a, a, &slips), n <= LIMIT_WORD);
        ck_assert_int_eq(near_is(a, b, &slips), n >= 4 && n <= LIMIT_WORD);
    }
}
END_TEST

START_TEST(a_name_stands_wherever_it_is_meant)
{
    static const struct {
        size_t size;
        const char *text, *want;
    } cases[] = {
        {64, "none", "none"},
        {64, "", ""},
        {64, "/v1/accounts/{account}/login", "/v1/accounts/main/login"},
        {64, "{account}{account}, {other} {acc", "mainmain, {other} {acc"},
        {7, "a {account} b", "a main"},
        {5, "a {account} b", "a ma"},
        {1, "{account}", ""},
    };
    char out[64];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fill_name(out, cases[i].size, cases[i].text, "account", "main");
        ck_assert_str_eq(out, cases[i].want);
    }
}
END_TEST

START_TEST(a_segment_has_no_byte_that_means_something)
{
    char out[16];

    ck_assert(percent_encode("@name-1_2.3~", 12, out, sizeof(out)));
    ck_assert_str_eq(out, "@name-1_2.3~");
    ck_assert(percent_encode("t/+ ?", 5, out, sizeof(out)));
    ck_assert_str_eq(out, "t%2F%2B%20%3F");
    ck_assert(percent_encode("\0\xff", 2, out, sizeof(out)));
    ck_assert_str_eq(out, "%00%FF");
    ck_assert(percent_encode("", 0, out, 1));
    ck_assert_str_eq(out, "");
    ck_assert(!percent_encode("abc", 3, out, 3));
    ck_assert_str_eq(out, "");
    ck_assert(!percent_encode("/", 1, out, 3));
}
END_TEST

Suite *suite_near(void)
{
    Suite *s = suite_create("near");
    TCase *t = tcase_create("near");

    tcase_add_test(t, a_slip_or_two_is_near_and_more_is_not);
    tcase_add_test(t, what_is_too_long_is_never_near);
    tcase_add_test(t, a_name_stands_wherever_it_is_meant);
    tcase_add_test(t, a_segment_has_no_byte_that_means_something);
    suite_add_tcase(s, t);
    return s;
}
