#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/log.h"
#include "daemon/base/utf8.h"
#include "tests/support/unit.h"
#include "tests/unit/base/suites.h"

/* What one event puts on stderr; static storage. */
static const char *logged_with(enum log_format format, const char *text, const struct log_field *fields,
                               size_t fields_n)
{
    static char line[16384];
    int ends[2], saved = dup(STDERR_FILENO);

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_ge(saved, 0);
    log_setup(LOG_LEVEL_INFO, format);
    dup2(ends[1], STDERR_FILENO);
    if (fields_n)
        log_event(LOG_LEVEL_WARNING, "room", text, fields, fields_n);
    else
        log_warning("room", "%s", text);
    log_event(LOG_LEVEL_DEBUG, "room", "below the threshold", fields, fields_n);
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(ends[1]);
    size_t n = 0;
    ssize_t got;
    while ((got = read(ends[0], line + n, sizeof(line) - 1 - n)) > 0)
        n += (size_t)got;
    close(ends[0]);
    line[n] = '\0';
    log_setup(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
    return line;
}

static const char *logged(enum log_format format, const char *text)
{
    return logged_with(format, text, NULL, 0);
}

START_TEST(a_line_of_text_has_time_level_room_and_message)
{
    const char *line = logged(LOG_FORMAT_TEXT, "hello");

    /* 2026-01-31T12:00:00.123Z */
    ck_assert_uint_eq(strcspn(line, " "), 24);
    ck_assert_int_eq(line[23], 'Z');
    ck_assert_str_eq(line + 24, " warning room: hello\n");
}
END_TEST

START_TEST(a_journal_line_starts_with_its_priority)
{
    ck_assert_str_eq(logged(LOG_FORMAT_JOURNAL, "hello"), "<4>room: hello\n");
}
END_TEST

START_TEST(control_characters_cannot_forge_a_line_or_drive_a_terminal)
{
    ck_assert_str_eq(logged(LOG_FORMAT_JOURNAL, "a\nb\r\x1b[31m\x7f"), "<4>room: a\\x0ab\\x0d\\x1b[31m\\x7f\n");
    ck_assert_str_eq(logged(LOG_FORMAT_JOURNAL, "a\xc2\x9b\x62"), "<4>room: a\\x9bb\n");
}
END_TEST

START_TEST(letters_beyond_ascii_stay_and_broken_bytes_are_escaped)
{
    ck_assert_str_eq(logged(LOG_FORMAT_JOURNAL, "gr\xc3\xbc\xc3\x9f"), "<4>room: gr\xc3\xbc\xc3\x9f\n");
    ck_assert_str_eq(logged(LOG_FORMAT_JOURNAL, "gr\xc3\xbc\xff"), "<4>room: gr\\xc3\\xbc\\xff\n");
}
END_TEST

START_TEST(a_json_line_is_json_whatever_the_text)
{
    static const char *const texts[] = {"hello", "say \"hi\" \\ \n\t", "gr\xc3\xbc\xc3\x9f", "\xff\xfe", "\xc2\x9b"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        json_t *j = json_loads(logged(LOG_FORMAT_JSON, texts[i]), 0, NULL);
        ck_assert_ptr_nonnull(j);
        ck_assert_str_eq(unit_json_text(j, "level"), "warning");
        ck_assert_str_eq(unit_json_text(j, "room"), "room");
        if (utf8_is_valid(texts[i], strlen(texts[i])))
            ck_assert_str_eq(unit_json_text(j, "message"), texts[i]);
        json_decref(j);
    }
}
END_TEST

START_TEST(an_endless_text_is_cut_and_the_line_still_whole)
{
    static const char *const units[] = {"x", "\n", "\xc3\xbc", "\xe2\x82\xac\x01", "\""};
    char text[8000];

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        text[0] = '\0';
        for (size_t n = 0; n + 8 < sizeof(text); n += strlen(units[i]))
            memcpy(text + n, units[i], strlen(units[i]) + 1);
        json_t *j = json_loads(logged(LOG_FORMAT_JSON, text), 0, NULL);
        ck_assert_msg(j != NULL, "unit %zu is not JSON", i);
        json_decref(j);
        const char *line = logged(LOG_FORMAT_TEXT, text);
        ck_assert_ptr_eq(strchr(line, '\n'), line + strlen(line) - 1);
        ck_assert(utf8_is_valid(line, strlen(line)));
    }
}
END_TEST

