#include <string.h>

#include "daemon/base/layer_line.h"
#include "tests/support/unit.h"
#include "tests/unit/base/suites.h"

START_TEST(the_layer_is_read_whatever_blanks_there_are)
{
    static const struct {
        const char *text;
        int layer;
    } cases[] = {
        {" LAYER 214", 214},
        {"LAYER 214", 214},
        {"  LAYER  190", 190},
        {"\tLAYER\t7", 7},
        {" LAYER 214\r", 214},
        {" LAYER 214 and so", 214},
        {" LAYER214", 0},
        {" LAYER 12a", 0},
        {" LAYER ", 0},
        {" LAYER", 0},
        {" layer 214", 0},
        {" LAYERS 214", 0},
        {"", 0},
        {" LAYER 1000000", 1000000},
        {" LAYER 1000001", 0},
        {" LAYER 99999999999999999999", 0},
        {" LAYER -1", 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        ck_assert_msg(layer_of_comment(cases[i].text, strlen(cases[i].text)) == cases[i].layer, "'%s'", cases[i].text);
}
END_TEST

START_TEST(how_a_text_starts_is_told_apart)
{
    ck_assert_int_eq(text_start_of("", 0), TEXT_PLAIN);
    ck_assert_int_eq(text_start_of("a", 1), TEXT_PLAIN);
    ck_assert_int_eq(text_start_of("\xef\xbb\xbf", 3), TEXT_BOM);
    ck_assert_int_eq(text_start_of("\xef\xbb", 2), TEXT_PLAIN);
    ck_assert_int_eq(text_start_of("\xff\xfe/", 3), TEXT_UTF16);
    ck_assert_int_eq(text_start_of("\xfe\xff", 2), TEXT_UTF16);
}
END_TEST

Suite *suite_layer_line(void)
{
    Suite *s = suite_create("layer_line");
    TCase *t = tcase_create("layer_line");

    tcase_add_test(t, the_layer_is_read_whatever_blanks_there_are);
    tcase_add_test(t, how_a_text_starts_is_told_apart);
    suite_add_tcase(s, t);
    return s;
}
