#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/file.h"
#include "daemon/base/file_read.h"
#include "tests/support/temp.h"
#include "tests/support/unit.h"
#include "tests/unit/base/suites.h"

static void expect_file(const char *path, const char *want)
{
    size_t len;
    char *text = unit_read_file(path, &len);
    struct stat st;

    ck_assert_uint_eq(len, strlen(want));
    ck_assert_mem_eq(text, want, len);
    free(text);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_uint_eq(st.st_mode & 07777, 0600);
}

static char path[4096], beside[4096], target[4096];

static void set_up(void)
{
    snprintf(path, sizeof(path), "%s", temp_path("f"));
    snprintf(beside, sizeof(beside), "%s", temp_path("f.new"));
    snprintf(target, sizeof(target), "%s", temp_path("target"));
}

START_TEST(a_file_is_made_and_replaced_whole)
{
    struct fault fault = {0};

    ck_assert_int_eq(file_replace(path, "first, and long", 15, &fault), 0);
    expect_file(path, "first, and long");
    /* What was left half done, or put there by somebody else, is not written through. */
    ck_assert_int_eq(symlink(target, beside), 0);
    ck_assert_int_eq(file_replace(path, "second", 6, &fault), 0);
    expect_file(path, "second");
    ck_assert_int_ne(access(target, F_OK), 0);
    ck_assert_int_ne(access(beside, F_OK), 0);
    ck_assert_int_eq(unlink(path), 0);
}
END_TEST

START_TEST(a_file_is_read_whole_or_not_at_all)
{
    struct fault fault = {0};
    size_t len = 7;

    ck_assert_int_eq(file_replace(path, "a\0b", 3, &fault), 0);
    char *text = file_read(path, 3, &len);
    ck_assert_uint_eq(len, 3);
    ck_assert_mem_eq(text, "a\0b", 4);
    free(text);
    ck_assert_ptr_null(file_read(path, 2, &len));
    ck_assert_int_eq(errno, EFBIG);
    ck_assert_int_eq(file_replace(path, "", 0, &fault), 0);
    text = file_read(path, 0, &len);
    ck_assert_uint_eq(len, 0);
    ck_assert_str_eq(text, "");
    free(text);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_ptr_null(file_read(path, 9, &len));
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_ptr_null(file_read(path, 9, &len));
    ck_assert_int_eq(errno, EINVAL);
    ck_assert_int_eq(unlink(path), 0);
}
END_TEST

START_TEST(what_cannot_be_written_is_a_fault_and_leaves_nothing)
{
    struct fault fault = {0};

    ck_assert_int_eq(file_replace(temp_path("none/f"), "x", 1, &fault), TGC_ESYSTEM);
    ck_assert_ptr_nonnull(strstr(fault.text, "none/f: No such file"));
    ck_assert_int_eq(mkdir(path, 0700), 0); /* a folder is no file to replace */
    ck_assert_int_eq(file_replace(path, "x", 1, &fault), TGC_ESYSTEM);
    ck_assert_int_ne(access(beside, F_OK), 0);
    ck_assert_int_eq(rmdir(path), 0);
}
END_TEST

/* NFS and others say so. */
static bool cannot_rename_so;
int __real_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);

int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    if (!cannot_rename_so)
        return __real_renameat2(from_dir, from, to_dir, to, flags);
    errno = EINVAL;
    return -1;
}

START_TEST(a_new_name_is_nobody_elses_on_any_file_system)
{
    struct fault fault = {0};

    cannot_rename_so = _i;
    ck_assert_int_eq(file_replace(path, "mine", 4, &fault), 0);
    ck_assert_int_eq(file_name_new(path, target), 0);
    expect_file(target, "mine");
    ck_assert_int_ne(access(path, F_OK), 0);
    ck_assert_int_eq(file_replace(path, "other", 5, &fault), 0);
    ck_assert_int_eq(file_name_new(path, target), -1);
    ck_assert_int_eq(errno, EEXIST);
    expect_file(target, "mine");
    expect_file(path, "other");
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(unlink(target), 0);
}
END_TEST

Suite *suite_file(void)
{
    Suite *s = suite_create("file");
    TCase *t = tcase_create("file");

    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, set_up, NULL);
    tcase_add_test(t, a_file_is_made_and_replaced_whole);
    tcase_add_test(t, a_file_is_read_whole_or_not_at_all);
    tcase_add_test(t, what_cannot_be_written_is_a_fault_and_leaves_nothing);
    tcase_add_loop_test(t, a_new_name_is_nobody_elses_on_any_file_system, 0, 2);
    suite_add_tcase(s, t);
    return s;
}
