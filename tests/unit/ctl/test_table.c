/* Tables: widths, what is cut, what is left out. */
#include "tests/support/unit.h"
#include "tests/unit/ctl/suites.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/table.h"

static const struct table_column columns[] = {{"ID", true, false}, {"TITLE", false, false}, {"NOTE", false, false}};
static char *out;
static size_t out_size;
static struct table table;

static void begin(void)
{
    ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
    table_init(&table, columns, 3);
}

static void end(void)
{
    table_fini(&table);
    free(out);
    out = NULL;
    setlocale(LC_CTYPE, "C");
}

static void add(const char *id, const char *title, const char *note)
{
    ck_assert_int_eq(table_add(&table, (const char *const[]){id, title, note}, true), 0);
}

static const char *put(int width, bool is_bold, bool is_utf8, bool as_record)
{
    struct table_look look = {width, is_bold, is_utf8};
    free(out);
    FILE *f = open_memstream(&out, &out_size);

    ck_assert_ptr_nonnull(f);
    if (as_record)
        table_put_record(&table, &look, f);
    else
        table_put(&table, &look, f);
    ck_assert_int_eq(fclose(f), 0);
    return out;
}

START_TEST(columns_are_as_wide_as_what_stands_in_them)
{
    add("1", "one", "x");
    add("22222", "", "y");
    ck_assert_str_eq(put(0, false, true, false), "ID     TITLE  NOTE\n"
                                                 "1      one    x\n"
                                                 "22222         y\n");
}
END_TEST

START_TEST(a_column_that_says_nothing_is_left_out)
{
    add("1", "", "x");
    ck_assert_str_eq(put(0, false, true, false), "ID  NOTE\n1   x\n");
    table_fini(&table);
    add("1", "t", "");
    ck_assert_str_eq(put(0, false, true, false), "ID  TITLE\n1   t\n");
}
END_TEST

START_TEST(wide_and_combining_characters_take_the_columns_that_they_take)
{
    add("1", "\xe4\xbc\x9a\xe8\xae\xae", "x"); /* two characters of two columns each */
    add("2", "e\xcc\x81", "y");                /* e and a combining accent */
    ck_assert_str_eq(put(0, false, true, false), "ID  TITLE  NOTE\n"
                                                 "1   \xe4\xbc\x9a\xe8\xae\xae   x\n"
                                                 "2   e\xcc\x81      y\n");
}
END_TEST

START_TEST(the_widest_is_cut_and_an_id_never)
{
    add("12345678901234567890", "a title of twenty-six char", "a note");
    ck_assert_str_eq(put(40, false, true, false), "ID                    TITLE       NOTE\n"
                                                  "12345678901234567890  a title o\xe2\x80\xa6  a note\n");
    ck_assert_str_eq(put(40, false, false, false), "ID                    TITLE       NOTE\n"
                                                   "12345678901234567890  a title o~  a note\n");
    /* There is an end to that. */
    ck_assert_str_eq(put(10, false, false, false), "ID                    TITLE     NOTE\n"
                                                   "12345678901234567890  a title~  a note\n");
}
END_TEST

START_TEST(a_wide_character_is_not_cut_in_half)
{
    add("1", "\xe4\xbc\x9a\xe4\xbc\x9a\xe4\xbc\x9a\xe4\xbc\x9a\xe4\xbc\x9a\xe4\xbc\x9a", "");
    /* Ten columns: four of them, and the mark; a blank is left. */
    ck_assert_str_eq(put(14, false, true, false), "ID  TITLE\n"
                                                  "1   \xe4\xbc\x9a\xe4\xbc\x9a\xe4\xbc\x9a\xe4\xbc\x9a\xe2\x80\xa6\n");
}
END_TEST

START_TEST(nothing_moves_the_cursor)
{
    add("1\n2", "\033[2J", "a\tb\x7f");
    ck_assert_str_eq(put(0, false, true, false), "ID   TITLE  NOTE\n1?2  ?[2J   a?b?\n");
}
END_TEST

START_TEST(titles_are_bold_where_that_is_wanted)
{
    add("1", "", "");
    ck_assert_str_eq(put(0, true, true, false), "\033[1mID\n\033[0m1\n");
}
END_TEST

START_TEST(a_record_has_a_line_a_field)
{
    add("1", "", "text");
    ck_assert_str_eq(put(20, false, true, true), "ID    1\nNOTE  text\n");
}
END_TEST

START_TEST(a_sentence_stands_under_its_row_and_is_not_cut)
{
    static const struct table_column below[] = {{"ID", true, false}, {"WHY", false, true}, {"NOTE", false, false}};

    table_init(&table, below, 3);
    add("1", "a sentence that is longer than the terminal", "x");
    add("2", "", "y");
    ck_assert_str_eq(put(20, false, true, false), "ID  NOTE\n"
                                                  "1   x\n"
                                                  "  WHY: a sentence that is longer than the terminal\n"
                                                  "2   y\n");
    table_fini(&table);
    add("1", "a sentence", "x");
    ck_assert_str_eq(put(20, false, true, true), "ID    1\nWHY   a sentence\nNOTE  x\n");
}
END_TEST

START_TEST(many_rows_have_room)
{
    for (unsigned i = 0; i < 1000; i++)
        add("1", "t", "n");
    put(80, false, true, false);
    ck_assert_uint_eq(out_size, strlen("ID  TITLE  NOTE\n") + 1000 * strlen("1   t      n\n"));
}
END_TEST

Suite *suite_table(void)
{
    Suite *s = suite_create("table");
    TCase *t = tcase_create("table");

    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, columns_are_as_wide_as_what_stands_in_them);
    tcase_add_test(t, a_column_that_says_nothing_is_left_out);
    tcase_add_test(t, wide_and_combining_characters_take_the_columns_that_they_take);
    tcase_add_test(t, the_widest_is_cut_and_an_id_never);
    tcase_add_test(t, a_wide_character_is_not_cut_in_half);
    tcase_add_test(t, nothing_moves_the_cursor);
    tcase_add_test(t, titles_are_bold_where_that_is_wanted);
    tcase_add_test(t, a_record_has_a_line_a_field);
    tcase_add_test(t, a_sentence_stands_under_its_row_and_is_not_cut);
    tcase_add_test(t, many_rows_have_room);
    suite_add_tcase(s, t);
    return s;
}