static const struct log_field some[] = {
    {"method", LOG_FIELD_TEXT, "POST", 0},
    {"route", LOG_FIELD_TEXT, "/v1/calls/{id} \"x\" \\ =\n", 0},
    {"token", LOG_FIELD_TEXT, NULL, 0},
    {"status", LOG_FIELD_INTEGER, NULL, 201},
    {"seconds", LOG_FIELD_SECONDS, NULL, 12001250},
    {"empty", LOG_FIELD_TEXT, "", 0},
};
enum { SOME = sizeof(some) / sizeof(some[0]) };

START_TEST(fields_follow_the_message_as_name_and_value)
{
    static const char want[] = " warning room: hello method=POST route=\"/v1/calls/{id} \\\"x\\\" \\\\ =\\x0a\" "
                               "status=201 seconds=12.001250 empty=\"\"\n";

    ck_assert_str_eq(logged_with(LOG_FORMAT_TEXT, "hello", some, SOME) + 24, want);
    const char *line = logged_with(LOG_FORMAT_JOURNAL, "hello", some, SOME);
    ck_assert_str_eq(line, "<4>room: hello method=POST route=\"/v1/calls/{id} \\\"x\\\" \\\\ =\\x0a\" status=201 "
                           "seconds=12.001250 empty=\"\"\n");
}
END_TEST

START_TEST(fields_are_members_in_json)
{
    json_t *j = json_loads(logged_with(LOG_FORMAT_JSON, "hello", some, SOME), JSON_REJECT_DUPLICATES, NULL);

    ck_assert_ptr_nonnull(j);
    ck_assert_uint_eq(json_object_size(j), 4 + SOME - 1);
    ck_assert_str_eq(unit_json_text(j, "message"), "hello");
    ck_assert_str_eq(unit_json_text(j, "method"), "POST");
    ck_assert_str_eq(unit_json_text(j, "route"), some[1].text);
    ck_assert(json_is_integer(json_object_get(j, "status")));
    ck_assert_int_eq(json_integer_value(json_object_get(j, "status")), 201);
    ck_assert(json_real_value(json_object_get(j, "seconds")) == 12.00125);
    ck_assert_str_eq(unit_json_text(j, "empty"), "");
    json_decref(j);
}
END_TEST

START_TEST(fields_made_by_the_functions_are_what_they_were_made_of)
{
    struct log_field made[] = {log_text("a", "b"), log_integer("c", INT64_MIN), log_seconds("d", 1),
                               log_seconds("e", -1)};

    ck_assert_str_eq(logged_with(LOG_FORMAT_JOURNAL, "x", made, 4),
                     "<4>room: x a=b c=-9223372036854775808 d=0.000001 e=-0.000001\n");
}
END_TEST

START_TEST(endless_fields_are_cut_or_left_out_and_the_line_still_whole)
{
    static const char *const units[] = {"x", "\n", "\xc3\xbc", "\xff", "\""};
    struct log_field fields[LOG_FIELDS_MAX + 3];
    char text[8000], names[LOG_FIELDS_MAX + 3][8];

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        text[0] = '\0';
        for (size_t n = 0; n + 8 < sizeof(text); n += strlen(units[i]))
            memcpy(text + n, units[i], strlen(units[i]) + 1);
        for (size_t k = 0; k < LOG_FIELDS_MAX + 3; k++) {
            snprintf(names[k], sizeof(names[k]), "f%zu", k);
            fields[k] = k % 3 == 2 ? log_integer(names[k], INT64_MAX) : log_text(names[k], text);
        }
        json_t *j = json_loads(logged_with(LOG_FORMAT_JSON, text, fields, LOG_FIELDS_MAX + 3), 0, NULL);
        ck_assert_msg(j != NULL, "unit %zu is not JSON", i);
        ck_assert_str_eq(unit_json_text(j, "room"), "room");
        ck_assert_ptr_nonnull(json_object_get(j, "f0"));
        ck_assert_ptr_null(json_object_get(j, names[LOG_FIELDS_MAX]));
        json_decref(j);
        const char *line = logged_with(LOG_FORMAT_TEXT, text, fields, LOG_FIELDS_MAX + 3);
        ck_assert_ptr_eq(strchr(line, '\n'), line + strlen(line) - 1);
        ck_assert(utf8_is_valid(line, strlen(line)));
    }
}
END_TEST

static char journal[8192];
static int journal_answer;

