#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/base/time_text.h"
#include "tests/support/unit.h"
#include "tests/unit/base/suites.h"

START_TEST(known_times_have_known_seconds)
{
    static const struct {
        const char *text;
        int64_t unix_s;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1969-12-31T23:59:59Z", -1},
        {"2026-01-31T12:00:00Z", 1769860800},
        {"2026-01-31t12:00:00z", 1769860800},
        {"2026-01-31T14:00:00+02:00", 1769860800},
        {"2026-01-31T06:30:00-05:30", 1769860800},
        {"2026-01-31T12:00:00-00:00", 1769860800},
        {"2026-01-31T12:00:00.999999999Z", 1769860800},
        {"2000-02-29T00:00:00Z", 951782400},
        {"2038-01-19T03:14:08Z", INT64_C(2147483648)},
        {"0000-01-01T00:00:00Z", INT64_C(-62167219200)},
        {"9999-12-31T23:59:59Z", INT64_C(253402300799)},
        {"2016-12-31T23:59:60Z", 1483228799},
        {"2017-01-01T00:59:60+01:00", 1483228799},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t got = 1;
        ck_assert_msg(time_rfc3339_parse(cases[i].text, strlen(cases[i].text), &got) == 0, "%s", cases[i].text);
        ck_assert_int_eq(got, cases[i].unix_s);
    }
}
END_TEST

START_TEST(every_day_of_four_centuries_agrees_with_libc)
{
    for (int64_t day = -146097; day < 146097; day += 1) {
        time_t at = (time_t)(day * 86400 + 43200);
        struct tm tm;
        char text[32];
        int64_t got;

        ck_assert_ptr_nonnull(gmtime_r(&at, &tm));
        ck_assert_uint_eq(strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm), 20);
        if (time_rfc3339_parse(text, 20, &got) != 0 || got != at)
            ck_abort_msg("%s gave another second", text);
    }
}
END_TEST

START_TEST(what_is_no_time_is_refused)
{
    static const char *const texts[] = {
        "",
        "2026",
        "2026-01-31",
        "2026-01-31T12:00:00",
        "2026-01-31 12:00:00Z",
        "2026-01-31T12:00Z",
        "2026-1-31T12:00:00Z",
        "2026-01-31T12:00:00.Z",
        "2026-01-31T12:00:00,5Z",
        "2026-01-31T12:00:00+0200",
        "2026-01-31T12:00:00+02",
        "2026-01-31T12:00:00+24:00",
        "2026-01-31T12:00:00+02:60",
        "2026-01-31T12:00:00Zx",
        "2026-01-31T12:00:00Z ",
        " 2026-01-31T12:00:00Z",
        "2026-00-31T12:00:00Z",
        "2026-13-31T12:00:00Z",
        "2026-01-00T12:00:00Z",
        "2026-01-32T12:00:00Z",
        "2026-04-31T12:00:00Z",
        "2026-02-29T12:00:00Z",
        "1900-02-29T12:00:00Z",
        "2026-01-31T24:00:00Z",
        "2026-01-31T12:60:00Z",
        "2026-01-31T12:00:61Z",
        "2026-01-31T12:00:60Z",
        "2026-01-31T23:59:60+01:00",
        "-026-01-31T12:00:00Z",
        "+2026-01-31T12:00:00Z",
        "20260131T120000Z",
        "1769860800",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        int64_t got = 77;
        ck_assert_msg(time_rfc3339_parse(texts[i], strlen(texts[i]), &got) == TGC_EINVAL, "%s", texts[i]);
        ck_assert_int_eq(got, 77);
    }
    int64_t got;
    ck_assert_int_eq(time_rfc3339_parse("2026-01-31T12:00:00\0Z", 21, &got), TGC_EINVAL);
    /* Every prefix of a good one is too short; only LEN bytes are read. */
    for (size_t n = 0; n < 25; n++)
        ck_assert_int_eq(time_rfc3339_parse("2026-01-31T12:00:00+02:00", n, &got), TGC_EINVAL);
}
END_TEST

START_TEST(neither_zone_nor_locale_moves_a_time)
{
    int64_t got;

    setenv("TZ", "Asia/Tokyo", 1);
    tzset();
    ck_assert_int_eq(time_rfc3339_parse("1970-01-01T00:00:00Z", 20, &got), 0);
    ck_assert_int_eq(got, 0);
}
END_TEST

START_TEST(durations_have_units)
{
    static const struct {
        const char *text;
        int64_t us;
    } cases[] = {
        {"0", 0},          {"10", 10000000},
        {"10s", 10000000}, {"30 s", 30000000},
        {"500ms", 500000}, {"500 ms", 500000},
        {"5m", 300000000}, {"2h", INT64_C(7200000000)},
        {"007s", 7000000}, {"2562047788h", INT64_C(2562047788) * 3600 * 1000000},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t got = -1;
        ck_assert_msg(time_duration_parse(cases[i].text, &got) == 0, "%s", cases[i].text);
        ck_assert_int_eq(got, cases[i].us);
    }
}
END_TEST

START_TEST(what_is_no_duration_is_refused)
{
    static const char *const texts[] = {"",
                                        " ",
                                        "s",
                                        "-1s",
                                        "+1s",
                                        " 1s",
                                        "1s ",
                                        "1 s ",
                                        "1.5s",
                                        "1d",
                                        "1 ms s",
                                        "1S",
                                        "1M",
                                        "0x10",
                                        "1e3",
                                        "1min",
                                        "1\ts",
                                        "2562047789h",
                                        "9223372036854775808",
                                        "99999999999999999999999999ms"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        int64_t got = 77;
        ck_assert_msg(time_duration_parse(texts[i], &got) == TGC_EINVAL, "'%s'", texts[i]);
        ck_assert_int_eq(got, 77);
    }
}
END_TEST

Suite *suite_time_text(void)
{
    Suite *s = suite_create("time_text");
    TCase *t = tcase_create("time_text");

    tcase_add_test(t, known_times_have_known_seconds);
    tcase_add_test(t, every_day_of_four_centuries_agrees_with_libc);
    tcase_add_test(t, what_is_no_time_is_refused);
    tcase_add_test(t, neither_zone_nor_locale_moves_a_time);
    tcase_add_test(t, durations_have_units);
    tcase_add_test(t, what_is_no_duration_is_refused);
    suite_add_tcase(s, t);
    return s;
}
