#include <stdio.h>
#include <string.h>

#include "daemon/base/fault.h"
#include "tests/support/unit.h"
#include "tests/unit/base/suites.h"

START_TEST(every_error_has_a_text_of_its_own)
{
    static const int errors[] = {
#define X(name, value, text) name,
        TGC_ERRORS(X)
#undef X
    };
    enum { N = sizeof(errors) / sizeof(errors[0]) };

    for (size_t i = 0; i < N; i++) {
        ck_assert_int_lt(errors[i], 0);
        for (size_t j = 0; j < i; j++)
            ck_assert_str_ne(tgc_err_text(errors[i]), tgc_err_text(errors[j]));
    }
    ck_assert_str_eq(tgc_err_text(0), "no error");
    ck_assert_str_eq(tgc_err_text(-9999), "unknown error");
}
END_TEST

START_TEST(set_returns_the_error_and_takes_no_fault_too)
{
    struct fault f;

    fault_clear(&f);
    fault_clear(NULL);
    ck_assert_int_eq(fault_set(&f, TGC_EINVAL, "not %d", 7), TGC_EINVAL);
    ck_assert_int_eq(f.err, TGC_EINVAL);
    ck_assert_str_eq(f.text, "not 7");
    ck_assert_int_eq(fault_set(NULL, TGC_EIO, "x"), TGC_EIO);
    ck_assert_int_eq(fault_at_offset(NULL, TGC_EIO, 1, "x"), TGC_EIO);
    ck_assert_int_eq(fault_at_line(NULL, TGC_EIO, 1, 2, "x"), TGC_EIO);
    ck_assert_int_eq(fault_at_offset(&f, TGC_ETRUNCATED, 12, "y"), TGC_ETRUNCATED);
    ck_assert_uint_eq(f.offset, 12);
    ck_assert_int_eq(fault_at_line(&f, TGC_ESYNTAX, 3, 4, "z"), TGC_ESYNTAX);
    ck_assert_uint_eq(f.line, 3);
    ck_assert_uint_eq(f.column, 4);
}
END_TEST

START_TEST(a_long_text_is_cut_between_characters)
{
    struct fault f = {0};
    char text[400] = "";

    /* An odd byte first, so that the two-byte letters straddle the end. */
    strcat(text, "x");
    for (int i = 0; i < 190; i++)
        strcat(text, "\xc3\xa9");
    fault_set(&f, TGC_EINVAL, "%s", text);
    ck_assert_uint_eq(strlen(f.text), FAULT_TEXT_MAX - 1);
    fault_set(&f, TGC_EINVAL, "%s", text + 1);
    ck_assert_uint_eq(strlen(f.text), FAULT_TEXT_MAX - 2);
}
END_TEST

START_TEST(paths_grow_from_the_inside_out_and_are_escaped)
{
    struct fault f = {0};

    fault_path_member(&f, "a/b~c");
    fault_path_index(&f, 10);
    fault_path_member(&f, "users");
    ck_assert_str_eq(f.path, "/users/10/a~1b~0c");
    fault_path_member(NULL, "x");
    fault_path_index(NULL, 1);
}
END_TEST

START_TEST(a_path_that_no_longer_fits_keeps_its_inner_end)
{
    struct fault f = {0};

    fault_path_member(&f, "innermost");
    for (int i = 0; i < 100; i++)
        fault_path_member(&f, "member");
    ck_assert_uint_lt(strlen(f.path), FAULT_PATH_MAX);
    ck_assert_int_eq(strncmp(f.path, "\xe2\x80\xa6/member", 10), 0);
    ck_assert_ptr_nonnull(strstr(f.path, "/member/innermost"));
    fault_path_index(&f, 1);
    ck_assert_int_eq(strncmp(f.path, "\xe2\x80\xa6/member", 10), 0);
}
END_TEST

START_TEST(the_mark_of_a_cut_path_finds_room_in_a_full_one)
{
    for (size_t last = 1; last < 12; last++) {
        struct fault f = {0};
        char name[12] = "";

        memset(name, 'n', last);
        for (int i = 0; i < 22; i++)
            fault_path_member(&f, "0123456789"); /* 242 bytes */
        fault_path_member(&f, name);
        fault_path_member(&f, "outermost");
        fault_path_member(&f, "o");
        ck_assert_uint_lt(strlen(f.path), FAULT_PATH_MAX);
        ck_assert_int_eq(strncmp(f.path, "\xe2\x80\xa6/", 4), 0);
        ck_assert_ptr_nonnull(strstr(f.path, "/0123456789/0123456789"));
    }
}
END_TEST

Suite *suite_fault(void)
{
    Suite *s = suite_create("fault");
    TCase *t = tcase_create("fault");

    tcase_add_test(t, every_error_has_a_text_of_its_own);
    tcase_add_test(t, set_returns_the_error_and_takes_no_fault_too);
    tcase_add_test(t, a_long_text_is_cut_between_characters);
    tcase_add_test(t, paths_grow_from_the_inside_out_and_are_escaped);
    tcase_add_test(t, a_path_that_no_longer_fits_keeps_its_inner_end);
    tcase_add_test(t, the_mark_of_a_cut_path_finds_room_in_a_full_one);
    suite_add_tcase(s, t);
    return s;
}
