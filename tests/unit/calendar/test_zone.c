/* Zones: instants and local times, what is no zone, and files that are damaged. */
#include "tests/support/temp.h"
#include "tests/unit/calendar/bed.h"
#include "tests/unit/calendar/suites.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/calendar/zone_internal.h"

static struct zone *open_zone(const char *name)
{
    struct zone *z;
    struct fault fault = {0};
    int err = zone_open(name, &z, &fault);

    ck_assert_msg(err == 0, "%s: %s", name, fault.text);
    return z;
}

START_TEST(a_zone_says_what_holds_and_from_when_to_when)
{
    static const struct {
        const char *zone, *at, *begin, *end, *abbreviation;
        int32_t offset;
        bool is_dst;
    } cases[] = {
        {"Europe/Berlin", "2026-07-01T00:00:00Z", "2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", "CEST", 7200, true},
        {"Europe/Berlin", "2126-01-01T00:00:00Z", "2125-10-28T01:00:00Z", "2126-03-31T01:00:00Z", "CET", 3600, false},
        {"Australia/Sydney", "2126-01-01T00:00:00Z", "2125-10-06T16:00:00Z", "2126-04-06T16:00:00Z", "AEDT", 39600,
         true},
        {"Pacific/Apia", "2011-12-30T09:59:59Z", "2011-09-24T14:00:00Z", "2011-12-30T10:00:00Z", "-10", -36000, true},
        {"UTC", "2026-07-01T00:00:00Z", NULL, NULL, "UTC", 0, false},
        {"Asia/Kolkata", "2026-07-01T00:00:00Z", "1945-10-14T17:30:00Z", NULL, "IST", 19800, false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct zone *z = open_zone(cases[i].zone);
        struct zone_span span;
        zone_at(z, bed_at(cases[i].at), &span);
        ck_assert_int_eq(span.begin, cases[i].begin ? bed_at(cases[i].begin) : INT64_MIN);
        ck_assert_int_eq(span.end, cases[i].end ? bed_at(cases[i].end) : INT64_MAX);
        ck_assert_int_eq(span.offset, cases[i].offset);
        ck_assert_int_eq(span.is_dst, cases[i].is_dst);
        ck_assert_str_eq(span.abbreviation, cases[i].abbreviation);
        zone_close(z);
    }
}
END_TEST

START_TEST(offsets_near_a_change_are_both)
{
    struct zone *z = open_zone("Europe/Berlin");
    int32_t min, max;

    zone_offsets(z, bed_at("2026-03-28T12:00:00Z"), &min, &max);
    ck_assert(min == 3600 && max == 7200);
    zone_offsets(z, bed_at("2026-07-01T12:00:00Z"), &min, &max);
    ck_assert(min == 7200 && max == 7200);
    zone_close(z);
}
END_TEST

START_TEST(what_is_no_name_of_a_zone_is_refused)
{
    static const char *const names[] = {"",
                                        "/etc/localtime",
                                        "../zoneinfo/UTC",
                                        "Europe/../UTC",
                                        "Europe//Berlin",
                                        "Europe/",
                                        "Europe",
                                        "Europe/Berlin ",
                                        "tzdata.zi",
                                        "Europe/Berlin\n",
                                        "UTC+1",
                                        "Europe/Atlantis",
                                        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct zone *z = NULL;
        struct fault fault = {0};
        ck_assert_msg(zone_open(names[i], &z, &fault) == TGC_EINVAL, "%s", names[i]);
        ck_assert_ptr_null(z);
        ck_assert_msg(strstr(fault.text, "Europe/Berlin") != NULL, "%s", fault.text);
    }
}
END_TEST

START_TEST(a_zone_that_counts_leap_seconds_is_refused)
{
    struct zone *z = NULL;
    struct fault fault = {0};
    int err = zone_open("right/Europe/Berlin", &z, &fault);

    ck_assert_int_eq(err, TGC_EINVAL);
    ck_assert_ptr_null(z);
    /* Not every database has them. */
    ck_assert(strstr(fault.text, "leap seconds") || strstr(fault.text, "there is no time zone"));
}
END_TEST

static void write_zone(const char *path, const void *data, size_t len)
{
    FILE *f = fopen(path, "wb");

    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(data, 1, len, f), len);
    ck_assert_int_eq(fclose(f), 0);
}

START_TEST(the_database_is_where_tzdir_says)
{
    struct zone *z = NULL;
    struct fault fault = {0};
    char *berlin;
    size_t len;

    berlin = unit_read_file("/usr/share/zoneinfo/Europe/Berlin", &len);
    setenv("TZDIR", temp_path(""), 1);
    ck_assert_int_eq(zone_open("Europe/Berlin", &z, &fault), TGC_EINVAL);
    write_zone(temp_path("Here"), berlin, len);
    z = open_zone("Here");
    zone_close(z);
    z = NULL;
    write_zone(temp_path("Words"), "TZif, or so it says", 19);
    ck_assert_int_eq(zone_open("Words", &z, &fault), TGC_EDAMAGED);
    setenv("TZDIR", temp_path("nowhere"), 1);
    ck_assert_int_eq(zone_open("Here", &z, &fault), TGC_EIO);
    ck_assert_ptr_nonnull(strstr(fault.text, "tzdata"));
    ck_assert_ptr_null(z);
    z = open_zone("UTC");
    zone_close(z);
    free(berlin);
}
END_TEST

