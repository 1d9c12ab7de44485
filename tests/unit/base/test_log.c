#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/log.h"
#include "daemon/base/utf8.h"
#include "tests/support/unit.h"
#include "tests/unit/base/suites.h"

/* What one log_write puts on stderr; static storage. */
static const char *logged(enum log_format format, const char *text)
{
    static char line[8192];
    int ends[2], saved = dup(STDERR_FILENO);

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_ge(saved, 0);
    log_setup(LOG_LEVEL_INFO, format);
    dup2(ends[1], STDERR_FILENO);
    log_warning("room", "%s", text);
    log_debug("room", "below the threshold");
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
    tcase_add_test(t, names_of_levels_and_formats_are_known);
    suite_add_tcase(s, t);
    return s;
}