static int take(const struct iovec *pairs, int n)
{
    size_t used = 0;

    for (int i = 0; i < n; i++)
        used += (size_t)snprintf(journal + used, sizeof(journal) - used, "%.*s|", (int)pairs[i].iov_len,
                                 (const char *)pairs[i].iov_base);
    return journal_answer;
}

START_TEST(a_journal_that_takes_fields_is_given_them)
{
    static const char want[] = "MESSAGE=room: a\\x0ab|PRIORITY=4|SYSLOG_IDENTIFIER=tgcalld|TGCALLD_ROOM=room|"
                               "TGCALLD_METHOD=POST|TGCALLD_ROUTE=/v1/calls/{id} \"x\" \\ =\\x0a|TGCALLD_STATUS=201|"
                               "TGCALLD_SECONDS=12.001250|TGCALLD_EMPTY=|";

    log_setup_journal(take);
    journal_answer = 0;
    ck_assert_str_eq(logged_with(LOG_FORMAT_JOURNAL, "a\nb", some, SOME), "");
    ck_assert_str_eq(journal, want);
    /* Only where the journal is asked for. */
    journal[0] = '\0';
    ck_assert_str_eq(logged_with(LOG_FORMAT_TEXT, "a", NULL, 0) + 24, " warning room: a\n");
    ck_assert_str_eq(journal, "");
    /* And nothing is lost where it takes none. */
    journal_answer = -1;
    ck_assert_str_eq(logged_with(LOG_FORMAT_JOURNAL, "a", some, 1), "<4>room: a method=POST\n");
    log_setup_journal(NULL);
}
END_TEST

START_TEST(stderr_is_the_journals_when_the_variable_names_it)
{
    char text[64];
    struct stat st;

    ck_assert_int_eq(fstat(STDERR_FILENO, &st), 0);
    unsetenv("JOURNAL_STREAM");
    ck_assert(!log_stderr_is_journal());
    snprintf(text, sizeof(text), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
    setenv("JOURNAL_STREAM", text, 1);
    ck_assert(log_stderr_is_journal());
    strcat(text, "0");
    setenv("JOURNAL_STREAM", text, 1);
    ck_assert(!log_stderr_is_journal());
    setenv("JOURNAL_STREAM", "nonsense", 1);
    ck_assert(!log_stderr_is_journal());
    unsetenv("JOURNAL_STREAM");
}
END_TEST

START_TEST(names_of_levels_and_formats_are_known)
{
    ck_assert_int_eq(log_level_parse("error"), LOG_LEVEL_ERROR);
    ck_assert_int_eq(log_level_parse("debug"), LOG_LEVEL_DEBUG);
    ck_assert_int_eq(log_level_parse("loud"), -1);
    ck_assert_int_eq(log_format_parse("text"), LOG_FORMAT_TEXT);
    ck_assert_int_eq(log_format_parse("json"), LOG_FORMAT_JSON);
    ck_assert_int_eq(log_format_parse("journal"), LOG_FORMAT_JOURNAL);
    ck_assert_int_eq(log_format_parse("xml"), -1);
    ck_assert(log_is_on(LOG_LEVEL_INFO));
    ck_assert(!log_is_on(LOG_LEVEL_DEBUG));
}
END_TEST

Suite *suite_log(void)
{
    Suite *s = suite_create("log");
    TCase *t = tcase_create("log");

    tcase_add_test(t, a_line_of_text_has_time_level_room_and_message);
    tcase_add_test(t, a_journal_line_starts_with_its_priority);
    tcase_add_test(t, control_characters_cannot_forge_a_line_or_drive_a_terminal);
    tcase_add_test(t, letters_beyond_ascii_stay_and_broken_bytes_are_escaped);
    tcase_add_test(t, a_json_line_is_json_whatever_the_text);
    tcase_add_test(t, an_endless_text_is_cut_and_the_line_still_whole);
    tcase_add_test(t, fields_follow_the_message_as_name_and_value);
    tcase_add_test(t, fields_are_members_in_json);
    tcase_add_test(t, fields_made_by_the_functions_are_what_they_were_made_of);
    tcase_add_test(t, endless_fields_are_cut_or_left_out_and_the_line_still_whole);
    tcase_add_test(t, a_journal_that_takes_fields_is_given_them);
    tcase_add_test(t, stderr_is_the_journals_when_the_variable_names_it);
    tcase_add_test(t, names_of_levels_and_formats_are_known);
    suite_add_tcase(s, t);
    return s;
}