static int parse(const void *data, size_t len)
{
    struct zone *z = calloc(1, sizeof(*z));
    struct fault fault;
    char *copy = malloc(len ? len : 1);

    ck_assert(z && copy);
    memcpy(copy, data, len);
    int err = zone_parse(copy, len, z, &fault);
    free(copy);
    if (!err)
        zone_instant(z, 1774746000);
    zone_close(z);
    return err;
}

START_TEST(a_damaged_file_is_refused_or_read_and_nothing_else)
{
    size_t len;
    char *data = unit_read_file("/usr/share/zoneinfo/Europe/Berlin", &len);

    for (size_t n = 0; n < len; n++)
        ck_assert_msg(parse(data, n) != 0, "%zu bytes of it", n);
    ck_assert_int_eq(parse(data, len), 0);
    for (size_t i = 0; i < len; i++)
        for (int bit = 0; bit < 8; bit += 7) {
            data[i] = (char)(data[i] ^ 1 << bit);
            int err = parse(data, len);
            ck_assert(err == 0 || err == TGC_EDAMAGED || err == TGC_EINVAL);
            data[i] = (char)(data[i] ^ 1 << bit);
        }
    free(data);
}
END_TEST

START_TEST(a_footer_is_read_as_posix_and_rfc_9636_have_it)
{
    static const struct {
        const char *text, *at;
        int32_t offset;
    } cases[] = {
        {"UTC0", "2026-07-01T00:00:00Z", 0},
        {"<+0330>-3:30", "2026-07-01T00:00:00Z", 12600},
        {"EST5EDT,M3.2.0,M11.1.0", "2026-03-08T06:59:59Z", -18000},
        {"EST5EDT,M3.2.0,M11.1.0", "2026-03-08T07:00:00Z", -14400},
        {"EST5EDT,M3.2.0,M11.1.0", "2026-11-01T05:59:59Z", -14400},
        {"EST5EDT,M3.2.0,M11.1.0", "2026-11-01T06:00:00Z", -18000},
        {"IST-1GMT0,M10.5.0,M3.5.0/1", "2026-01-01T00:00:00Z", 0},
        {"IST-1GMT0,M10.5.0,M3.5.0/1", "2026-07-01T00:00:00Z", 3600},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z", -7200},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -3600},
        /* Daylight saving that never ends. */
        {"XXX3EDT4,0/0,J365/23", "2026-01-01T00:00:00Z", -14400},
        {"EST5EDT,0/0,J365/25", "2026-01-01T05:00:00Z", -14400},
        {"EST5EDT,0/0,J365/25", "2028-12-31T12:00:00Z", -14400},
        /* By days of the year, with and without 29 February. */
        {"AAA0BBB,J60/0,J365/0", "2028-02-29T12:00:00Z", 0},
        {"AAA0BBB,J60/0,J365/0", "2028-03-01T00:00:00Z", 3600},
        {"AAA0BBB,59/0,364/0", "2028-02-29T00:00:00Z", 3600},
        /* More than a day away. */
        {"<-03>3<-02>,M3.1.0/167,M11.1.0/-167", "2026-03-08T00:59:59Z", -10800},
    };
    static const char *const wrong[] = {"",
                                        "U",
                                        "UTC",
                                        "UTC0x",
                                        "UTC25",
                                        "EST5EDT",
                                        "EST5EDT,M3.2.0",
                                        "EST5EDT,M13.2.0,M11.1.0",
                                        "EST5EDT,M3.6.0,M11.1.0",
                                        "EST5EDT,M3.2.7,M11.1.0",
                                        "EST5EDT,J0,J365",
                                        "EST5EDT,366,1",
                                        "EST5EDT,M3.2.0/168,M11.1.0",
                                        "<+03-3",
                                        "EST5EDT,M3.2.0,M11.1.0,"};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct zone_rule rule;
        struct zone_span span;
        ck_assert_msg(zone_rule_parse(cases[i].text, strlen(cases[i].text), &rule) == 0, "%s", cases[i].text);
        zone_rule_at(&rule, bed_at(cases[i].at), &span);
        ck_assert_msg(span.offset == cases[i].offset, "%s at %s: %d", cases[i].text, cases[i].at, (int)span.offset);
        ck_assert(span.begin <= bed_at(cases[i].at) && span.end > bed_at(cases[i].at));
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct zone_rule rule;
        ck_assert_msg(zone_rule_parse(wrong[i], strlen(wrong[i]), &rule) == TGC_EDAMAGED, "%s", wrong[i]);
    }
}
END_TEST

Suite *suite_zone(void)
{
    Suite *s = suite_create("zone");
    TCase *t = tcase_create("zone");

    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_test(t, a_zone_says_what_holds_and_from_when_to_when);
    tcase_add_test(t, offsets_near_a_change_are_both);
    tcase_add_test(t, what_is_no_name_of_a_zone_is_refused);
    tcase_add_test(t, a_zone_that_counts_leap_seconds_is_refused);
    tcase_add_test(t, the_database_is_where_tzdir_says);
    tcase_add_test(t, a_damaged_file_is_refused_or_read_and_nothing_else);
    tcase_add_test(t, a_footer_is_read_as_posix_and_rfc_9636_have_it);
    suite_add_tcase(s, t);
    return s;
}
