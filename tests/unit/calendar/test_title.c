#include "tests/support/unit.h"
#include "tests/unit/calendar/suites.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/utf8.h"
#include "daemon/calendar/title.h"

/* 2026-03-29T00:59:59Z: a second before the clocks go forward in Berlin. */
enum { BEFORE_SUMMER = 1774745999 };

START_TEST(fields_are_filled_in_for_the_zone)
{
    static const struct {
        const char *title, *zone;
        int64_t at;
        const char *wanted;
    } cases[] = {
        {"Practice", "UTC", 0, "Practice"},
        {"", "UTC", 0, ""},
        {"%%", "UTC", 0, "%"},
        {"100%% on %A, %e %B %Y", "UTC", 0, "100% on Thursday,  1 January 1970"},
        {"%H:%M %Z %z", "Europe/Berlin", BEFORE_SUMMER, "01:59 CET +0100"},
        {"%H:%M %Z %z", "Europe/Berlin", BEFORE_SUMMER + 1, "03:00 CEST +0200"},
        {"Übung %d. %m. (%a, Woche %V)", "Asia/Kolkata", BEFORE_SUMMER, "Übung 29. 03. (Sun, Woche 13)"},
        {"%F %T %j %G-%V-%u %U %W %w %p %I %y %C %s", "UTC", 0, NULL},
        {"%F %T %j %G-%V-%u %U %W %w", "Pacific/Apia", 1325239200, "2011-12-31 00:00:00 365 2011-52-6 52 52 6"},
        {"%H:%M %Z", "America/Sao_Paulo", 1772323200, "21:00 -03"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[CALENDAR_TITLE_SIZE];
        struct fault fault = {0};
        int err = calendar_title(cases[i].title, cases[i].zone, cases[i].at, text, &fault);
        ck_assert_msg(err == (cases[i].wanted ? 0 : TGC_EINVAL), "%s: %s", cases[i].title, fault.text);
        if (cases[i].wanted)
            ck_assert_str_eq(text, cases[i].wanted);
    }
}
END_TEST

START_TEST(what_cannot_be_filled_in_is_refused_at_once)
{
    static const char *const titles[] = {"%",  "x%",  "%%%", "%s",  "%n",        "%t",  "%c",
                                         "%E", "%Ey", "%-d", "%5Y", "%\xc3\xbc", "\xff"};
    struct fault fault;
    char title[LIMIT_TITLE_FIELDS + 2];

    for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
        fault_clear(&fault);
        ck_assert_msg(calendar_title_check(titles[i], &fault) == TGC_EINVAL, "%s", titles[i]);
        ck_assert_str_ne(fault.text, "");
    }
    fault_clear(&fault);
    ck_assert_int_eq(calendar_title_check("%d %-d. %B", &fault), TGC_EINVAL);
    ck_assert_msg(strstr(fault.text, "\"%-d\"") != NULL, "%s", fault.text);
    fault_clear(&fault);
    ck_assert_int_eq(calendar_title_check("%\xc3\xbcx", &fault), TGC_EINVAL);
    ck_assert_msg(strstr(fault.text, "\"%\xc3\xbc\"") != NULL, "%s", fault.text);
    memset(title, 'a', sizeof(title) - 1);
    title[LIMIT_TITLE_FIELDS + 1] = '\0';
    ck_assert_int_eq(calendar_title_check(title, &fault), TGC_EINVAL);
    title[LIMIT_TITLE_FIELDS] = '\0';
    ck_assert_int_eq(calendar_title_check(title, &fault), 0);
}
END_TEST

/* As the API's schema counts. */
START_TEST(a_title_s_length_is_that_of_its_characters)
{
    static const char emoji[] = "\xf0\x9f\x98\x80";
    char title[(LIMIT_TITLE_FIELDS + 1) * 4 + 1] = "", text[CALENDAR_TITLE_SIZE];
    struct fault fault;

    for (int i = 0; i < LIMIT_TITLE_FIELDS; i++)
        memcpy(title + (size_t)i * 4, emoji, sizeof(emoji));
    ck_assert_int_eq(calendar_title_check(title, &fault), 0);
    ck_assert_int_eq(calendar_title(title, "UTC", 0, text, &fault), 0);
    ck_assert_uint_eq(utf8_count(text, strlen(text)), LIMIT_CALL_TITLE);
    ck_assert(strncmp(text, title, strlen(text)) == 0);
    strcat(title, emoji);
    ck_assert_int_eq(calendar_title_check(title, &fault), TGC_EINVAL);
}
END_TEST

START_TEST(what_is_too_long_is_cut_between_characters)
{
    char title[LIMIT_TITLE_FIELDS + 1] = "", text[CALENDAR_TITLE_SIZE];
    struct fault fault;

    for (int i = 0; i < 64; i++)
        strcat(title, "\xf0\x9f\x8e\x99");
    ck_assert_int_eq(calendar_title(title, "UTC", 0, text, &fault), 0);
    ck_assert_str_eq(text, title);
    memcpy(title, "%A %A %B", 8);
    ck_assert_int_eq(calendar_title(title, "UTC", 0, text, &fault), 0);
    ck_assert(utf8_is_valid(text, strlen(text)));
    ck_assert_uint_eq(utf8_count(text, strlen(text)), 64);
    title[0] = '\0';
    for (int i = 0; i < 128; i++)
        strcat(title, "%A");
    ck_assert_int_eq(calendar_title(title, "UTC", 0, text, &fault), 0);
    ck_assert_uint_eq(strlen(text), 64);
}
END_TEST

START_TEST(the_time_may_be_any)
{
    static const int64_t times[] = {INT64_MIN, INT64_MIN + 1, -1, INT64_MAX - 1, INT64_MAX};
    char text[CALENDAR_TITLE_SIZE];
    struct fault fault;

    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        ck_assert_int_eq(calendar_title("%F %T %G %Z", "Europe/Berlin", times[i], text, &fault), 0);
}
END_TEST

/* Month names are English whatever the process's locale and zone are. */
START_TEST(the_process_does_not_matter)
{
    char text[CALENDAR_TITLE_SIZE];
    struct fault fault;

    setenv("TZ", "America/New_York", 1);
    setlocale(LC_ALL, "C.UTF-8");
    ck_assert_int_eq(calendar_title("%B %H %Z", "Europe/Berlin", 0, text, &fault), 0);
    ck_assert_str_eq(text, "January 01 CET");
}
END_TEST

Suite *suite_title(void)
{
    Suite *s = suite_create("title");
    TCase *t = tcase_create("title");

    tcase_add_test(t, fields_are_filled_in_for_the_zone);
    tcase_add_test(t, what_cannot_be_filled_in_is_refused_at_once);
    tcase_add_test(t, a_title_s_length_is_that_of_its_characters);
    tcase_add_test(t, what_is_too_long_is_cut_between_characters);
    tcase_add_test(t, the_time_may_be_any);
    tcase_add_test(t, the_process_does_not_matter);
    suite_add_tcase(s, t);
    return s;
}
