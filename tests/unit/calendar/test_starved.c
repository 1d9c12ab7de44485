/* Each allocation fails in turn: it is said, nothing leaks, and the next time it goes well. */
#include "tests/support/starve.h"
#include "tests/support/unit.h"
#include "tests/unit/calendar/suites.h"

#include "daemon/calendar/rule.h"
#include "daemon/calendar/title.h"

enum { ROUNDS_MAX = 100 };

START_TEST(a_starved_rule_says_so)
{
    bool is_starved = true;
    size_t n = 0;

    for (; is_starved; n++) {
        struct calendar_rule *r = NULL;
        struct fault fault;
        ck_assert_uint_lt(n, ROUNDS_MAX);
        starve_at(n);
        int err = calendar_rule_new("2026-12-01T20:00:00", "Europe/Berlin", "FREQ=DAILY;COUNT=3", &r, &fault);
        is_starved = starve_end();
        ck_assert_msg(err == (is_starved ? TGC_ENOMEM : 0), "allocation %zu: %d, %s", n, err, fault.text);
        ck_assert_str_eq(fault.path, "");
        ck_assert((r != NULL) == !is_starved);
        calendar_rule_free(r);
    }
    /* The rule, the zone, its file and three tables. */
    ck_assert_uint_ge(n, 6);
}
END_TEST

START_TEST(a_starved_title_says_so)
{
    bool is_starved = true;

    for (size_t n = 0; is_starved; n++) {
        char text[CALENDAR_TITLE_SIZE];
        struct fault fault;
        ck_assert_uint_lt(n, ROUNDS_MAX);
        starve_at(n);
        int err = calendar_title("%d %B", "Europe/Berlin", 0, text, &fault);
        is_starved = starve_end();
        ck_assert_msg(err == (is_starved ? TGC_ENOMEM : 0), "allocation %zu: %d, %s", n, err, fault.text);
    }
}
END_TEST

Suite *suite_starved(void)
{
    Suite *s = suite_create("starved");
    TCase *t = tcase_create("starved");

    tcase_add_test(t, a_starved_rule_says_so);
    tcase_add_test(t, a_starved_title_says_so);
    suite_add_tcase(s, t);
    return s;
}
