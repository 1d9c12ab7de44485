/* What reaches a terminal of a foreign text. */
#include "tests/support/unit.h"
#include "tests/unit/base/suites.h"

#include <string.h>

#include "daemon/base/terminal_text.h"

static const struct {
    const char *text, *line, *lines, *ascii; /* as one line, as several, and in a locale that is not UTF-8 */
} cleaned[] = {
    {"", "", "", ""},
    {"Alice (@alice)", "Alice (@alice)", "Alice (@alice)", "Alice (@alice)"},
    {"a\tb\rc\nd", "a?b?c?d", "a?b?c\nd", "a?b?c?d"},
    {"\033[2J\033]0;x\007", "?[2J?]0;x?", "?[2J?]0;x?", "?[2J?]0;x?"},
    {"\x7f", "?", "?", "?"},
    {"Zoë ☎ 😀", "Zoë ☎ 😀", "Zoë ☎ 😀", "Zo? ? ?"},
    /* C1: CSI as one character. */
    {"\xc2\x9b"
     "2J",
     "?2J", "?2J", "?2J"},
    {"\xc2\xa0", "\xc2\xa0", "\xc2\xa0", "?"},
    /* What turns the direction, and separates lines. */
    {"\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028", "????????????", "????????????",
     "????????????"},
    {"\u061c", "?", "?", "?"},
    {"\u061b\u061d", "\u061b\u061d", "\u061b\u061d", "??"},
    {"\u200d\u2070", "\u200d\u2070", "\u200d\u2070", "??"},
    /* No UTF-8: nothing of it is believed. */
    {"a\xff"
     "b\xc3\xab",
     "a?b??", "a?b??", "a?b??"},
};

START_TEST(nothing_moves_the_cursor)
{
    char out[64];

    ck_assert_str_eq(terminal_text(cleaned[_i].text, false, true, out, sizeof(out)), cleaned[_i].line);
    ck_assert_str_eq(terminal_text(cleaned[_i].text, true, true, out, sizeof(out)), cleaned[_i].lines);
    ck_assert_str_eq(terminal_text(cleaned[_i].text, false, false, out, sizeof(out)), cleaned[_i].ascii);
}
END_TEST

START_TEST(a_long_text_is_cut_between_characters)
{
    char out[6];

    ck_assert_str_eq(terminal_text("abcdefgh", false, true, out, sizeof(out)), "abcde");
    ck_assert_str_eq(terminal_text("abc☎d", false, true, out, sizeof(out)), "abc");
    ck_assert_str_eq(terminal_text("ab☎d", false, true, out, sizeof(out)), "ab☎");
    ck_assert_str_eq(terminal_text("abc", false, true, out, 1), "");
}
END_TEST

Suite *suite_terminal_text(void)
{
    Suite *s = suite_create("terminal_text");
    TCase *t = tcase_create("terminal_text");

    tcase_add_loop_test(t, nothing_moves_the_cursor, 0, (int)(sizeof(cleaned) / sizeof(cleaned[0])));
    tcase_add_test(t, a_long_text_is_cut_between_characters);
    suite_add_tcase(s, t);
    return s;
}
